"""The provider's configuration: which cluster, which namespace, what it may do to objects that are there already."""

import os
from collections.abc import Mapping
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from clouds.wire import RefusedError

from .api import Api, UnreachableError
from .kubeconfig import cluster, decoded
from .objects import DEFAULT_NAMESPACE

SWITCHES = {
    "deleteUnreachable": "PULUMI_K8S_DELETE_UNREACHABLE",
    "enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
    "enablePatchForce": "PULUMI_K8S_ENABLE_PATCH_FORCE",
    "enableSecretMutable": "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
    "skipUpdateUnreachable": "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE",
    "upsertExistingObjects": "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
}
"""What is either true or false, and the variable that says it where the program does not.

https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/#configuration-options
"""
WORDS = (*SWITCHES, "cluster", "clusterIdentifier", "context", "kubeconfig", "namespace")
IGNORED = ("suppressDeprecationWarnings", "suppressHelmHookWarnings", "kubeClientSettings", "version")
ON_SERVER = "enableServerSideApply"


class Settings(dict[str, Any]):
    """The configuration, decoded, with every switch on or off."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        found = {name: decoded(value) for name, value in config.items()}
        switches = {name: _on(found.get(name), variable) for name, variable in SWITCHES.items()}
        super().__init__({**found, **switches})

    @property
    def namespace(self) -> str | None:
        """The namespace of objects that name none; None: the context's."""
        return self.get("namespace") or None

    @property
    def server(self) -> str | None:
        """Where the cluster is; None where that is not known (yet)."""
        try:
            return cluster(self.get("kubeconfig"), self.get("context"), self.get("cluster")).server
        except RefusedError:
            return None


def _on(value: Any, variable: str) -> bool:
    return bool(value) if value is not None else os.environ.get(variable, "").lower() == "true"


def faults(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with a configuration: words that do not exist or that the stand-in does not know."""
    unknown = [name for name in config if name not in {*WORDS, *IGNORED, ON_SERVER}]
    found = [(name, f"{name}: the stand-in knows no such setting; it knows {', '.join(WORDS)}") for name in unknown]
    if decoded(config.get(ON_SERVER)) is False:
        found.append((ON_SERVER, f"{ON_SERVER}: the stand-in applies on the server only; leave it out"))
    return found


def connected(settings: Settings) -> tuple[Api | None, str, str]:
    """The cluster, the namespace of objects that name none, and why there is no cluster to talk to."""
    namespace = settings.namespace or DEFAULT_NAMESPACE
    if UNKNOWN in (settings.get("kubeconfig"), settings.get("context"), settings.get("cluster")):
        return None, namespace, "the kubeconfig is not known yet"
    try:
        found = cluster(settings.get("kubeconfig"), settings.get("context"), settings.get("cluster"))
        api = Api(found)
        api.version()
    except UnreachableError as fault:
        return None, namespace, str(fault)
    except RefusedError as fault:
        return None, namespace, f"unable to load Kubernetes client configuration: {fault}"
    return api, settings.namespace or found.namespace, ""
