"""The namespace of an environment: pods are held to the restricted standard, and nobody talks to anybody unasked."""

import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render
from modelberth.kubernetes.encryption import SecretShape, secret
from modelberth.kubernetes.identity import WorkloadIdentity
from modelberth.kubernetes.manifest import API_VERSIONS, MANAGED_BY, Manifest, Place, manifest
from modelberth.kubernetes.mesh import namespace_labels, strict_peers
from modelberth.kubernetes.names import DnsLabel, DnsName, LabelKey, LabelValue
from modelberth.kubernetes.peers import Dns, Mesh, dns_rule
from modelberth.kubernetes.quantities import Cores, GiB, cores, mebibytes

POD_SECURITY = "pod-security.kubernetes.io/"
STANDARD, STANDARD_VERSION = "restricted", "latest"
"""Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/"""


def _device(name: str) -> str:
    if name.startswith("requests."):
        raise ValueError(f"write {name.removeprefix('requests.')}: the quota puts requests. before it itself")
    if not _DEVICE.fullmatch(name):
        raise ValueError("is no resource of a device plugin; write one like nvidia.com/gpu")
    return name


_DEVICE = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]+/[A-Za-z0-9][A-Za-z0-9._-]*")
Device = Annotated[str, AfterValidator(_device)]
"""A resource of a device plugin: `nvidia.com/gpu`."""


def _own(labels: dict[str, str]) -> dict[str, str]:
    taken = [key for key in labels if "kubernetes.io/" in key or "k8s.io/" in key or "istio" in key]
    if taken:
        raise ValueError(f"has {', '.join(taken)}, which Kubernetes, the mesh or this library sets; leave it out")
    return labels


