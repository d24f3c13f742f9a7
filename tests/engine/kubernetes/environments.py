"""The environment `kubernetes` of this repository in a cluster, as its tests and those of kills hold it."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from clouds.kubernetes.contents import contents
from clouds.wire import type_of
from kubernetes_workspace import KubernetesWorkspace, WorkspaceFactory

from cluster.api import Api, Manifest
from modelberth.stack.files import read_yaml

ADDONS = ("cert-manager", "envoy-gateway", "gateway-api", "keda", "kserve", "knative-serving", "prometheus-operator")
"""What the stack's foundation names, as far as it brings definitions."""

ROUTE = ("gateway.networking.k8s.io/v1", "HTTPRoute")
Workspace = KubernetesWorkspace
Installed = Callable[..., list[str]]


def alone(workspaces: WorkspaceFactory, service: str, **words: Any) -> Workspace:
    """The environment with one of its services only."""
    place = workspaces(**words)
    content = json.loads(json.dumps(read_yaml(place.config)))
    stack = content["config"]["modelberth:stack"]
    stack["services"] = {service: stack["services"][service]}
    place.config.write_text(yaml.safe_dump(content))
    place.rollouts.write_text(yaml.safe_dump({service: dict(read_yaml(place.rollouts)[service])}))
    return place


def known(place: Workspace) -> list[str]:
    """`Kind/name` of each object in the namespace that the stack knows, in order; one that is known twice twice."""
    found = [one for one in place.state()["deployment"].get("resources", []) if type_of(one["urn"]).startswith("kuber")]
    return sorted(
        f"{type_of(one['urn']).rpartition(':')[2]}/{one['id'].rpartition('/')[2]}" for one in found if "/" in one["id"]
    )


def standing(place: Workspace, api: Api) -> list[str]:
    """`Kind/name` of each object in the namespace that nothing else in the cluster has made, in order."""
    return contents(api, place.namespace, owned=False)


def weights(place: Workspace, api: Api, service: str) -> list[Mapping[str, int]]:
    """Of each rule of each route of a service: version to its weight."""
    routes = [one for one in api.list(*ROUTE, place.namespace) if one["metadata"]["name"].startswith(service)]
    rules = [rule["backendRefs"] for route in routes for rule in route["spec"]["rules"] if "backendRefs" in rule]
    versions = {one["metadata"]["name"]: version_of(one) for one in api.list("v1", "Service", place.namespace)}
    return [{versions[one["name"]]: one.get("weight", 1) for one in rule} for rule in rules]


def version_of(found: Manifest) -> str:
    """Of which version of a model an object is; empty for one of all of them."""
    return found["metadata"].get("labels", {}).get("modelberth.dev/version", "")


def ready(place: Workspace, api: Api) -> dict[str, int]:
    """Version to its number of ready pods, of the Deployments that the program has made."""
    found = api.list("apps/v1", "Deployment", place.namespace)
    own = [one for one in found if "ownerReferences" not in one["metadata"]]
    return {version_of(one): one["status"].get("readyReplicas", 0) for one in own}


def keys_in_cluster(place: Workspace, api: Api, service: str) -> dict[str, str]:
    """Client to its API key, as the gateway is told."""
    found = api.get("v1", "Secret", f"{service}-api-keys", place.namespace)
    return {client: base64.b64decode(key).decode() for client, key in found["data"].items()}
