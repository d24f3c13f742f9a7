"""`SeldonModelEndpoint`: a model on Seldon Core 2, a Model for each version and an Experiment between them."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.core.traffic import weights_of
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.manifest import Manifest, Place
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.seldon.v2.config import SeldonModelEndpointArgs
from modelberth.kubernetes.seldon.v2.experiment import KIND
from modelberth.kubernetes.seldon.v2.mesh import address, asking_for, mesh_policy
from modelberth.kubernetes.seldon.v2.models import experiments, explainers, models, route_backends, servers
from modelberth.kubernetes.seldon.v2.server import server_policy
from modelberth.runtimes import load


class SeldonModelEndpoint(Component):
    """One service on Seldon Core 2, which somebody has installed and pays for.

    Everything is asked at one address, and a header says what is meant: callers in the cluster send `headers`, a route
    (`GatewayFrontDoor`) sets the right one for each version. Seldon's agent fetches the files from an address that
    holds their digest; it does not compare it.
    """

    url: pulumi.Output[str]
    """Address in the cluster: `http://seldon-mesh.models.svc:80`. Requests need `headers`."""
    headers: Mapping[str, str]
    """What asks for this service: `Seldon-Model: <service>.experiment`."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<service>`."""
    versions: pulumi.Output[dict[str, int]]
    """Version to its share of requests with `headers`, in percent."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Empty: what Seldon's metrics show of one version is not documented."""
    protocols: tuple[str, ...]
    """What its server speaks."""
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
        args: SeldonModelEndpointArgs | dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = SeldonModelEndpointArgs.parse(args, name)
        place = place_of(args.foundation, name, args.labels)
        backends = route_backends(args, place)
        super().__init__(name, args, opts)
        policies = create(surroundings(args, place), self.child())
        under = create(servers(args, place), self.child(depends_on=list(policies.values())))
        loaded = create(models(args, place), self.child(depends_on=[*policies.values(), *under.values()]))
        # What refers to a model is ready once that is.
        after = {**explainers(args, place), **experiments(args, place)}
        create(after, self.child(depends_on=list(loaded.values())))

        self.backends = backends
        self.url = address(place.namespace)
        self.headers = asking_for(name, KIND)
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.versions = pulumi.Output.from_input(weights_of(args.traffic))
        self.metrics = pulumi.Output.from_input({})
        self.protocols = load(args.runtime).protocols
        self.api_keys = pulumi.Output.from_input({})
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})


def objects_of(args: SeldonModelEndpointArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that an endpoint makes. Pure. Raises `ConfigError` for a name too long."""
    place = place_of(args.foundation, name, args.labels)
    return {
        **surroundings(args, place),
        **servers(args, place),
        **models(args, place),
        **explainers(args, place),
        **experiments(args, place),
    }


def surroundings(args: SeldonModelEndpointArgs, place: Place) -> dict[str, Manifest]:
    """Who may ask, and with servers of its own whom they may reach. Pure."""
    own = {} if args.server is None else {f"{place.instance}-network": server_policy(args.foundation, place)}
    return {**mesh_policy(args.foundation, place, args.callers), **own}
