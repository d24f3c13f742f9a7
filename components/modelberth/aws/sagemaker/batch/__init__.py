"""Scheduled batch transform."""
