"""What the estimate does with regions, services, unknown values and types that it does not know."""

import subprocess
import sys
from pathlib import Path

import pytest
from bill_plans import PROVIDER, STACK, amount, bill_of, endpoint, made, plan_of, the_line, urn, variant

from modelberth_policies.bill import Assumptions, Profile, default_profile, estimate
from modelberth_policies.resources import UNKNOWN, Options, Partial, Plan, Resource, Secret

NAT = "aws:ec2/natGateway:NatGateway"
KEY = "aws:kms/key:Key"


def reasons(bill):
    return [found.reason for found in bill.unpriced]


def test_no_region_is_no_price_and_not_zero():
    bill = bill_of(made(NAT), region=None)
    assert bill.lines == ()
    assert set(reasons(bill)) == {"its region is not known: no explicit provider of the plan states one"}


def test_an_unknown_region_is_no_region_and_not_the_one_that_is_handed_in():
    assert bill_of(made(NAT), region=UNKNOWN).lines == ()
    assert estimate(plan_of(made(NAT), region=UNKNOWN), region="eu-west-1").lines == ()


def test_a_region_without_the_price_is_no_price_from_another():
    assert reasons(bill_of(made(NAT), region="ap-south-1"))[0] == (
        "the catalogue has no price of nat-gateway 'gateway hour' in ap-south-1"
    )


def test_the_resources_own_region_goes_before_its_providers():
    assert the_line(bill_of(made(NAT, region="eu-west-1")), "gateway").unit_price.usd == 0.048


def test_a_region_that_is_handed_in_is_for_what_has_none():
    alone = Plan("p", STACK, (Resource(urn(NAT, "it"), NAT, "it"),))
    assert estimate(alone).lines == ()
    assert estimate(alone, region="eu-west-1").lines[0].unit_price.region == "eu-west-1"


@pytest.mark.parametrize("reference", [PROVIDER, f"{PROVIDER}::0f1e2d3c-0000-4000-8000-000000000000"])
def test_a_provider_is_found_by_its_urn_with_or_without_id(reference):
    nat = Resource(urn(NAT, "it"), NAT, "it", options=Options(provider=reference))
    assert estimate(plan_of(nat, region="eu-west-1")).lines[0].unit_price.region == "eu-west-1"


def test_the_one_default_provider_of_a_state_says_the_region():
    default = Resource(urn("pulumi:providers:aws", "default_7_51_0"), "pulumi:providers:aws", "default_7_51_0")
    default = Resource(default.urn, default.type, default.name, inputs={"region": "eu-west-1"})
    assert estimate(Plan("p", STACK, (default, Resource(urn(NAT, "it"), NAT, "it")))).lines


def test_a_value_that_nobody_knows_is_a_reason():
    bill = bill_of(*endpoint(variant(UNKNOWN)))
    assert "productionVariants[0].instanceType is known only after deployment" in reasons(bill)
    assert not any(line.unit == "hour" for line in bill.lines)


def test_a_secret_is_a_reason_and_stays_one():
    bill = bill_of(*endpoint(variant(Secret("ml.hidden.large"))))
    assert "productionVariants[0].instanceType is a secret" in reasons(bill)
    assert "hidden" not in repr(bill)


@pytest.mark.parametrize("count", [UNKNOWN, "many", -1, True, float("inf"), [2], Partial("2…")])
def test_a_count_of_the_wrong_kind_is_a_reason(count):
    bill = bill_of(*endpoint(variant(count=count)))
    assert any("initialInstanceCount" in reason for reason in reasons(bill))


def test_an_unknown_type_is_listed_and_not_free():
    bill = bill_of(made("aws:quantum/computer:Computer"), made("gizmo:index:Gizmo", "other"))
    assert reasons(bill) == ["the bill does not know this type", "the bill knows no prices of 'gizmo'"]


def test_what_is_only_read_and_what_is_a_component_is_not_billed():
    read_only = Resource(urn(NAT, "a"), NAT, "a", external=True, options=Options(provider=PROVIDER))
    component = Resource(urn(NAT, "b"), NAT, "b", custom=False)
    bill = estimate(plan_of(read_only, component))
    assert (bill.lines, bill.unpriced) == ((), ())


def test_the_service_is_the_nearest_label_or_else_the_outermost_component():
    site = Resource(urn("my:index:Site", "shop"), "my:index:Site", "shop", custom=False)
    part = Resource(urn("my:index:Part", "shop-api"), "my:index:Part", "shop-api", site.urn, custom=False)
    named = Resource(
        urn("my:index:Named", "x"), "my:index:Named", "x", site.urn, False, inputs={"labels": {"service": "ranker"}}
    )
    keys = [
        made(KEY, "by-component", None, part.urn),
        made(KEY, "by-label", None, named.urn),
        made(KEY, "by-tag", None, part.urn, tags={"service": "search"}),
        made(KEY, "alone"),
    ]
    bill = bill_of(site, part, named, *keys)
    found = {line.urn.rpartition("::")[2]: line.service for line in bill.lines}
    assert found == {"by-component": "shop", "by-label": "ranker", "by-tag": "search", "alone": "alone"}
    assert set(bill.by_service()) == {"shop", "ranker", "search", "alone"}


def test_overrides_reach_what_they_fit_and_the_later_wins():
    overrides = [("*", {"hours": 100}), ("*::busy", {"hours": 365}), ("nothing*", {"hours": 1})]
    bill = bill_of(made(NAT, "busy"), made(NAT, "idle"), overrides=overrides)
    hours = {line.urn.rpartition("::")[2]: line.quantity.expected for line in bill.lines if line.what == "gateway"}
    assert hours == {"busy": 365, "idle": 100}
    assert bill.unused_overrides == ("nothing*",)


@pytest.mark.parametrize(
    ("stack", "environment"),
    [("prod", "prod"), ("org/shop/shop-prod", "prod"), ("dev-anna", "dev"), ("staging", "staging"), ("blue", "prod")],
)
def test_a_stacks_name_says_its_environment(stack, environment):
    assert default_profile(stack).environment == environment


def test_fewer_hours_cost_less_in_every_line_that_is_paid_by_time():
    things = [made(NAT), made(KEY, "k"), made("aws:cloudwatch/dashboard:Dashboard", "d"), *endpoint(variant())]
    whole, half = (bill_of(*things, hours=hours) for hours in (730, 365))
    for what in ("gateway", "key", "dashboard", "ml.m5.large", "volumes"):
        assert amount(half, what)[1] == pytest.approx(amount(whole, what)[1] / 2, abs=0.01)


def test_a_profile_is_taken_as_it_is():
    bill = estimate(plan_of(made(NAT)), Profile("lab", Assumptions(hours=10)))
    assert (bill.environment, bill.lines[0].quantity.expected) == ("lab", 10)


def test_the_bill_needs_the_standard_library_only():
    code = "import sys, modelberth_policies.bill, modelberth_policies.bill.aws; print(*sys.modules)"
    root = str(Path(__file__).parents[3] / "policies")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": root})
    assert "modelberth_policies.bill.aws" in run.stdout
    assert not {"pydantic", "yaml", "pulumi", "google", "grpc"} & {
        name.partition(".")[0] for name in run.stdout.split()
    }
