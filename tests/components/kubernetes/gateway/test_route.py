"""Which request goes to which version, and as what."""

import pytest
from components.kubernetes.gateway.samples import GATEWAY, JWT, OPEN, backends, door, foundation, made
from hypothesis import given
from hypothesis import strategies as st

from modelberth.kubernetes.gateway.route import duration, ways_of

KEYS = {"keys": ["web"]}


def route(before=None, name="ranker", **fields):
    return made(before, callers=fields.pop("callers", KEYS), **fields)[name]


def rules(before=None, **fields):
    return route(before, **fields)["spec"]["rules"]


def shares(rule):
    return {reference["name"]: reference["weight"] for reference in rule["backendRefs"]}


def headers(rule):
    return {header["name"]: header["value"] for header in rule["matches"][0].get("headers", [])}


def filters(rule, kind):
    return [filter_ for filter_ in rule.get("filters", []) if filter_["type"] == kind]


def test_a_service_has_the_path_of_its_name_at_the_gateway():
    found = route(backends(stable=90, candidate=10))
    assert found["kind"] == "HTTPRoute"
    assert found["metadata"]["name"] == "ranker-front-door"
    assert found["spec"]["hostnames"] == ["models.example.com"]
    [parent] = found["spec"]["parentRefs"]
    assert (parent["name"], parent["namespace"], parent["sectionName"]) == ("public", "gateways", "https")
    [rule] = found["spec"]["rules"]
    assert rule["matches"] == [{"path": {"type": "PathPrefix", "value": "/ranker"}}]
    [rewrite] = filters(rule, "URLRewrite")
    assert rewrite["urlRewrite"]["path"] == {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}


@pytest.mark.parametrize("weight", [0, 1, 50, 100])
def test_the_weights_of_the_versions_are_those_of_the_endpoint_and_none_is_dropped(weight):
    [rule] = rules(backends(stable=100 - weight, candidate=weight))
    assert shares(rule) == {"ranker--1-4-0": 100 - weight, "ranker--1-5-0": weight}


def test_every_answer_names_the_version_that_gave_it():
    [rule] = rules(backends(stable=90, candidate=10))
    named = [reference["filters"][0]["responseHeaderModifier"]["set"][0]["value"] for reference in rule["backendRefs"]]
    assert named == ["1.4.0", "1.5.0"]


def test_copies_go_to_the_candidate_in_the_share_that_it_asks_for():
    [rule] = rules(backends(stable=100, candidate=0, mirror=20))
    [copy] = filters(rule, "RequestMirror")
    assert copy["requestMirror"]["percent"] == 20
    assert copy["requestMirror"]["backendRef"]["name"] == "ranker--1-5-0"
    assert filters(rules()[0], "RequestMirror") == []


def test_a_request_that_names_a_version_goes_there_and_the_others_by_weight():
    found = rules(backends(stable=90, candidate=10, mirror=5), route={"split_by": "header"})
    assert [(headers(rule), shares(rule)) for rule in found] == [
        ({}, {"ranker--1-4-0": 90, "ranker--1-5-0": 10}),
        ({"x-model-version": "1.4.0"}, {"ranker--1-4-0": 100}),
        ({"x-model-version": "1.5.0"}, {"ranker--1-5-0": 100}),
    ]
    assert [len(filters(rule, "RequestMirror")) for rule in found] == [1, 0, 0]


def test_the_header_that_names_a_version_can_be_another():
    found = rules(backends(stable=90, candidate=10), route={"split_by": "header", "header": "x-variant"})
    assert headers(found[1]) == {"x-variant": "1.4.0"}


def test_path_host_listener_and_timeout_are_those_that_are_said():
    said = {"path": "/v1/rank", "hostname": "rank.example.com", "listener": "inside", "timeout": "250ms"}
    found = route(route=said)
    assert found["spec"]["hostnames"] == ["rank.example.com"]
    assert found["spec"]["parentRefs"][0]["sectionName"] == "inside"
    [rule] = found["spec"]["rules"]
    assert rule["matches"][0]["path"]["value"] == "/v1/rank"
    assert rule["timeouts"] == {"request": "250ms"}


def test_a_gateway_that_names_no_listener_takes_the_route_at_all_of_them():
    bare = {name: value for name, value in GATEWAY.items() if name != "listener"}
    strangers = {"public": OPEN, "limits": {"total": {"requests": 10}}, "callers": None}
    assert "sectionName" not in route(foundation=foundation(gateway=bare), **strangers)["spec"]["parentRefs"][0]


