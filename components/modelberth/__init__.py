"""Typed Pulumi components that deploy machine-learning models."""

__version__ = "0.1.0"
