"""`SeldonServer`: pods of Seldon Core 2 on which models are placed."""

from typing import Annotated, Any, Self

import pulumi
from pydantic import AfterValidator, Field, model_validator

from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.kubernetes.accelerators import Devices, placement, requested
from modelberth.kubernetes.foundation import Foundation, needs, place_of
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.manifest import VERSION, Manifest, Place, labels_of, manifest, selector
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.peers import dns_rule, egress_rule, tunnel_of
from modelberth.kubernetes.pods import hardened_pod, spread
from modelberth.kubernetes.quantities import Resources, requirements
from modelberth.kubernetes.seldon.artifacts import brought, implementation_of
from modelberth.kubernetes.seldon.hardening import ITS_OWN, contained
from modelberth.kubernetes.seldon.v2.mesh import OWN, READY

BESIDE = ("agent", "rclone")
"""Containers that Seldon has in every server's pod: one talks to the scheduler, one fetches models.
Source: https://docs.seldon.ai/seldon-core-2/installation/advanced-configurations/serverconfig"""

Replicas = Annotated[int, Field(ge=1, le=2**31 - 1)]
Capabilities = tuple[Annotated[str, Field(min_length=1)], ...]


def of_version_2(runtime: str) -> str:
    """A server of Seldon Core 2. Raises `ValueError` for any other."""
    brought(runtime, "seldon-core-2")
    return runtime


def number(replicas: int, most: int | None) -> Manifest:
    """How many there are. Pure. With bounds Seldon moves the number, and the one that is stated is where it begins."""
    bounds = {} if most is None else {"minReplicas": replicas, "maxReplicas": most}
    return {"replicas": replicas, **bounds}


def bounds_fault(replicas: int, most: int | None) -> str:
    """Why a floor and a ceiling cannot be; empty where they can."""
    if most is None or replicas < most:
        return ""
    return f"max_replicas is {most}, and replicas {replicas} is not below it; raise it, or leave it out"


class ServerShape(Config):
    """What the pods of a server are given. They are hardened, but that Seldon's images write to their own root."""

    resources: Resources
    """Cores and memory of the container that serves; all models on it share them."""

    devices: Devices | None = None
    """Accelerators. Left out: none."""

    image: In[ImageRef] | None = None
    """Image of the container that serves, by digest. Left out: Seldon's, which whoever installed it chose."""

    capabilities: Capabilities = ()
    """What models may require of it, in place of what Seldon says. Left out: Seldon's own list.
    Source: https://docs.seldon.ai/seldon-core-2/user-guide/servers"""

    extra_capabilities: Capabilities = ()
    """What models may require of it, beside what Seldon says. Left out: nothing more."""

    user: Annotated[int, Field(ge=1000, le=2**31 - 1)] = 1000
    """The user, and the group, as which all of its containers run. Left out: 1000, which MLServer's image wants; see
    `Prepackaged.user`."""

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if self.capabilities and self.extra_capabilities:
            raise ValueError("capabilities and extra_capabilities are both given; give one of them")
        return self


class SeldonServerArgs(Config):
    """One server of one's own, beside those that Seldon is installed with."""

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`. Its add-ons name seldon-core-2."""

    runtime: Annotated[str, AfterValidator(of_version_2)] = "seldon-v2-mlserver"
    """What it runs: `seldon-v2-mlserver` or `seldon-v2-triton`. Left out: MLServer."""

    shape: ServerShape
    """What its pods are given."""

    replicas: Replicas = 1
    """Its pods; with `max_replicas` the fewest. Left out: 1."""

    max_replicas: Replicas | None = None
    """The most, as models need them; unless Seldon is installed so that it scales no servers
    (`autoscaling.autoscalingServerEnabled`). Left out: `replicas` holds.
    Source: https://docs.seldon.ai/seldon-core-2/user-guide/scaling"""

    labels: Labels | None = None
    """Who owns it. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = [
            needs(self.foundation, "seldon-core-2", "a Server"),
            bounds_fault(self.replicas, self.max_replicas),
        ]
        if any(wrong):
            raise ValueError("; ".join(filter(None, wrong)))
        return self


class SeldonServer(Component):
    """A server on which Seldon Core 2 places models that require what it can do, or that name it."""

    resource_id: pulumi.Output[str]
    """`<namespace>/<server>`."""

    def __init__(
        self, name: str, args: SeldonServerArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = SeldonServerArgs.parse(args, name)
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        made = server_objects(args, name)
        own = made.pop(name)
        before = create(made, self.child())
        create({name: own}, self.child(depends_on=list(before.values())))
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.register_outputs({"resource_id": self.resource_id})


def server_objects(args: SeldonServerArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that a server makes. Pure."""
    place = place_of(args.foundation, name, args.labels)
    scaling = number(args.replicas, args.max_replicas)
    return {
        f"{name}-network": server_policy(args.foundation, place),
        name: server(name, place, args.runtime, args.shape, scaling),
    }


def server(
    name: str, place: Place, runtime: str, shape: ServerShape, scaling: Manifest, version: str | None = None
) -> Manifest:
    """A Server; `version` is that of the only model that it is for. Pure.

    What its labels are, those of its pods are too.
    Source: SeldonIO/seldon-core operator/controllers/reconcilers/server/statefulset_reconciler.go, toStatefulSet
    """
    lists = {"capabilities": shape.capabilities, "extraCapabilities": shape.extra_capabilities}
    spec = {
        "serverConfig": implementation_of(runtime),
        **{word: list(names) for word, names in lists.items() if names},
        "podSpec": _pod(place, runtime, shape, version),
        **scaling,
    }
    made = manifest("Server", name, place, READY, spec=spec)
    labels = {**labels_of(place), **({} if version is None else {VERSION: version})}
    return {**made, "metadata": {**made["metadata"], "labels": labels}}


def _pod(place: Place, runtime: str, shape: ServerShape, version: str | None) -> Manifest:
    """What is laid over the pod of Seldon's ServerConfig, containers by their names. It keeps Seldon's own service
    account, with which the agent reads where models are fetched from."""
    serves = {
        "name": implementation_of(runtime),
        **({} if shape.image is None else {"image": shape.image}),
        "resources": requirements(shape.resources, requested(shape.devices)),
        "securityContext": contained(shape.user, ITS_OWN),
    }
    beside = [{"name": name, "securityContext": contained(shape.user, ITS_OWN)} for name in BESIDE]
    return {
        "securityContext": hardened_pod(shape.user),
        "containers": [serves, *beside],
        "topologySpreadConstraints": spread(selector(place, version)),
        **placement(shape.devices),
    }


def server_policy(foundation: Foundation, place: Place) -> Manifest:
    """Who talks to the pods of a server: those of Seldon, in the same namespace. It reaches them, and the models."""
    tunnel = tunnel_of(foundation.mesh)
    spec = {
        "podSelector": {"matchLabels": selector(place)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [dict(OWN)]}],
        "egress": [
            {"to": [dict(OWN)]},
            dns_rule(foundation.cluster.dns),
            *(egress_rule(reached, tunnel) for reached in foundation.models.egress),
        ],
    }
    return manifest("NetworkPolicy", place.instance, place, spec=spec)
