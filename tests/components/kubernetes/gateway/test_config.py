"""Every wrong configuration of a front door, with the sentence that says what to do about it."""

import pytest
from components.kubernetes.gateway.samples import ENVOY, GATEWAY, ISTIO, JWT, OPEN, backends, door, foundation, planned

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.gateway.faults import faults_before, rules_of
from modelberth.kubernetes.gateway.route import rules, ways_of

KEYS = {"keys": ["web"]}
ALONE = ("envoy-gateway",)
LIMIT = {"requests": 10}
LISTENERLESS = foundation(gateway={name: value for name, value in GATEWAY.items() if name != "listener"})


def permitted(**fields):
    return {"keys": ["web"], "permissions": [{"name": "one", **fields}]}


WRONG = {
    "no gateway": (
        {"foundation": foundation(gateway=None), "callers": KEYS},
        "foundation.gateway is left out, through which requests come; name one there",
    ),
    "nothing that checks": (
        {"foundation": foundation("keda"), "callers": KEYS},
        "nothing in the cluster checks who calls; foundation.addons has keda; install envoy-gateway or istio and name "
        "it there",
    ),
    "no listener": (
        {"foundation": LISTENERLESS, "callers": KEYS},
        "there are keys or tokens, and foundation.gateway.listener is left out; a route then attaches to every "
        "listener of the gateway, an HTTP one too, where they come in clear text; name foundation.gateway.listener, "
        "the HTTPS one",
    ),
    "nobody": ({}, "nobody is let in; give callers"),
    "nobody but strangers by key": (
        {"public": {**OPEN, "auth": "keys"}, "limits": {"total": LIMIT}},
        "nobody is let in; give callers",
    ),
    "empty callers": (
        {"callers": {}},
        "callers: neither keys nor jwt is given, so nobody is let in; give one of them",
    ),
    "a key twice": ({"callers": {"keys": ["web", "web"]}}, "callers: keys has web twice; write each once"),
    "a permission twice": (
        {"callers": {**KEYS, "permissions": [{"name": "a", "clients": ["web"]}] * 2}},
        "callers: permissions has a twice; write each once",
    ),
    "an unknown client": (
        {"callers": permitted(clients=["web", "app"])},
        "callers: permission one names app, not among keys (web); name a known one",
    ),
    "a permission of nobody": (
        {"callers": permitted()},
        "callers.permissions.0: one has neither clients nor claims nor scopes; a permission is about keys or about "
        "tokens: write one of them",
    ),
    "a permission of both": (
        {"callers": permitted(clients=["web"], scopes=["read"])},
        "callers.permissions.0: one has clients beside claims or scopes; a permission is about keys or about tokens: "
        "write one of them",
    ),
    "a list of no claim": (
        {"callers": permitted(scopes=["read"], lists=["groups"])},
        "callers.permissions.0: one.lists has groups, not among its claims; write it there too",
    ),
    "a permission of tokens without any": (
        {"callers": permitted(scopes=["read"])},
        "callers: permission one is about tokens, and jwt is left out; give jwt, or write clients",
    ),
    "a key without a permission": (
        {"callers": {"keys": ["web", "app"], "permissions": [{"name": "one", "clients": ["web"]}]}},
        "callers: app has a key and no permission; give it one, or take it out of keys",
    ),
    "a token without a permission": (
        {"callers": {**permitted(clients=["web"]), "jwt": JWT}},
        "callers: callers with a token have no permission; give one with claims or scopes, or leave jwt out",
    ),
    "keys over plain HTTP": (
        {"callers": {"jwt": {**JWT, "jwks": "http://login.example.com/keys"}}},
        "callers.jwt.jwks: is an address without https and a host; write one, or the path of a file",
    ),
    "keys in place of their path": (
        {"callers": {"jwt": {**JWT, "jwks": '{"keys": []}'}}},
        "callers.jwt.jwks: holds a key set itself; save it and write its path",
    ),
    "a long address": (
        {"callers": {"jwt": {**JWT, "jwks": "https://a.example/" + "k" * 300}}},
        "callers.jwt.jwks: is an address of 318 characters, allowed are 253; save the keys, write the path",
    ),
    "an issuer that is none": (
        {"callers": {"jwt": {**JWT, "issuer": ":login"}}},
        "callers.jwt.issuer: has a colon and is no address; write one like https://login.example.com",
    ),
    "a mail address that is none": (
        {"callers": {"jwt": {**JWT, "issuer": "a@"}}},
        "callers.jwt.issuer: has an @ and is no mail address; write one, or an https address",
    ),
    "another auth than there is": (
        {"callers": KEYS, "public": {**OPEN, "auth": "jwt"}, "limits": {"total": LIMIT}},
        "public.auth is jwt, and callers has keys; write that, or change callers",
    ),
    "strangers without a limit": (
        {"public": OPEN},
        "limits.total is left out, and strangers could take all there is; give one",
    ),
    "strangers that each instance counts": (
        {"public": OPEN, "limits": {"total": LIMIT, "scope": "local"}},
        "limits.scope is local, and each instance of the gateway would let as many strangers in; write global",
    ),
    "a limit of each of nobody": (
        {"public": OPEN, "limits": {"total": LIMIT, "per_client": LIMIT}},
        "limits.per_client is given, and no caller is told apart; give callers, or limits.total alone",
    ),
    "one above all": (
        {"callers": KEYS, "limits": {"total": {"requests": 60, "per": "minute"}, "per_client": {"requests": 2}}},
        "limits.per_client: 2/s for each client is above 1/s for all of them; lower it",
    ),
    "nothing that counts for all": (
        {"callers": KEYS, "limits": {"total": LIMIT}, "foundation": foundation(*ALONE)},
        "limits.scope is global: each instance of the gateway counts alone without envoy-ratelimit; foundation.addons "
        "has envoy-gateway; install it and name it there, or write local",
    ),
    "a header that is taken": (
        {"callers": KEYS, "route": {"header": "x-api-key"}},
        "route.header: got x-api-key, which means something else already; allowed is any but x-client-id, x-api-key, "
        "authorization, host",
    ),
    "keys with Istio": (
        {"callers": KEYS, "foundation": foundation(*ISTIO)},
        "Istio has no callers.keys; take envoy-gateway, or leave it out",
    ),
    "all that Istio lacks": (
        {
            "callers": {"jwt": JWT, "permissions": [{"name": "a", "scopes": ["read"]}]},
            "limits": {"total": LIMIT, "max_body_kib": 1},
            "route": {"graphql": {}, "retries": 0},
            "foundation": foundation(*ISTIO),
        },
        "Istio has no callers.permissions, route.graphql, route.retries, limits.max_body_kib, limits.total; take "
        "envoy-gateway, or leave it out",
    ),
    "strangers with Istio": (
        {"public": OPEN, "foundation": foundation(*ISTIO)},
        "limits.total is left out, and strangers could take all there is; give one",
    ),
}


