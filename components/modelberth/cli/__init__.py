"""The `modelberth` command."""
