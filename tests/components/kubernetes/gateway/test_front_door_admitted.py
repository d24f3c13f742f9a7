"""Every object of a front door, with every option, is accepted by a real API server, strictly."""

import json

import pytest
from cluster_fixtures import addons, api, cluster, namespace  # noqa: F401
from components.kubernetes.gateway.samples import (
    ENVOY,
    ISTIO,
    JWT,
    KEY_SET,
    KEYS,
    LABELS,
    OPEN,
    backends,
    door,
    foundation,
)

from cluster.admission import strictly_admitted
from cluster.api import Refused
from modelberth.kubernetes.gateway.front_door import objects_of

CALLERS = {"keys": ["web", "batch"]}
TOKENS = {"jwt": JWT}
FILE = {"jwt": {**JWT, "jwks": "keys.json", "issuer": "me@example.com", "audiences": list("abcdefgh")}}
PERMISSIONS = [
    {"name": "reading", "clients": ["web", "batch"], "methods": ["GET", "HEAD"]},
    {"name": "asking", "claims": {"a.b": ["1"], "groups": ["x", "y"]}, "lists": ["groups"], "scopes": ["read", "ask"]},
]
TWO = backends(stable=90, candidate=10, mirror=20)
COUNTED = {"per_client": {"requests": 600, "per": "minute"}, "total": {"requests": 2**32 - 1, "per": "day"}}
GRPC = {"hostname": "ranker.grpc.example.com", "split_by": "header"}

ACCEPTED = {
    "keys": ({"callers": CALLERS}, backends()),
    "a candidate at 0": ({"callers": CALLERS}, backends(stable=100, candidate=0)),
    "tokens of an address": ({"callers": TOKENS}, TWO),
    "tokens of a file": ({"callers": FILE}, TWO),
    "keys and tokens, with permissions": ({"callers": {**CALLERS, **TOKENS, "permissions": PERMISSIONS}}, TWO),
    "strangers": ({"public": OPEN, "limits": {"total": {"requests": 50}}}, TWO),
    "global limits": ({"callers": {**CALLERS, **TOKENS}, "limits": COUNTED}, TWO),
    "local limits": ({"callers": {**CALLERS, **TOKENS}, "limits": {**COUNTED, "scope": "local"}}, TWO),
    "all of the route": (
        {
            "callers": {**CALLERS, **TOKENS},
            "route": {
                "path": "/a/b.c~d_e", "hostname": "r.example.com", "split_by": "header", "header": "x-variant",
                "timeout": 86400, "retries": 10, "graphql": {"path": "/q"},
            },
            "limits": {"max_body_kib": 1, "max_connections": 1, "max_pending": 2**32 - 1, "max_parallel": 5},
            "labels": LABELS,
        },
        TWO,
    ),
    "no retries, the shortest wait": ({"callers": CALLERS, "route": {"retries": 0, "timeout": "1ms"}}, TWO),
    "gRPC": ({"callers": CALLERS, "route": GRPC}, backends("grpc", stable=90, candidate=10, mirror=100)),
    "gRPC with both": ({"callers": {**CALLERS, **TOKENS}, "route": GRPC}, backends("grpc")),
    "Istio": ({"callers": TOKENS, "addons": ISTIO}, TWO),
    "Istio with a file": ({"callers": FILE, "addons": ISTIO, "route": {"split_by": "header"}}, TWO),
    "Istio over gRPC": ({"callers": TOKENS, "addons": ISTIO, "route": GRPC}, backends("grpc")),
}  # fmt: skip


@pytest.fixture(scope="module")
def installed(addons):  # noqa: F811
    return addons("gateway-api", "envoy-gateway", "istio")


def objects(fields, before, place):
    said = {name: value for name, value in fields.items() if name != "addons"}
    gateway = {"name": "public", "namespace": place, "hostname": "models.example.com", "listener": "https"}
    base = foundation(*fields.get("addons", ENVOY), namespace=place, gateway=gateway)
    args = door(foundation=base, **said)
    remote = args.callers is None or args.callers.jwt is None or args.callers.jwt.jwks.startswith("https:")
    return objects_of(args, before, "ranker", KEYS, None if remote else json.dumps(KEY_SET))


@pytest.mark.parametrize(("fields", "before"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_every_option_is_accepted_strictly(installed, api, namespace, fields, before):  # noqa: F811
    made = objects(fields, before, namespace)
    assert made
    assert strictly_admitted(api, list(made.values()), namespace=namespace) == []


def test_a_route_of_as_many_rules_as_may_be_is_accepted(installed, api, namespace):  # noqa: F811
    before = {f"1.{minor}.0": backend for minor, backend in enumerate([*TWO.values()] * 2)}
    fields = {"callers": CALLERS, "route": {"split_by": "header", "graphql": {}}}
    [route] = [one for one in objects(fields, before, namespace).values() if one["kind"] == "HTTPRoute"]
    assert len(route["spec"]["rules"]) == 16
    assert strictly_admitted(api, [route], namespace=namespace) == []


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("HTTPRoute", lambda spec: spec["rules"][0]["backendRefs"][0].update(wait=1)),
        ("HTTPRoute", lambda spec: spec["rules"][0]["matches"].append(spec["rules"][0]["matches"][0])),
        ("SecurityPolicy", lambda spec: spec.pop("jwt")),
        ("BackendTrafficPolicy", lambda spec: spec["requestBuffer"].update(limit="0Ki")),
    ],
    ids=["an unknown field", "two matches for one rewrite", "claims without tokens", "a body of nothing"],
)
def test_what_is_wrong_is_not_accepted(installed, api, namespace, kind, change):  # noqa: F811
    made = objects({"callers": TOKENS}, TWO, namespace)
    [one] = [object_ for object_ in made.values() if object_["kind"] == kind]
    change(one["spec"])
    with pytest.raises(Refused):
        api.create(one, dry_run=True)


def test_an_entry_that_leaves_the_secret_is_gone_from_the_cluster(api, namespace):  # noqa: F811
    for clients in (["web", "batch"], ["web"]):
        secret = objects({"callers": {"keys": clients}}, TWO, namespace)["ranker-secret"]
        secret["data"] = {name: value for name, value in secret["data"].items() if name in clients}
        api.apply(secret, dry_run=False, manager="test", force=True)
    assert list(api.get("v1", "Secret", "ranker-api-keys", namespace)["data"]) == ["web"]
