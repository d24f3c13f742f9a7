"""`GatewayFrontDoor`: a route of the Gateway API before an endpoint, with all that is checked on the way."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.api_keys import ApiKeys
from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.gateway.access import GATEWAY_API, key_policy, key_set_of, token_policy
from modelberth.kubernetes.gateway.config import FrontDoorArgs, GatewayFrontDoorArgs
from modelberth.kubernetes.gateway.faults import guard_of
from modelberth.kubernetes.gateway.istio import istio_objects
from modelberth.kubernetes.gateway.keys import keys_secret
from modelberth.kubernetes.gateway.route import (
    Way,
    closed_filter,
    door_name,
    hostname_of,
    is_grpc,
    path_of,
    route,
    route_kind,
    ways_of,
)
from modelberth.kubernetes.gateway.traffic import traffic_policy
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.objects import create

Keys = pulumi.Input[dict[str, str]]
"""Client to its key."""


class GatewayFrontDoor(Component):
    """A service at a gateway of the cluster: `https://<host name>/<service>`, split by the weights of its versions.

    What is checked is there before the route is, and goes after it: at no time is there a way past it. It is a serving
    endpoint itself: what it does not say of its own, it hands through.
    """

    url: pulumi.Output[str]
    """Address of the service; over gRPC without a path. Known once the route is there."""
    resource_id: pulumi.Output[str]
    """The endpoint's own identifier: it is what a change of version is about."""
    versions: pulumi.Output[dict[str, int]]
    """Version to its share of requests, in percent."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to query, as the endpoint says."""
    protocols: tuple[str, ...]
    """What it speaks, as the endpoint says."""
    traffic_control: TrafficControl
    """Who moves the weights, as the endpoint says."""
    api_keys: pulumi.Output[dict[str, str]]
    """Caller to its key, secret; sent in the header `x-api-key`."""
    ca_certificate_file: pulumi.Output[str] | None = None
    """None: the gateway has a certificate that every machine trusts."""

    def __init__(
        self, name: str, args: GatewayFrontDoorArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = GatewayFrontDoorArgs.parse(args, name)
        super().__init__(name, args, opts)
        endpoint = args.endpoint
        place = place_of(args.foundation, name, args.labels)
        keys = self._keys(name, args)
        key_set = key_set_of(None if args.callers is None else args.callers.jwt)
        guards = create(guards_of(args, endpoint.backends, place, keys, key_set), self.child())
        # A share moves once what it moves to is ready, and what it leaves goes after.
        behind = [endpoint] if isinstance(endpoint, pulumi.Resource) else []
        # Who moves the weights by itself writes them into the route, where an `up` must not set them back.
        left = ["spec.rules"] if endpoint.traffic_control == "service" else []
        waiting = self.child(depends_on=[*guards.values(), *behind], ignore_changes=left)
        routes = create(routes_of(args, endpoint.backends, place), waiting)

        address = address_of(args, endpoint.backends, name)
        self.url = pulumi.Output.all(*(made.id for made in routes.values())).apply(lambda _: address)
        self.resource_id = endpoint.resource_id
        self.versions = pulumi.Output.from_input(
            {version: backend.weight for version, backend in endpoint.backends.items()}
        )
        self.metrics = endpoint.metrics
        self.protocols = endpoint.protocols
        self.traffic_control = endpoint.traffic_control
        self.api_keys = pulumi.Output.secret(keys)
        self.register_outputs(
            {"url": self.url, "resource_id": self.resource_id, "versions": self.versions, "api_keys": self.api_keys}
        )

    def _keys(self, name: str, args: GatewayFrontDoorArgs) -> Keys:
        if args.callers is None or not args.callers.keys:
            return {}
        return ApiKeys(f"{name}-keys", args.callers.keys, self.child()).keys


def address_of(args: FrontDoorArgs, backends: Mapping[str, Backend], service: str) -> str:
    """Where a client finds a service."""
    path = "" if is_grpc(backends) else path_of(args, service)
    return f"https://{hostname_of(args)}{path}"


def objects_of(
    args: FrontDoorArgs,
    backends: Mapping[str, Backend],
    name: str,
    keys: Keys | None = None,
    key_set: str | None = None,
) -> dict[str, Manifest]:
    """Resource name to object, for all that a front door makes besides the keys themselves. Pure."""
    place = place_of(args.foundation, name, args.labels)
    return {
        **guards_of(args, backends, place, {} if keys is None else keys, key_set),
        **routes_of(args, backends, place),
    }


def routes_of(args: FrontDoorArgs, backends: Mapping[str, Backend], place: Place) -> dict[str, Manifest]:
    """The route of each way of being let in. Pure."""
    return {f"{place.instance}{way.suffix}": route(args, backends, way, place) for way in ways_of(args)}


def guards_of(
    args: FrontDoorArgs, backends: Mapping[str, Backend], place: Place, keys: Keys, key_set: str | None
) -> dict[str, Manifest]:
    """What must be there before the first request can come. Pure."""
    grpc, name = is_grpc(backends), place.instance
    if guard_of(args.foundation) == "istio":
        return istio_objects(args, key_set, grpc, place)
    targets = {way: _target(backends, way, place) for way in ways_of(args)}
    return {
        **_secret(args, place, keys),
        **{
            f"{name}-access{way.suffix}": _policy(args, way, target, key_set, place)
            for way, target in targets.items()
            if way.asking != "none"
        },
        f"{name}-traffic": traffic_policy(args, list(targets.values()), grpc, place),
        **({} if args.route.graphql is None else {f"{name}-not-allowed": closed_filter(place)}),
    }


def _target(backends: Mapping[str, Backend], way: Way, place: Place) -> Manifest:
    return {"group": GATEWAY_API, "kind": route_kind(backends), "name": door_name(place, way)}


def _secret(args: FrontDoorArgs, place: Place, keys: Keys) -> dict[str, Manifest]:
    if args.callers is None or not args.callers.keys:
        return {}
    return {f"{place.instance}-secret": keys_secret(_secret_name(place), place, keys)}


def _secret_name(place: Place) -> str:
    return f"{place.instance}-api-keys"


def _policy(args: FrontDoorArgs, way: Way, target: Manifest, key_set: str | None, place: Place) -> Manifest:
    """What asks for a key or a token on one route."""
    callers = args.callers
    if callers is None:
        raise ValueError("a policy needs callers")
    asked = key_policy(callers, _secret_name(place)) if way.asking == "keys" else token_policy(callers, key_set)
    return manifest("SecurityPolicy", door_name(place, way), place, spec={"targetRefs": [target], **asked})
