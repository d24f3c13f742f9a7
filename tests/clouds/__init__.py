"""Clouds that are played: provider plugins for tests on the real engine."""
