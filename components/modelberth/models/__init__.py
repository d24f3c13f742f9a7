"""Resolves a reference to a model: which registry, which semantic version, which digest."""
