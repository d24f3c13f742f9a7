"""Models on small boxes (k3s): offline starts, little memory, metrics that wait, versions that are carried there."""
