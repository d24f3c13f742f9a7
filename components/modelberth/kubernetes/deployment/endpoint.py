"""`DeploymentEndpoint`: a model server in plain Kubernetes, a Deployment for each version."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.core.traffic import versions_of
from modelberth.kubernetes.autoscaling import to_zero
from modelberth.kubernetes.backends import Backend, backends_of
from modelberth.kubernetes.deployment.config import DeploymentEndpointArgs
from modelberth.kubernetes.deployment.multi_node import group_policy
from modelberth.kubernetes.deployment.workload import name_of, served_by, version_objects
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.manifest import Manifest, Place
from modelberth.kubernetes.mesh import mesh_objects
from modelberth.kubernetes.monitoring import Watching, monitoring_objects, queries
from modelberth.kubernetes.network import workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.server import timeouts_of
from modelberth.kubernetes.services import PORTS, address, service
from modelberth.runtimes import load


class DeploymentEndpoint(Component):
    """One service in a cluster.

    Callers in the cluster reach the stable version under `url`; who comes through a route (`GatewayFrontDoor`) is
    split between the versions by their weights.
    """

    url: pulumi.Output[str]
    """Address in the cluster: `http://ranker.models.svc:80`. The stable version answers."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<service>`."""
    versions: pulumi.Output[dict[str, int]]
    """Version to its share of requests under `url`, in percent."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to the PromQL that answers it; empty without a Prometheus."""
    protocols: tuple[str, ...]
    """What its model server speaks."""
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
        args: DeploymentEndpointArgs | dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = DeploymentEndpointArgs.parse(args, name)
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        before = create(surroundings(args, place), self.child())
        waiting = self.child(depends_on=list(before.values()), custom_timeouts=timeouts_of(args.server))
        versions = create(fleet(args, place), waiting)
        # The stable address moves once the version that it moves to is ready.
        create({name: stable_service(args, place)}, self.child(depends_on=list(versions.values())))

        runtime = args.server.runtime
        self.backends = backends(args, place)
        self.url = address(name, place.namespace)
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.versions = pulumi.Output.from_input(
            {version: 100 if version == args.traffic.stable.version else 0 for version in self.backends}
        )
        self.metrics = queries(args.foundation, place, runtime, watching(args))
        self.protocols = load(runtime).protocols
        self.api_keys = pulumi.Output.from_input({})
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})


def objects_of(args: DeploymentEndpointArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that an endpoint makes. Pure."""
    place = place_of(args.foundation, name, args.labels)
    return {**surroundings(args, place), **fleet(args, place), name: stable_service(args, place)}


def backends(args: DeploymentEndpointArgs, place: Place) -> dict[str, Backend]:
    """Version to what answers for it. Pure."""
    port = PORTS["http" if "http" in load(args.server.runtime).ports else "grpc"]
    return backends_of(args.traffic, lambda version: name_of(args, place, version), port)


def surroundings(args: DeploymentEndpointArgs, place: Place) -> dict[str, Manifest]:
    """What must be there before the first pod: who it is, who may ask it, who watches it. Pure."""
    name = place.instance
    return {
        f"{name}-account": service_account(place, args.foundation.identity),
        f"{name}-network": workload_policy(args.foundation, place, args.server.runtime, args.callers),
        **monitoring_objects(args.foundation, place, args.server.runtime, args.slo, watching(args)),
        **mesh_objects(args.foundation, place, args.server.runtime, args.callers),
        **({} if args.nodes is None else {f"{name}-group": group_policy(f"{name}-group", place)}),
    }


def watching(args: DeploymentEndpointArgs) -> Watching:
    """What is to be known of these pods to watch them. Pure."""
    return Watching(scales_to_zero=to_zero(args.scaling), devices=args.server.devices)


def fleet(args: DeploymentEndpointArgs, place: Place) -> dict[str, Manifest]:
    """What each version has. Pure."""
    models = versions_of(args.traffic).values()
    return {name: object_ for model in models for name, object_ in version_objects(args, model, place).items()}


def stable_service(args: DeploymentEndpointArgs, place: Place) -> Manifest:
    """The Service of the stable version, under the service's own name. Pure."""
    return service(place.instance, place, served_by(args, place, args.traffic.stable.version), args.server.runtime)
