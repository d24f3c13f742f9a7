"""Deployments of one's own: every part of it is plain Kubernetes."""
