"""The vocabulary that every target shares, and the mechanism beneath it. Knows no provider SDK."""
