"""Writes what the documentation repeats from the code: `make docs`."""
