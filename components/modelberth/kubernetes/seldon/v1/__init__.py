"""Seldon Core 1: a graph of containers for each version, and a Service before each."""
