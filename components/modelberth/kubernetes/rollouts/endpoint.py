"""`RolloutEndpoint`: a model server whose versions Argo Rollouts changes, and undoes by itself."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.kubernetes.autoscaling import autoscaler, to_zero
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.disruption import disruption_budget
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.manifest import Manifest, Place, manifest, selector
from modelberth.kubernetes.mesh import mesh_objects
from modelberth.kubernetes.monitoring import Watching, monitoring_objects, queries
from modelberth.kubernetes.network import workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.physical_names import check_name
from modelberth.kubernetes.pods import pod_template
from modelberth.kubernetes.rollouts.analysis import HASH_LABEL, analysis_template
from modelberth.kubernetes.rollouts.config import RolloutEndpointArgs
from modelberth.kubernetes.rollouts.gates import bake_of
from modelberth.kubernetes.rollouts.strategy import apart, canary_service, speaks, strategy
from modelberth.kubernetes.server import progress_seconds
from modelberth.kubernetes.services import PORTS, address, service
from modelberth.runtimes import load

LONGEST_NAME = 56
"""Characters of a name: a Service has 63, and that of the new pods adds `-canary`.
Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names"""

ARGOS_OWN = ["spec.selector"]
"""What Argo writes into Services. Their selectors are of one piece: whoever applies one takes Argo's part out of it.
Source: k8s.io/api@v0.34.2:core/v1/types.go (ServiceSpec, mapType=atomic),
argoproj/argo-rollouts@v1.8.3:rollout/service.go"""


class RolloutEndpoint(Component):
    """One service in a cluster. An `up` ends once Argo has been told; how far it is, `live.py` says.

    Argo writes into the Services' selectors, and into the routes' weights: in the cluster, not in the stack's state.
    """

    url: pulumi.Output[str]
    """Address in the cluster: `http://ranker.models.svc:80`. With canary and linear through routes the version before
    answers until the change is over; without routes both do, by their pods."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<name>`."""
    versions: pulumi.Output[dict[str, int]]
    """The one version that is wanted, at 100."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to the PromQL that answers it; empty without a Prometheus."""
    protocols: tuple[str, ...]
    """What its model server speaks."""
    traffic_control: TrafficControl = "service"
    """Argo moves the weights."""
    api_keys: pulumi.Output[dict[str, str]]
    """Empty: keys are the front door's."""
    ca_certificate_file: pulumi.Output[str] | None = None
    """None: plain HTTP in the cluster, or what the mesh makes of it."""
    backends: Mapping[str, Backend]
    """The wanted version's Service, and `canary`, which has no share but what Argo gives it, where new pods have a
    Service of their own."""

    def __init__(
        self, name: str, args: RolloutEndpointArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = RolloutEndpointArgs.parse(args, name)
        check_name(name, LONGEST_NAME, "a service of Argo Rollouts")
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        before = create(surroundings(args, place), self.child())
        before |= create(services(args, place), self.child(ignore_changes=ARGOS_OWN))
        create(workload(args, place), self.child(depends_on=list(before.values())))

        runtime, version = args.server.runtime, args.model.version
        self.backends = backends(args, place)
        self.url = address(name, place.namespace)
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.versions = pulumi.Output.from_input({version: 100})
        self.metrics = queries(args.foundation, place, runtime, watching(args))
        self.protocols = load(runtime).protocols
        self.api_keys = pulumi.Output.from_input({})
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})


def objects_of(args: RolloutEndpointArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that an endpoint makes. Pure."""
    place = place_of(args.foundation, name, args.labels)
    return {**surroundings(args, place), **services(args, place), **workload(args, place)}


def backends(args: RolloutEndpointArgs, place: Place) -> dict[str, Backend]:
    """What a route sends to. Pure."""
    protocol = speaks(args.server.runtime)
    told = {"port": PORTS[protocol], "protocol": protocol}
    stable = Backend.model_validate({"service": place.instance, "weight": 100, **told})
    if not apart(args):
        return {args.model.version: stable}
    canary = Backend.model_validate({"service": canary_service(place), "weight": 0, **told})
    return {args.model.version: stable, "canary": canary}


def watching(args: RolloutEndpointArgs) -> Watching:
    """What is to be known of these pods to watch them. Pure."""
    return Watching(scales_to_zero=to_zero(args.scaling), devices=args.server.devices)


def surroundings(args: RolloutEndpointArgs, place: Place) -> dict[str, Manifest]:
    """What must be there before the first pod. Pure."""
    name, runtime = place.instance, args.server.runtime
    watched = monitoring_objects(args.foundation, place, runtime, args.slo, watching(args))
    return {
        f"{name}-account": service_account(place, args.foundation.identity),
        f"{name}-network": workload_policy(args.foundation, place, runtime, args.callers),
        **{role: _by_revision(each) for role, each in watched.items()},
        **mesh_objects(args.foundation, place, runtime, args.callers),
        **_analysis(args, place),
    }


def services(args: RolloutEndpointArgs, place: Place) -> dict[str, Manifest]:
    """The Services, before all pods of the service until Argo chooses among these. Pure."""
    names = [place.instance, *([canary_service(place)] if apart(args) else [])]
    return {name: service(name, place, selector(place), args.server.runtime) for name in names}


def _by_revision(watcher: Manifest) -> Manifest:
    """A monitor that copies Argo's hash too, by which an analysis tells the revisions apart; anything else as it is."""
    if watcher["kind"] != "PodMonitor":
        return watcher
    spec = watcher["spec"]
    return {**watcher, "spec": {**spec, "podTargetLabels": [*spec["podTargetLabels"], HASH_LABEL]}}


def _analysis(args: RolloutEndpointArgs, place: Place) -> dict[str, Manifest]:
    prometheus, gates = args.foundation.prometheus, args.rollout.gates
    if prometheus is None or not gates:
        return {}
    template = analysis_template(
        gates, place, args.server.runtime, prometheus.address, args.model.version, bake_of(args.rollout)
    )
    return {f"{place.instance}-analysis": template}


def workload(args: RolloutEndpointArgs, place: Place) -> dict[str, Manifest]:
    """The Rollout, its disruption budget and what scales it. Pure."""
    name, version = place.instance, args.model.version
    placed = place.of(version)
    made = rollout(args, placed)
    scaled = (
        {}
        if args.scaling is None
        else {f"{name}-scaling": autoscaler(name, made, args.scaling, placed, args.foundation, version)}
    )
    return {
        f"{name}-rollout": made,
        f"{name}-disruption": disruption_budget(name, place, selector(place)),
        **scaled,
    }


def rollout(args: RolloutEndpointArgs, place: Place) -> Manifest:
    """The Rollout. Pure."""
    spec = {
        # What it starts with; where something scales, the engine leaves it alone from then on (`objects.create`).
        "replicas": args.replicas if args.scaling is None else max(1, args.scaling.min_replicas),
        "selector": {"matchLabels": selector(place)},
        "strategy": strategy(args, place),
        "progressDeadlineSeconds": progress_seconds(args.server),
        "progressDeadlineAbort": True,
        "revisionHistoryLimit": 2,
        "template": pod_template(args.server, args.model, args.foundation, place, place.instance),
    }
    return manifest("Rollout", place.instance, place, spec=spec)
