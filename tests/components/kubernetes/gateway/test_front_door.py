"""A front door as a plan: what is there before what, under which names, and which of it is secret."""

import json

import pytest
from components.kubernetes.gateway.samples import (
    ISTIO,
    JWT,
    KEY_SET,
    LABELS,
    OPEN,
    backends,
    door,
    foundation,
    made,
    planned,
)

from modelberth.core.errors import ModelberthError
from modelberth.kubernetes.gateway.front_door import address_of
from modelberth_policies.check import check
from modelberth_policies.exemptions import Exemptions
from modelberth_policies.limits import load_limits
from modelberth_policies.resources import UNKNOWN, Secret, reveal
from modelberth_policies.rules import ALL
from modelberth_policies.usage import Usage

BOTH = {"callers": {"keys": ["web"], "jwt": JWT}}


def kinds(plan):
    return {resource.name: resource.type.rpartition(":")[2] for resource in plan if ":index:" not in resource.type}


def of(plan, name, kind):
    [found] = [resource for resource in plan if resource.name == name and resource.type.endswith(kind)]
    return found


def test_with_keys_and_tokens_there_are_two_routes_their_policies_and_one_policy_of_traffic():
    assert kinds(planned(**BOTH)) == {
        "ranker-keys": "ApiKeys",
        "ranker-secret": "Secret",
        "ranker-access": "SecurityPolicy",
        "ranker-access-tokens": "SecurityPolicy",
        "ranker-traffic": "BackendTrafficPolicy",
        "ranker": "HTTPRoute",
        "ranker-tokens": "HTTPRoute",
    }


def test_every_check_is_there_before_the_route_is():
    plan = planned(**BOTH)
    before = {urn.rpartition("::")[2] for urn in of(plan, "ranker", "HTTPRoute").dependencies}
    assert {"ranker-secret", "ranker-access", "ranker-access-tokens", "ranker-traffic"} <= before


def test_all_of_it_is_under_the_component():
    plan = planned(**BOTH)
    door = of(plan, "ranker", "GatewayFrontDoor")
    children = [resource for resource in plan if resource.name in kinds(plan) and ":index:" not in resource.type]
    assert {resource.parent for resource in children} == {door.urn}


def test_keys_are_secret_wherever_they_stand():
    plan = planned(callers={"keys": ["web"]})
    assert isinstance(plan.outputs["keys"], Secret)
    secret = of(plan, "ranker-secret", "Secret")
    assert secret.get("data") is UNKNOWN
    assert "data" in secret.options.additional_secret_outputs
    assert of(plan, "ranker-keys", "ApiKeys").options.additional_secret_outputs == ("keys",)


def test_what_it_says_of_itself():
    outputs = planned(callers={"keys": ["web"]}, labels=LABELS).outputs
    assert outputs["versions"] == {"1.4.0": 90, "1.5.0": 10}
    assert outputs["resource_id"] == "models/ranker"
    assert outputs["metrics"] == ["error_rate"]


@pytest.mark.parametrize(
    ("before", "route", "address"),
    [
        (None, {}, "https://models.example.com/ranker"),
        (None, {"path": "/v1/rank", "hostname": "r.example.com"}, "https://r.example.com/v1/rank"),
        (backends("grpc"), {"hostname": "r.example.com"}, "https://r.example.com"),
    ],
)
def test_the_address_is_known_once_the_route_is_there(before, route, address):
    assert planned(before, callers={"keys": ["web"]}, route=route).outputs["url"] is UNKNOWN
    assert address_of(door(callers={"keys": ["web"]}, route=route), before or backends(), "ranker") == address


def test_labels_reach_every_object():
    found = made(callers={"keys": ["web"], "jwt": JWT}, labels=LABELS, route={"graphql": {}})
    assert len(found) == 7
    assert {object_["metadata"]["labels"]["app.kubernetes.io/instance"] for object_ in found.values()} == {"ranker"}
    assert all("search" in object_["metadata"]["labels"].values() for object_ in found.values())


def test_the_key_set_is_read_where_the_program_runs(tmp_path):
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(KEY_SET))
    plan = planned(callers={"jwt": {**JWT, "jwks": str(path)}})
    [provider] = reveal(of(plan, "ranker-access", "SecurityPolicy").get("spec"))["jwt"]["providers"]
    assert json.loads(provider["localJWKS"]["inline"]) == KEY_SET


def test_a_key_set_that_is_not_there_stops_the_plan():
    with pytest.raises(ModelberthError, match="No such file or directory"):
        planned(callers={"jwt": {**JWT, "jwks": "/no/such/keys.json"}})


def test_where_strangers_may_call_there_are_no_keys():
    plan = planned(public=OPEN, limits={"total": {"requests": 50}})
    assert kinds(plan) == {"ranker-traffic": "BackendTrafficPolicy", "ranker": "HTTPRoute"}
    assert reveal(plan.outputs["keys"]) == {}


def test_istio_has_policies_of_its_own():
    plan = planned(callers={"jwt": JWT}, foundation=foundation(*ISTIO))
    assert kinds(plan) == {
        "ranker-access": "RequestAuthentication",
        "ranker-allowed": "AuthorizationPolicy",
        "ranker": "HTTPRoute",
    }


def test_the_same_configuration_makes_the_same_objects():
    assert made(**BOTH) == made(**BOTH)


@pytest.mark.parametrize(
    "fields",
    [
        {**BOTH, "limits": {"per_client": {"requests": 5}}, "route": {"graphql": {}, "split_by": "header"}},
        {"callers": {"jwt": JWT}, "foundation": foundation(*ISTIO)},
        {"public": OPEN, "limits": {"total": {"requests": 50}}},
    ],
    ids=["Envoy Gateway", "Istio", "strangers"],
)
def test_it_breaks_no_rule_in_production_and_leaves_none_open(fields):
    limits = load_limits(None, frozenset(rule.id for rule in ALL)).of_stack("prod")
    report = check(planned(labels=LABELS, **fields), ALL, limits, Usage(), Exemptions())
    assert limits.production
    # The bill is about nothing here: a route costs no money, and no budget is in this program.
    assert [(one.rule, one.message) for one in report.findings if not one.rule.startswith("cloud-budget")] == []
