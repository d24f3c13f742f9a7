"""A stand-in for Pulumi's Kubernetes provider: a plugin for the real engine that talks to a real API server.

`pulumi-resource-kubernetes` in this folder is the plugin. It does what pulumi-kubernetes 4.34 does, as its sources and
pages say; where it differs, the module says so. The folder named by MODELBERTH_STAND_IN_KUBERNETES holds `faults.json`:
what shall go wrong. Helm releases, YAML files, Patch resources, client-side apply and rendering to files are refused.
Never part of the shipped package.
"""
