"""The control plane, for the tests of what is admitted."""

from cluster_fixtures import addons, api, cluster, namespace

__all__ = ["addons", "api", "cluster", "namespace"]