@pytest.mark.parametrize(("fields", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_configuration_is_refused_with_what_to_do(fields, message):
    with pytest.raises(ConfigError) as refused:
        door(**fields)
    assert str(refused.value) == f"configuration: 1 fault\n  {message}"


BEHIND = {
    "weights that are not whole": (
        {},
        backends(stable=90, candidate=20),
        "endpoint.backends have weights of 110 together; a route needs 100",
    ),
    "two protocols": (
        {"route": {"hostname": "r.example.com"}},
        {
            "1.4.0": Backend(service="a", port=80, weight=50),
            "1.5.0": Backend(service="b", port=90, weight=50, protocol="grpc"),
        },
        "endpoint.backends speak http and grpc; a route has one of them, so make two front doors",
    ),
    "gRPC on the host of HTTP": (
        {},
        backends("grpc"),
        "the endpoint speaks gRPC, and route.hostname is left out; give a host name that no HTTP service has",
    ),
    "gRPC with what it has not": (
        {"route": {"hostname": "r.example.com", "path": "/a", "graphql": {}}, "limits": {"max_body_kib": 1}},
        backends("grpc"),
        "the endpoint speaks gRPC, which has no route.path, route.graphql, limits.max_body_kib; leave it out",
    ),
    "more rules than a route has": (
        {"route": {"split_by": "header", "graphql": {}}},
        {f"1.{minor}.0": Backend(service=f"v{minor}", port=80, weight=20) for minor in range(5)},
        "5 versions by header need 19; a route has 16 rules at most; split by weight",
    ),
}


@pytest.mark.parametrize(("fields", "before", "message"), BEHIND.values(), ids=BEHIND.keys())
def test_an_endpoint_that_no_route_fits_is_refused_with_what_to_do(fields, before, message):
    args = door(callers=KEYS, **fields)
    assert list(faults_before(args, before)) == [message]
    with pytest.raises(Exception, match=message.split(";")[0]):
        planned(before, callers=KEYS, **fields)


@pytest.mark.parametrize(
    "path", ["ranker", "/", "/ranker/", "//ranker", "/../x", "/a/./b", "/a%2fb", "/a#b", "/a?b", "/A"]
)
def test_a_path_that_the_gateway_api_would_refuse_or_read_otherwise_is_refused(path):
    with pytest.raises(ConfigError, match=r"route\.path"):
        door(callers=KEYS, route={"path": path})


@pytest.mark.parametrize(
    "hostname", ["models", "*.example.com", "Models.example.com", "10.0.0.1:80", "a_b.example.com"]
)
def test_a_host_name_that_is_none_is_refused(hostname):
    with pytest.raises(ConfigError, match=r"route\.hostname"):
        door(callers=KEYS, route={"hostname": hostname})


@pytest.mark.parametrize("graphql", [None, {}, {"get": False}])
@pytest.mark.parametrize("split_by", ["weight", "header"])
def test_the_number_of_rules_is_known_beforehand(graphql, split_by):
    args = door(callers=KEYS, route={"graphql": graphql, "split_by": split_by})
    before = backends(stable=90, candidate=10)
    place = place_of(args.foundation, "ranker", None)
    assert len(rules(args, before, ways_of(args)[0], place)) == rules_of(args, len(before))


def test_what_is_not_wrong_is_accepted():
    assert door(callers=KEYS, foundation=foundation(*ENVOY)).limits.scope == "global"
    assert door(callers=KEYS, foundation=foundation(*ALONE), limits={"total": LIMIT, "scope": "local"})
    assert door(callers={"jwt": {**JWT, "issuer": "me@example.com"}})


@pytest.mark.parametrize(
    "fields",
    [
        {"callers": KEYS, "route": {"listener": "https"}},
        {"public": OPEN, "limits": {"total": LIMIT}},
    ],
)
def test_a_listener_may_be_the_routes_own_and_is_not_needed_where_nobody_sends_a_key(fields):
    assert door(foundation=LISTENERLESS, **fields).foundation.gateway.listener is None
