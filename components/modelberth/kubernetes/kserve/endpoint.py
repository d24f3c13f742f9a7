"""`InferenceServiceEndpoint`: a model behind KServe, on plain Deployments or on Knative."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.core.traffic import versions_of, weights_of
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.disruption import disruption_budget
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.kserve.access import parts_policy
from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs, runs_on_knative
from modelberth.kubernetes.kserve.monitoring import answers, watching
from modelberth.kubernetes.kserve.ports import entry_of, entry_port, metrics_port, serving_ports
from modelberth.kubernetes.kserve.rollout import check_name, on_knative, route_backends, service_names, versioned
from modelberth.kubernetes.kserve.service import inference_service, model_cache
from modelberth.kubernetes.kserve.waiting import patience
from modelberth.kubernetes.manifest import Manifest, Place, manifest, selector
from modelberth.kubernetes.mesh import mesh_objects
from modelberth.kubernetes.network import Ports, workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.services import NOT_AWAITED, PORTS, address
from modelberth.runtimes import load

COMPONENT = "component"
"""The label by which KServe tells predictor, transformer and explainer apart.
Source: kserve/kserve@v0.16.0:pkg/constants/constants.go, KServiceComponentLabel."""


class InferenceServiceEndpoint(Component):
    """One service on KServe. It is reached in the cluster, and from outside through a route (`GatewayFrontDoor`)."""

    url: pulumi.Output[str]
    """Address in the cluster. On plain Deployments the stable version answers; on Knative its ingress splits."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<service>`."""
    versions: pulumi.Output[dict[str, int]]
    """Version to its share of requests under `url`, in percent."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to the PromQL that answers it; empty without a Prometheus, and for KServe's own runtimes."""
    protocols: tuple[str, ...]
    """What its model server speaks; of KServe's own runtimes, KServe's word for it."""
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
        args: InferenceServiceEndpointArgs | dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = InferenceServiceEndpointArgs.parse(args, name)
        check_name(args, name)
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        before = create({**surroundings(args, place), **caches(args, place)}, self.child())
        waiting = self.child(depends_on=list(before.values()), custom_timeouts=patience(args.server))
        versions = create(services(args, place), waiting)
        # An address moves once what it moves to is ready.
        create(addresses(args, place), self.child(depends_on=list(versions.values())))

        self.backends = route_backends(args, name)
        self.url = _url(args, place)
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.versions = pulumi.Output.from_input(shares(args))
        self.metrics = answers(args, place)
        self.protocols = spoken(args)
        self.api_keys = pulumi.Output.from_input({})
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})


def objects_of(args: InferenceServiceEndpointArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that an endpoint makes. Pure. Raises `ConfigError` for a name too long."""
    check_name(args, name)
    place = place_of(args.foundation, name, args.labels)
    return {**surroundings(args, place), **caches(args, place), **services(args, place), **addresses(args, place)}


def surroundings(args: InferenceServiceEndpointArgs, place: Place) -> dict[str, Manifest]:
    """What must be there before the first pod: who it is, who may ask it, who watches it. Pure."""
    name, ports = place.instance, Ports(serving_ports(args), metrics_port(args))
    sinks = () if args.logger is None else args.logger.egress
    return {
        f"{name}-account": service_account(place, args.foundation.identity),
        f"{name}-network": workload_policy(args.foundation, place, ports, args.callers, egress=sinks),
        **parts_policy(args, place),
        **watching(args, place),
        **mesh_objects(args.foundation, place, ports, args.callers),
    }


def caches(args: InferenceServiceEndpointArgs, place: Place) -> dict[str, Manifest]:
    """The files of each version on nodes, where they are kept there. Pure."""
    cache = None if args.runtime is None else args.runtime.cache
    if cache is None:
        return {}
    models = versions_of(args.traffic)
    return {
        f"{versioned(place.instance, version)}-cache": model_cache(args, cache, model, place)
        for version, model in models.items()
    }


def services(args: InferenceServiceEndpointArgs, place: Place) -> dict[str, Manifest]:
    """The InferenceServices, and how many pods of each version may be missing at a time. Pure."""
    models, named = versions_of(args.traffic), service_names(args, place.instance)
    made = {name: inference_service(args, models[version], place, name) for version, name in named.items()}
    budgets = {
        f"{versioned(place.instance, version)}-disruption": disruption_budget(
            versioned(place.instance, version), place.of(version), selector(place, version)
        )
        for version in models
    }
    return {**made, **budgets}


def addresses(args: InferenceServiceEndpointArgs, place: Place) -> dict[str, Manifest]:
    """Services of our own before pods that KServe makes. Pure.

    Plain Deployments: one, under the service's name, before the stable version. Knative: one for each version, at the
    sidecar that counts requests; KServe's own names there lead to an ingress, which no route takes as a backend.
    """
    if runs_on_knative(args) is None:
        stable = args.traffic.stable.version
        return {f"{place.instance}-stable": _before(args, place, place.instance, stable)}
    names = {version: versioned(place.instance, version) for version in versions_of(args.traffic)}
    return {f"{name}-service": _before(args, place.of(version), name, version) for version, name in names.items()}


def _before(args: InferenceServiceEndpointArgs, place: Place, name: str, version: str) -> Manifest:
    pods = {**selector(place, version), COMPONENT: entry_of(args)}
    grpc = route_backends(args, place.instance)[version].protocol == "grpc"
    spoken = {"appProtocol": "kubernetes.io/h2c"} if grpc else {}
    port = {"name": "http", "port": PORTS["http"], "targetPort": entry_port(args), "protocol": "TCP", **spoken}
    return manifest("Service", name, place, NOT_AWAITED, spec={"type": "ClusterIP", "selector": pods, "ports": [port]})


def shares(args: InferenceServiceEndpointArgs) -> dict[str, int]:
    """Version to its share of requests under the address in the cluster. Pure."""
    if runs_on_knative(args) is not None:
        return weights_of(args.traffic)
    stable = args.traffic.stable.version
    return {version: 100 if version == stable else 0 for version in versions_of(args.traffic)}


def spoken(args: InferenceServiceEndpointArgs) -> tuple[str, ...]:
    """What the predictor speaks. Pure."""
    if args.server is not None:
        return load(args.server.runtime).protocols
    return () if args.runtime is None else (args.runtime.protocol,)


def _url(args: InferenceServiceEndpointArgs, place: Place) -> pulumi.Output[str]:
    if runs_on_knative(args) is None:
        return address(place.instance, place.namespace)
    service = f"{on_knative(place.instance)}-{entry_of(args)}"
    return pulumi.Output.concat("http://", service, ".", place.namespace, ".svc")
