"""`RayServiceEndpoint`: a model on a Ray cluster of its own, over as many nodes as it needs."""

from collections.abc import Mapping
from typing import Any

import pulumi
import yaml

from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.network import Ports, workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.physical_names import check_name
from modelberth.kubernetes.ray.cluster import METRICS_PORT, SERVE_PORT, asked, inside, ray_cluster
from modelberth.kubernetes.ray.config import LONGEST_NAME, RayServiceEndpointArgs
from modelberth.kubernetes.ray.upgrade import IncrementalUpgrade

PROTOCOLS = ("openai-rest",)
READY = {"pulumi.com/waitFor": "condition=Ready"}
"""Without it a custom resource is not awaited. Source: https://github.com/pulumi/pulumi-kubernetes/issues/1260"""

START = pulumi.CustomTimeouts(create="1h", update="1h")
"""How long a RayService may take: a node with GPUs must come up, then the image, then the model."""


class RayServiceEndpoint(Component):
    """One service on Ray. KubeRay itself moves the requests from an old cluster to a new one.

    The first `up` ends when it answers. A later one ends once KubeRay has been told, for the cluster before is still
    ready: how far it is, `live.py` says.
    """

    url: pulumi.Output[str]
    """Address in the cluster: `http://<name>-serve-svc.<namespace>.svc:8000`; with an incremental upgrade, the address
    of KubeRay's Gateway."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<name>`."""
    versions: pulumi.Output[dict[str, int]]
    """The one version that is wanted, at 100."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Empty: Ray names its series by deployment, not by model."""
    protocols: tuple[str, ...] = PROTOCOLS
    """Whatever the application speaks; what Ray's own LLM application does is OpenAI's."""
    traffic_control: TrafficControl = "service"
    """KubeRay moves them."""
    api_keys: pulumi.Output[dict[str, str]]
    """Empty: keys are the front door's."""
    ca_certificate_file: pulumi.Output[str] | None = None
    """None: plain HTTP in the cluster."""
    backends: Mapping[str, Backend]
    """The Service that KubeRay keeps pointed at the cluster in force. With an incremental upgrade there is
    none, and this is empty."""

    def __init__(
        self, name: str, args: RayServiceEndpointArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = RayServiceEndpointArgs.parse(args, name)
        check_name(name, LONGEST_NAME, "KubeRay")
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        before = create(surroundings(args, place), self.child())
        create({name: ray_service(args, place)}, self.child(depends_on=list(before.values()), custom_timeouts=START))

        version = args.model.version
        self.backends = backends(args, name)
        self.url = url_of(args, place)
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.versions = pulumi.Output.from_input({version: 100})
        self.metrics = pulumi.Output.from_input({})
        self.api_keys = pulumi.Output.from_input({})
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})


def backends(args: RayServiceEndpointArgs, name: str) -> dict[str, Backend]:
    """What a route can send to. Pure."""
    if isinstance(args.upgrade, IncrementalUpgrade):
        return {}
    return {args.model.version: Backend(service=serve_service(name), port=SERVE_PORT, weight=100)}


def url_of(args: RayServiceEndpointArgs, place: Place) -> pulumi.Output[str]:
    """How it is reached in the cluster."""
    if isinstance(args.upgrade, IncrementalUpgrade):
        return pulumi.Output.from_input(args.upgrade.address)
    service = serve_service(place.instance)
    return pulumi.Output.concat("http://", service, ".", place.namespace, f".svc:{SERVE_PORT}")


def objects_of(args: RayServiceEndpointArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that an endpoint makes. Pure."""
    place = place_of(args.foundation, name, args.labels)
    return {**surroundings(args, place), name: ray_service(args, place)}


def surroundings(args: RayServiceEndpointArgs, place: Place) -> dict[str, Manifest]:
    """What must be there before the first pod. Pure."""
    name = place.instance
    ports = Ports(serving=(SERVE_PORT,), metrics=METRICS_PORT)
    return {
        f"{name}-account": service_account(place, args.foundation.identity),
        f"{name}-network": workload_policy(
            args.foundation, place, ports, args.callers, egress=asked(args.cluster, args.foundation)
        ),
        f"{name}-cluster-network": inside(args.cluster, place),
    }


def ray_service(args: RayServiceEndpointArgs, place: Place) -> Manifest:
    """The RayService. Pure."""
    spec = {
        "serveConfigV2": serve_config(args, place),
        "upgradeStrategy": upgrade_strategy(args),
        # The head computes nothing, so it answers nothing either.
        "excludeHeadPodFromServeSvc": True,
        "rayClusterConfig": ray_cluster(args.cluster, args.model, args.foundation, place),
    }
    return manifest("RayService", place.instance, place.of(args.model.version), READY, spec=spec)


def serve_config(args: RayServiceEndpointArgs, place: Place) -> str:
    """What Ray Serve runs, as the YAML text that it wants. The same arguments give the same text."""
    application = args.application
    optional = {"args": dict(application.args), "deployments": [dict(each) for each in application.deployments]}
    stated = {
        "name": place.instance,
        "route_prefix": application.route_prefix,
        "import_path": application.import_path,
        **{name: value for name, value in optional.items() if value},
    }
    return yaml.safe_dump({"applications": [stated]}, sort_keys=True)


def upgrade_strategy(args: RayServiceEndpointArgs) -> dict[str, Any]:
    """How a change is made. Pure."""
    upgrade = args.upgrade
    if not isinstance(upgrade, IncrementalUpgrade):
        return {"type": upgrade.kind}
    steps = {
        "gatewayClassName": upgrade.gateway_class_name,
        "stepSizePercent": upgrade.step_percent,
        "intervalSeconds": round(upgrade.interval),
        "maxSurgePercent": upgrade.surge_percent,
    }
    return {"type": upgrade.kind, "clusterUpgradeOptions": steps}


def serve_service(name: str) -> str:
    """The Service that KubeRay makes. Source: ray-project/kuberay@v1.5.1:ray-operator/controllers/ray/utils/util.go"""
    return f"{name}-serve-svc"
