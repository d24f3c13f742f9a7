"""`EdgeEndpoint`: a model on a small box that starts, and starts again, without a network."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.core.traffic import WHOLE
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.edge.config import EdgeEndpointArgs
from modelberth.kubernetes.edge.forwarding import forwarding_objects
from modelberth.kubernetes.edge.workload import deployment
from modelberth.kubernetes.foundation import Foundation, place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.manifest import Manifest, Place, selector
from modelberth.kubernetes.mesh import mesh_objects
from modelberth.kubernetes.network import workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.services import PORTS, address, service
from modelberth.runtimes import load


class EdgeEndpoint(Component):
    """One model on one box: one pod, replaced in place, with an interruption while the next version loads.

    Where Pulumi reaches the box it makes the objects itself. Where it does not, `bundle_of(objects_of(…))` makes of
    them what is carried there.
    """

    url: pulumi.Output[str]
    """Address in the cluster: `http://ranker.models.svc:80`."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<service>`."""
    versions: pulumi.Output[dict[str, int]]
    """The one version, at 100 percent."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Empty: what is forwarded is asked for where it arrives."""
    protocols: tuple[str, ...]
    """What its model server speaks."""
    traffic_control: TrafficControl = "stepped"
    """Whoever edits the rollouts file changes the version."""
    api_keys: pulumi.Output[dict[str, str]]
    """Empty: keys are the front door's."""
    ca_certificate_file: pulumi.Output[str] | None = None
    """None: inside the cluster it speaks plain HTTP, or what the mesh makes of it."""
    backends: Mapping[str, Backend]
    """The one version to what answers for it, for a route."""

    def __init__(
        self, name: str, args: EdgeEndpointArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = EdgeEndpointArgs.parse(args, name)
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        before = create(surroundings(args, place), self.child())
        create(serving(args, place), self.child(depends_on=list(before.values())))
        self.backends = backends(args, place)
        self.url = address(name, place.namespace)
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.versions = pulumi.Output.from_input({args.model.version: WHOLE})
        self.metrics = pulumi.Output.from_input({})
        self.protocols = load(args.server.runtime).protocols
        self.api_keys = pulumi.Output.from_input({})
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})


def objects_of(args: EdgeEndpointArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that an endpoint makes. Pure. Raises `ConfigError` where a name is too long."""
    place = place_of(args.foundation, name, args.labels)
    return {**surroundings(args, place), **serving(args, place)}


def surroundings(args: EdgeEndpointArgs, place: Place) -> dict[str, Manifest]:
    """What must be there before the pod: who it is, and who may ask it. Pure."""
    name, runtime = place.instance, args.server.runtime
    return {
        f"{name}-account": service_account(place),
        f"{name}-network": workload_policy(_offline(args.foundation), place, runtime, args.callers),
        **mesh_objects(args.foundation, place, runtime, args.callers),
    }


def serving(args: EdgeEndpointArgs, place: Place) -> dict[str, Manifest]:
    """The pod, its address, and what forwards its metrics. Pure."""
    name = place.instance
    return {
        name: deployment(args, place),
        f"{name}-service": service(name, place, selector(place), args.server.runtime),
        **({} if args.forwarding is None else forwarding_objects(args, args.forwarding, place)),
    }


def backends(args: EdgeEndpointArgs, place: Place) -> dict[str, Backend]:
    """The version to what answers for it. Pure."""
    port = PORTS["http" if "http" in load(args.server.runtime).ports else "grpc"]
    return {args.model.version: Backend(service=place.instance, port=port, weight=WHOLE)}


def _offline(foundation: Foundation) -> Foundation:
    """No pod fetches anything, and none is anybody at a cloud."""
    models = foundation.models.model_copy(update={"egress": ()})
    return foundation.model_copy(update={"models": models, "identity": None})
