"""`InferenceGraph`: the component, and its manifest."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

import pulumi
from pydantic import Field, model_validator

from modelberth.core.component import Component
from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, Fault
from modelberth.core.labels import Labels
from modelberth.kubernetes.foundation import Foundation, needs, place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.kserve.graph import GraphNode, GraphStep, graph_faults
from modelberth.kubernetes.kserve.predictor import limited
from modelberth.kubernetes.kserve.scalers import Ceiling, check_bounds
from modelberth.kubernetes.kserve.service import MODE
from modelberth.kubernetes.kserve.waiting import WAIT, patience
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.network import Callers, Ports, workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.peers import PodEgress
from modelberth.kubernetes.quantities import Resources, requirements

ROUTER_PORT = 8080
"""Where KServe's router answers. Source: kserve/kserve@v0.16.0:pkg/constants/constants.go, RouterPort."""


class InferenceGraphArgs(Config):
    """One graph, on plain Deployments: KServe's own router, which is reached in the cluster only.

    KServe gives the router no seccomp profile, so a namespace that enforces the restricted Pod Security Standard
    refuses its pods; it needs one that enforces `baseline`, or a cluster that adds the profile.
    Source: kserve/kserve@v0.16.0:pkg/controller/v1alpha1/inferencegraph/raw_ig.go.
    """

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`."""

    nodes: dict[DnsLabel, GraphNode]
    """The nodes by their names; requests begin at `root`."""

    resources: Resources = Resources(cpu=0.2, memory_gib=0.25)
    """Cores and memory of the router. Left out: a fifth of a core and 256 MiB."""

    min_replicas: Ceiling = 1
    """Floor of the router's pods. Left out: 1."""

    max_replicas: Ceiling = 1
    """Ceiling. Left out: 1."""

    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """How long a request may take. Left out: KServe's own."""

    ports: Annotated[tuple[Annotated[int, Field(ge=1, le=65535)], ...], Field(min_length=1)] = (ROUTER_PORT,)
    """The ports of the pods that it asks: a policy sees these, not their Services'. Left out: 8080."""

    callers: Callers = Callers()
    """Who in the cluster may ask it. Left out: the gateway only."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        check_bounds(self.min_replicas, self.max_replicas)
        found = [*graph_faults(self.nodes), needs(self.foundation, "kserve", "an InferenceGraph")]
        if any(found):
            raise ValueError("; ".join(filter(None, found)))
        return self


class InferenceGraph(Component):
    """A graph of InferenceServices of the same namespace."""

    url: pulumi.Output[str]
    """Address in the cluster."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<graph>`."""

    def __init__(
        self, name: str, args: InferenceGraphArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = InferenceGraphArgs.parse(args, name)
        objects = graph_objects(args, name)
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        graph = objects.pop(name)
        before = create(objects, self.child())
        waiting = self.child(depends_on=list(before.values()), custom_timeouts=patience(None))
        create({name: graph}, waiting)
        self.url = pulumi.Output.concat("http://", name, ".", place.namespace, ".svc")
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.register_outputs({"url": self.url, "resource_id": self.resource_id})


def graph_objects(args: InferenceGraphArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object. Pure. Raises `ConfigError` for a name that KServe does not take."""
    if not name[0].isalpha():
        raise ConfigError([Fault("name", "begins with a digit, and KServe wants a letter", "put one before it")], name)
    place = place_of(args.foundation, name, args.labels)
    services = PodEgress(namespace=str(place.namespace), ports=args.ports) if isinstance(place.namespace, str) else None
    return {
        f"{name}-account": service_account(place),
        f"{name}-network": _network(args, place, services),
        name: _graph(args, place),
    }


def _network(args: InferenceGraphArgs, place: Place, services: PodEgress | None) -> Manifest:
    """The router may ask pods of its own namespace, and nothing else."""
    asked = () if services is None else (services,)
    made = workload_policy(args.foundation, place, Ports((ROUTER_PORT,)), args.callers, egress=asked)
    if services is None:
        # The namespace's name comes late; without one, a peer is of the policy's own.
        made["spec"]["egress"].append(
            {"to": [{"podSelector": {}}], "ports": [{"protocol": "TCP", "port": port} for port in args.ports]}
        )
    return made


def _graph(args: InferenceGraphArgs, place: Place) -> Manifest:
    spec = {
        "nodes": {name: _node(node) for name, node in args.nodes.items()},
        "resources": limited(requirements(args.resources)),
        "minReplicas": args.min_replicas,
        "maxReplicas": args.max_replicas,
        "serviceAccountName": place.instance,
        **({} if args.timeout_seconds is None else {"timeout": args.timeout_seconds}),
    }
    return manifest("InferenceGraph", place.instance, place, {**WAIT, MODE: "Standard"}, spec=spec)


def _node(node: GraphNode) -> Manifest:
    return {"routerType": node.kind, "steps": [_step(step) for step in node.steps]}


WORDS: Mapping[str, str] = {
    "name": "name",
    "node": "nodeName",
    "service": "serviceName",
    "url": "serviceUrl",
    "data": "data",
    "weight": "weight",
    "condition": "condition",
    "dependency": "dependency",
}
"""Our field of a step to KServe's."""


def _step(step: GraphStep) -> Manifest:
    given = {word: getattr(step, field) for field, word in WORDS.items()}
    return {word: value for word, value in given.items() if value is not None}
