"""`SeldonDeploymentEndpoint`: a model on Seldon Core 1, a predictor for each version."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.core.traffic import versions_of
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.manifest import Manifest, Place
from modelberth.kubernetes.mesh import mesh_objects
from modelberth.kubernetes.monitoring import Watching, monitoring_objects, queries
from modelberth.kubernetes.network import workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.seldon.v1.access import explaining, open_ports, route_backends, stable_service
from modelberth.kubernetes.seldon.v1.config import Prepackaged, SeldonDeploymentEndpointArgs
from modelberth.kubernetes.seldon.v1.predictors import seldon_deployment
from modelberth.kubernetes.services import address
from modelberth.runtimes import load


class SeldonDeploymentEndpoint(Component):
    """One service on Seldon Core 1, which somebody has installed and pays for.

    Callers in the cluster reach the stable version under `url`; who comes through a route (`GatewayFrontDoor`) is
    split between the versions by their weights. The units of a graph share a pod and scale together.
    """

    url: pulumi.Output[str]
    """Address in the cluster: `http://ranker.models.svc:80`. The stable version answers."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<service>`."""
    versions: pulumi.Output[dict[str, int]]
    """Version to its share of requests under `url`, in percent."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to the PromQL that answers it; empty without a Prometheus, and for Seldon's own containers."""
    protocols: tuple[str, ...]
    """What it speaks."""
    traffic_control: TrafficControl = "stepped"
    """Whoever edits the rollouts file moves the weights."""
    api_keys: pulumi.Output[dict[str, str]]
    """Empty: keys are the front door's."""
    ca_certificate_file: pulumi.Output[str] | None = None
    """None: inside the cluster it speaks plain HTTP, or what the mesh makes of it."""
    backends: Mapping[str, Backend]
    """Version to what answers for it, for a route."""

    def __init__(
        self,
        name: str,
        args: SeldonDeploymentEndpointArgs | dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = SeldonDeploymentEndpointArgs.parse(args, name)
        place = place_of(args.foundation, name, args.labels)
        backends = route_backends(args, place)
        super().__init__(name, args, opts)
        before = create(surroundings(args, place), self.child())
        made = create({name: seldon_deployment(args, place)}, self.child(depends_on=list(before.values())))
        # The stable address moves once the version that it moves to is ready.
        create({f"{name}-stable": stable_service(args, place)}, self.child(depends_on=list(made.values())))

        self.backends = backends
        self.url = address(name, place.namespace)
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        stable = args.traffic.stable.version
        self.versions = pulumi.Output.from_input(
            {version: 100 if version == stable else 0 for version in versions_of(args.traffic)}
        )
        self.metrics = _metrics(args, place)
        self.protocols = spoken(args)
        self.api_keys = pulumi.Output.from_input({})
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})


def objects_of(args: SeldonDeploymentEndpointArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that an endpoint makes. Pure. Raises `ConfigError` for a name too long."""
    place = place_of(args.foundation, name, args.labels)
    route_backends(args, place)
    return {
        **surroundings(args, place),
        name: seldon_deployment(args, place),
        f"{name}-stable": stable_service(args, place),
    }


def surroundings(args: SeldonDeploymentEndpointArgs, place: Place) -> dict[str, Manifest]:
    """What must be there before the first pod: who it is, who may ask it, who watches it. Pure."""
    name, ports = place.instance, open_ports(args)
    runtime = watched_runtime(args)
    return {
        f"{name}-account": service_account(place, args.foundation.identity),
        f"{name}-network": workload_policy(args.foundation, place, ports, args.callers),
        **explaining(args, place),
        **({} if runtime is None else monitoring_objects(args.foundation, place, runtime, args.slo, watching(args))),
        **mesh_objects(args.foundation, place, ports, args.callers),
    }


def watched_runtime(args: SeldonDeploymentEndpointArgs) -> str | None:
    """The model server whose metrics are read. None where Seldon's own containers are first, whose metrics of one
    service are not documented."""
    return None if args.orchestrator is not None or isinstance(args.server, Prepackaged) else args.server.runtime


def watching(args: SeldonDeploymentEndpointArgs) -> Watching:
    """What is to be known of these pods to watch them. Pure."""
    return Watching(devices=args.server.devices)


def spoken(args: SeldonDeploymentEndpointArgs) -> tuple[str, ...]:
    """What is spoken at the entry. Pure."""
    if args.orchestrator is not None or isinstance(args.server, Prepackaged):
        return ("oip-v2-rest", "oip-v2-grpc")
    return load(args.server.runtime).protocols


def _metrics(args: SeldonDeploymentEndpointArgs, place: Place) -> pulumi.Output[Mapping[Signal, MetricQuery]]:
    runtime = watched_runtime(args)
    if runtime is None:
        return pulumi.Output.from_input({})
    return queries(args.foundation, place, runtime, watching(args))