class Quota(Config):
    """What all pods of a namespace may have together. A pod that goes beyond it, or does not say what it needs, is not
    made. Load balancers and ports of nodes are always none: requests come through the gateway."""

    cpu: Cores
    """Cores that may be asked for."""

    memory_gib: GiB
    """Memory that may be asked for, and be the limit."""

    pods: Annotated[int, Field(ge=1)] | None = None
    """How many there may be. Left out: as many as the cores and the memory allow."""

    devices: dict[Device, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """Devices by the name of their resource: `{nvidia.com/gpu: 4}`; 0: none. Left out: devices are not counted."""

    storage_gib: GiB | None = None
    """Room of persistent volumes. Left out: not counted."""


class ContainerLimits(Config):
    """What holds for a container that says nothing itself. Those of this library say all of it."""

    cpu: Cores | None = None
    """Cores that are kept for it. Left out: it must say it, where there is a quota."""

    memory_gib: GiB | None = None
    """Memory that it gets, and not more. Left out: as with cores."""

    most_memory_gib: GiB | None = None
    """The most that any container may have. Left out: what the quota allows. There is no such limit of cores:
    Kubernetes would make it the limit of each container that has none, and slow it down.
    Source: k8s.io/kubernetes@v1.34.2:pkg/apis/core/v1/defaults.go (SetDefaults_LimitRangeItem)"""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        memory, most = self.memory_gib, self.most_memory_gib
        if self.cpu is None and memory is None and most is None:
            raise ValueError("says nothing; write cpu, memory_gib or both, or leave it out")
        if most is not None and memory is None:
            raise ValueError(
                "most_memory_gib is given, so that who says nothing would get the most; write memory_gib too"
            )
        if most is not None and memory is not None and memory > most:
            raise ValueError(f"memory_gib is {memory:g}, allowed are most_memory_gib, {most:g}, at most; lower it")
        return self


class NamespaceRef(Config):
    """A namespace that is there already."""

    existing: In[DnsLabel]
    """Its name."""

    mesh: Mesh | None = None
    """How its pods are in an Istio mesh. Left out: not at all."""

    identity: WorkloadIdentity | None = None
    """Whom its services are at the cloud. Left out: nobody."""


class NamespaceShape(Config):
    """A namespace that is made."""

    name: DnsLabel
    """Its name."""

    quota: Quota | None = None
    """What its pods may have together; `containers.memory_gib` goes with it. Left out: whatever the cluster has."""

    containers: ContainerLimits | None = None
    """What holds for containers that say nothing. Left out: nothing."""

    labels: Annotated[dict[LabelKey, LabelValue], AfterValidator(_own)] = Field(default_factory=dict)
    """Labels of your own. Left out: none."""

    mesh: Mesh | None = None
    """How its pods are in an Istio mesh; then all of them speak mutual TLS only. Left out: not at all."""

    identity: WorkloadIdentity | None = None
    """Whom its services are at the cloud. Left out: nobody."""

    secrets: dict[DnsName, SecretShape] = Field(default_factory=dict)
    """Secrets that stand in it, by name: those of `pull_secrets` and of the models' credentials. Left out: none."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        fault = _too_much(self.quota, self.containers) or _unlimited(self.quota, self.containers)
        if fault:
            raise ValueError(fault)
        return self


def _too_much(quota: Quota | None, containers: ContainerLimits | None) -> str:
    if quota is None or containers is None:
        return ""
    wanted = {
        "containers.cpu": (containers.cpu, quota.cpu, "cpu"),
        "containers.memory_gib": (containers.memory_gib, quota.memory_gib, "memory_gib"),
        "containers.most_memory_gib": (containers.most_memory_gib, quota.memory_gib, "memory_gib"),
    }
    for field, (one, all_, of) in wanted.items():
        if one is not None and one > all_:
            return f"{field} is {one:g}, and the quota of all pods together is {all_:g}; lower it, or raise quota.{of}"
    return ""


def _unlimited(quota: Quota | None, containers: ContainerLimits | None) -> str:
    """A quota of limits refuses every pod of which one container has none; not every container is of this library.

    Sources: https://kubernetes.io/docs/concepts/policy/resource-quotas/ and
    knative.dev/serving@v0.47.0:config/core/configmaps/deployment.yaml, queue-sidecar-memory-limit
    """
    if quota is None or (containers is not None and containers.memory_gib is not None):
        return ""
    others = "a container that says nothing, as Knative puts beside each model server"
    return f"quota is given without containers.memory_gib, and {others}, would not be made; write it, 0.5 as a rule"


def namespace_objects(name: str, shape: NamespaceShape, labels: Labels | None) -> dict[str, Manifest]:
    """Resource name to object: the namespace itself, before what `guard_objects` puts into it. Pure."""
    rendered = {} if labels is None else render(labels, "kubernetes")
    security = {f"{POD_SECURITY}{mode}": STANDARD for mode in ("enforce", "audit", "warn")}
    versions = {f"{mode}-version": STANDARD_VERSION for mode in security}
    own = {**rendered, **shape.labels, **MANAGED_BY, **namespace_labels(shape.mesh)}
    metadata = {"name": shape.name, "labels": {**own, **security, **versions}}
    return {name: {"apiVersion": API_VERSIONS["Namespace"], "kind": "Namespace", "metadata": metadata}}


def guard_objects(name: str, shape: NamespaceShape, place: Place, dns: Dns) -> dict[str, Manifest]:
    """Resource name to object, for what must stand in a namespace before anything else does. Pure."""
    made = {f"{name}-default-deny": default_deny(place, dns)}
    if shape.quota is not None:
        made[f"{name}-quota"] = manifest("ResourceQuota", "quota", place, spec={"hard": _hard(shape.quota)})
    if shape.containers is not None:
        made[f"{name}-limits"] = manifest("LimitRange", "limits", place, spec={"limits": [_limits(shape.containers)]})
    if shape.mesh is not None:
        made[f"{name}-peers"] = strict_peers(place)
    return made | {f"{name}-secret-{key}": secret(key, given, place) for key, given in shape.secrets.items()}


def default_deny(place: Place, dns: Dns) -> Manifest:
    """The policy of every pod that no other policy names: it may ask for names, and nothing else. Pure."""
    spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": [], "egress": [dns_rule(dns)]}
    return manifest("NetworkPolicy", "default-deny", place, spec=spec)


def _hard(quota: Quota) -> Mapping[str, str]:
    """Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/"""
    memory = mebibytes(quota.memory_gib)
    devices = {f"requests.{resource}": str(count) for resource, count in quota.devices.items()}
    return {
        "requests.cpu": cores(quota.cpu),
        "requests.memory": memory,
        "limits.memory": memory,
        "services.loadbalancers": "0",
        "services.nodeports": "0",
        **({} if quota.pods is None else {"pods": str(quota.pods)}),
        **({} if quota.storage_gib is None else {"requests.storage": mebibytes(quota.storage_gib)}),
        **devices,
    }


def _limits(containers: ContainerLimits) -> Manifest:
    """Source: https://kubernetes.io/docs/concepts/policy/limit-range/"""
    cpu = {} if containers.cpu is None else {"cpu": cores(containers.cpu)}
    memory = {} if containers.memory_gib is None else {"memory": mebibytes(containers.memory_gib)}
    most = containers.most_memory_gib
    parts = {
        "default": memory,
        "defaultRequest": {**cpu, **memory},
        "max": {} if most is None else {"memory": mebibytes(most)},
    }
    return {"type": "Container", **{name: part for name, part in parts.items() if part}}