def test_what_speaks_grpc_has_a_route_of_its_kind_on_a_host_of_its_own():
    said = {"hostname": "ranker.grpc.example.com", "split_by": "header", "timeout": "5s"}
    found = made(backends("grpc", stable=90, candidate=10, mirror=5), callers=KEYS, route=said)
    grpc = found["ranker"]
    assert grpc["kind"] == "GRPCRoute"
    assert grpc["spec"]["hostnames"] == ["ranker.grpc.example.com"]
    assert "matches" not in grpc["spec"]["rules"][0]
    assert all("timeouts" not in rule for rule in grpc["spec"]["rules"])
    traffic = found["ranker-traffic"]["spec"]
    assert traffic["timeout"] == {"http": {"requestTimeout": "5000ms"}}
    assert "requestBuffer" not in traffic
    assert {target["kind"] for target in traffic["targetRefs"]} == {"GRPCRoute"}


@pytest.mark.parametrize(("get", "allowed"), [(True, ["POST", "GET"]), (False, ["POST"])])
def test_graphql_takes_its_methods_and_answers_405_to_any_other(get, allowed):
    found = made(callers=KEYS, route={"graphql": {"get": get}})
    *served, closed = found["ranker"]["spec"]["rules"][1:]
    assert [rule["matches"][0]["method"] for rule in served] == allowed
    assert {rule["matches"][0]["path"]["value"] for rule in served} == {"/ranker/graphql"}
    assert {rule["filters"][0]["urlRewrite"]["path"]["replaceFullPath"] for rule in served} == {"/graphql"}
    assert closed["matches"] == [{"path": {"type": "Exact", "value": "/ranker/graphql"}}]
    assert "backendRefs" not in closed
    reference = closed["filters"][0]["extensionRef"]
    answer = found["ranker-not-allowed"]
    assert (reference["kind"], reference["name"]) == (answer["kind"], answer["metadata"]["name"])
    assert answer["spec"]["directResponse"]["statusCode"] == 405


def test_with_keys_and_tokens_a_request_with_a_key_takes_the_route_that_asks_for_keys():
    found = made(callers={"keys": ["web"], "jwt": JWT})
    [with_key], [with_token] = (found[name]["spec"]["rules"] for name in ("ranker", "ranker-tokens"))
    assert with_key["matches"][0]["headers"] == [{"type": "RegularExpression", "name": "x-api-key", "value": ".+"}]
    assert "headers" not in with_token["matches"][0]
    names = [target["name"] for target in found["ranker-traffic"]["spec"]["targetRefs"]]
    assert names == ["ranker-front-door", "ranker-front-door-tokens"]


@pytest.mark.parametrize(
    ("fields", "removed"),
    [
        ({"callers": {"jwt": JWT}}, ["authorization"]),
        ({"public": OPEN, "limits": {"total": {"requests": 5}}, "callers": None}, ["x-client-id"]),
        ({"callers": KEYS}, None),
    ],
    ids=["token", "nobody", "key"],
)
def test_the_model_sees_neither_a_token_nor_a_name_that_nobody_checked(fields, removed):
    [rule] = rules(**fields)
    found = filters(rule, "RequestHeaderModifier")
    assert [filter_["requestHeaderModifier"]["remove"] for filter_ in found] == ([removed] if removed else [])


def test_the_reason_for_a_public_service_stands_on_its_route():
    found = route(callers=None, public=OPEN, limits={"total": {"requests": 5}})
    assert found["metadata"]["annotations"] == {"modelberth.dev/public-because": "shown at the fair"}


def test_there_is_one_way_for_each_means_of_telling_callers_apart():
    asked = [{"callers": KEYS}, {"callers": {"jwt": JWT}}, {"callers": {**KEYS, "jwt": JWT}}]
    assert [[way.asking for way in ways_of(door(**fields))] for fields in asked] == [["keys"], ["jwt"], ["keys", "jwt"]]


@given(st.floats(min_value=0.001, max_value=86400))
def test_a_timeout_is_written_in_five_digits_and_not_far_off(seconds):
    text = duration(seconds)
    number, unit = (text[:-2], 0.001) if text.endswith("ms") else (text[:-1], 1)
    assert number.isdigit()
    assert len(number) <= 5
    assert abs(int(number) * unit - seconds) <= 0.5 * unit + 1e-9
