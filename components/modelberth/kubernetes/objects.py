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
        super().__init__(token_of(manifest), name, _managed(manifest), pulumi.ResourceOptions.merge(opts, fixed))


MANAGER = {"pulumi.com/patchFieldManager": "modelberth"}
"""Who owns the fields that are set, for server-side apply. Left to the provider it is made up for each resource, and
what a cut-off run had set would have an owner of its own for ever.
Source: https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/"""


def _managed(manifest: Manifest) -> Manifest:
    metadata = manifest["metadata"]
    return {**manifest, "metadata": {**metadata, "annotations": {**metadata.get("annotations", {}), **MANAGER}}}


def token_of(manifest: Manifest) -> str:
    """The type token of an object: `kubernetes:core/v1:Service`."""
    version = manifest["apiVersion"]
    return f"kubernetes:{version if '/' in version else f'core/{version}'}:{manifest['kind']}"


@cache
def _sdk_version() -> str:
    return importlib.metadata.version("pulumi-kubernetes")


SCALERS = {"HorizontalPodAutoscaler": "scaleTargetRef", "ScaledObject": "scaleTargetRef"}
"""Kinds that set the number of another object's pods, and where they name it."""


def create(manifests: Mapping[str, Manifest], opts: pulumi.ResourceOptions) -> dict[str, ApiObject]:
    """Resource name to object, for each manifest. The number of pods of what is scaled is set once, and then left."""
    scaled = scaled_in(manifests)
    left = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["spec.replicas"]))
    return {
        name: ApiObject(name, manifest, left if (manifest["kind"], _name(manifest)) in scaled else opts)
        for name, manifest in manifests.items()
    }


def scaled_in(manifests: Mapping[str, Manifest]) -> set[tuple[str, str]]:
    """Kind and name of what one of the objects scales. Pure."""
    found = (each["spec"][SCALERS[each["kind"]]] for each in manifests.values() if each["kind"] in SCALERS)
    return {(reference["kind"], reference["name"]) for reference in found if isinstance(reference["name"], str)}


def _name(manifest: Manifest) -> str | None:
    """The name of an object, where it is known at once."""
    name = manifest["metadata"].get("name")
    return name if isinstance(name, str) else None
