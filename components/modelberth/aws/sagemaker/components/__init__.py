"""Inference components: several models on shared instances, down to none."""
