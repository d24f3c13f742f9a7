"""The pod of a box: whatever it needs is there before it starts, and nothing is pulled. Pure."""

from typing import Any

from modelberth.kubernetes.edge.config import EdgeEndpointArgs
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.manifest import Manifest, Place, manifest, selector
from modelberth.kubernetes.model_files import VOLUME, ModelStore
from modelberth.kubernetes.pods import pod_template
from modelberth.kubernetes.server import progress_seconds

NEVER = "Never"
"""The kubelet takes an image that is there, or none: it asks no registry.
Source: https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy"""

NOWHERE = ModelStore(oci="nowhere.invalid/models")
"""Stands for a store where files are in the image of the server: its volume is taken out again."""


def deployment(args: EdgeEndpointArgs, place: Place) -> Manifest:
    """One pod, and never two: the old one goes before the new one comes, as there is memory for one."""
    placed = place.of(args.model.version)
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": selector(place)},
        "strategy": {"type": "Recreate"},
        "progressDeadlineSeconds": progress_seconds(args.server),
        "revisionHistoryLimit": 1,
        "template": _template(args, place),
    }
    return manifest("Deployment", place.instance, placed, spec=spec)


def _template(args: EdgeEndpointArgs, place: Place) -> Manifest:
    made = pod_template(args.server, args.model, _store(args), place, place.instance)
    spec = {field: value for field, value in made["spec"].items() if field != "topologySpreadConstraints"}
    volumes = [_held(volume) for volume in spec["volumes"]]
    if args.files == "image":
        volumes = [volume for volume in volumes if volume["name"] != VOLUME]
    containers = [_container(container, args) for container in spec["containers"]]
    return {**made, "spec": {**spec, "containers": containers, "volumes": volumes}}


def _store(args: EdgeEndpointArgs) -> Foundation:
    if args.files == "volume":
        return args.foundation
    return args.foundation.model_copy(update={"models": NOWHERE})


def _held(volume: dict[str, Any]) -> dict[str, Any]:
    """A volume; one that is an image is on the box already."""
    return {**volume, "image": {**volume["image"], "pullPolicy": NEVER}} if "image" in volume else volume


def _container(container: dict[str, Any], args: EdgeEndpointArgs) -> dict[str, Any]:
    mounts = [mount for mount in container["volumeMounts"] if args.files == "volume" or mount["name"] != VOLUME]
    return {**container, "imagePullPolicy": NEVER, "volumeMounts": mounts}
