"""Creates what a manifest says: one Pulumi resource for each object, whatever its kind."""

import importlib.metadata
from collections.abc import Mapping
from functools import cache
from typing import Any

import pulumi

from modelberth.kubernetes.manifest import Manifest

SECRET_OUTPUTS = {"Secret": ["data", "stringData"]}
"""What of a kind is secret even where it was given in plain text, as pulumi_kubernetes has it."""


class ApiObject(pulumi.CustomResource):
    """One object of the Kubernetes API.

    It has the type token that `pulumi_kubernetes` gives to its kind (`kubernetes:apps/v1:Deployment`), so the engine,
    the state and policies see no difference; but a manifest need not be taken apart into a class of its own first.
    """

    metadata: pulumi.Output[Any]
    """Name, namespace, labels and annotations, as the API server has them."""

    def __init__(self, name: str, manifest: Manifest, opts: pulumi.ResourceOptions | None = None) -> None:
        fixed = pulumi.ResourceOptions(
            version=_sdk_version(), additional_secret_outputs=SECRET_OUTPUTS.get(manifest["kind"])
        )
        super().__init__(token_of(manifest), name, dict(manifest), pulumi.ResourceOptions.merge(opts, fixed))


def token_of(manifest: Manifest) -> str:
    """The type token of an object: `kubernetes:core/v1:Service`."""
    version = manifest["apiVersion"]
    return f"kubernetes:{version if '/' in version else f'core/{version}'}:{manifest['kind']}"


@cache
def _sdk_version() -> str:
    return importlib.metadata.version("pulumi-kubernetes")


def create(manifests: Mapping[str, Manifest], opts: pulumi.ResourceOptions) -> dict[str, ApiObject]:
    """Resource name to object, for each manifest."""
    return {name: ApiObject(name, manifest, opts) for name, manifest in manifests.items()}
