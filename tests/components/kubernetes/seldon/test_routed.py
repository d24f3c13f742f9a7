"""A route before Seldon: the header by which it knows which model is meant, and the real API server's word on it."""

import pytest
from components.kubernetes.seldon.samples import BOTH, COPIED, EVERYTHING, LEAST_V1, LEAST_V2, MOST_OF_A_PIPELINE

from cluster.admission import strictly_admitted
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.gateway.config import FrontDoorArgs
from modelberth.kubernetes.gateway.front_door import GatewayFrontDoor
from modelberth.kubernetes.gateway.front_door import objects_of as objects_of_door
from modelberth.kubernetes.seldon import SeldonDeploymentEndpoint, SeldonModelEndpoint, SeldonPipelineEndpoint
from modelberth_policies.sources.program import run_in_process

DOOR = {"foundation": EVERYTHING, "callers": {"keys": ["web"]}}
BEFORE = {
    "1": (SeldonDeploymentEndpoint, "ranker", {**LEAST_V1, "foundation": EVERYTHING, "traffic": {**BOTH, "mirror": 5}}),
    "2": (SeldonModelEndpoint, "ranker", {**LEAST_V2, "foundation": EVERYTHING, "traffic": BOTH}),
    "2, a mirror": (SeldonModelEndpoint, "ranker", {**LEAST_V2, "foundation": EVERYTHING, "traffic": COPIED}),
    "2, a pipeline": (SeldonPipelineEndpoint, "fraud", MOST_OF_A_PIPELINE),
}


def backends_of(kind, name, given):
    found = []
    run_in_process(lambda: found.append(kind(name, given).backends), stack="prod")
    return found[0]


def shares(route):
    [rule] = route["spec"]["rules"]
    return rule["backendRefs"]


def asked(share):
    kinds = {filter_["type"]: filter_ for filter_ in share["filters"]}
    setting = kinds.get("RequestHeaderModifier", {}).get("requestHeaderModifier", {}).get("set", [])
    answered = kinds["ResponseHeaderModifier"]["responseHeaderModifier"]["set"][0]["value"]
    return answered, share["weight"], {header["name"]: header["value"] for header in setting}


def door(backends, **fields):
    return objects_of_door(FrontDoorArgs.parse({**DOOR, **fields}), backends, "ranker", {"web": "k" * 43})


def test_a_backend_without_headers_has_none_set():
    route = door({"1.0.0": Backend(service="ranker", port=80, weight=100)})["ranker"]
    assert [asked(share) for share in shares(route)] == [("1.0.0", 100, {})]


def test_each_version_is_asked_for_by_its_header_whatever_a_caller_wrote_there():
    route = door(backends_of(*BEFORE["2"]))["ranker"]
    assert [asked(share) for share in shares(route)] == [
        ("1.4.0", 90, {"Seldon-Model": "ranker--1-4-0"}),
        ("1.5.0", 10, {"Seldon-Model": "ranker--1-5-0"}),
    ]


def test_by_header_a_version_that_is_named_is_asked_for_alone():
    route = door(backends_of(*BEFORE["2"]), route={"split_by": "header"})["ranker"]
    named = [rule for rule in route["spec"]["rules"] if "headers" in rule["matches"][0]]
    found = {
        rule["matches"][0]["headers"][0]["value"]: [asked(share) for share in rule["backendRefs"]] for rule in named
    }
    assert found == {
        "1.4.0": [("1.4.0", 100, {"Seldon-Model": "ranker--1-4-0"})],
        "1.5.0": [("1.5.0", 100, {"Seldon-Model": "ranker--1-5-0"})],
    }


def test_a_front_door_stands_before_a_model_in_a_plan():
    def program():
        kind, name, given = BEFORE["2"]
        GatewayFrontDoor(name, {**DOOR, "endpoint": kind(name, given)})

    [route] = [each for each in run_in_process(program, stack="prod") if each.type.endswith(":HTTPRoute")]
    told = [asked(share)[2] for share in shares(route.inputs)]
    assert told == [{"Seldon-Model": "ranker--1-4-0"}, {"Seldon-Model": "ranker--1-5-0"}]


@pytest.mark.server
@pytest.mark.parametrize("before", BEFORE)
def test_the_route_is_admitted(before, api, addons, namespace):
    addons("gateway-api", "envoy-gateway")
    made = door(backends_of(*BEFORE[before]))
    routes = [each for each in made.values() if each["kind"] == "HTTPRoute"]
    assert routes
    assert [str(each) for each in strictly_admitted(api, routes, namespace)] == []
