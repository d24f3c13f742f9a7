"""Every type that a rule names is priced, free, or declared to have no price: no cloud's bill passes one over."""

import pytest

from modelberth_policies.bill import Profile, estimate
from modelberth_policies.bill.assumptions import Assumptions
from modelberth_policies.bill.azure import DECLARED as AZURE_DECLARED
from modelberth_policies.bill.azure import FREE as AZURE_FREE
from modelberth_policies.bill.azure import METERS as AZURE_METERS
from modelberth_policies.bill.gcp import DECLARED as GCP_DECLARED
from modelberth_policies.bill.gcp import FREE as GCP_FREE
from modelberth_policies.bill.gcp import METERS as GCP_METERS
from modelberth_policies.bill.kubernetes import DECLARED as KUBERNETES_DECLARED
from modelberth_policies.bill.kubernetes import FREE as KUBERNETES_FREE
from modelberth_policies.bill.kubernetes import METERS as KUBERNETES_METERS
from modelberth_policies.resources import UNKNOWN, Plan, Resource, Secret, urn_of
from modelberth_policies.rules import ALL as RULES

PACKAGES = ("gcp", "azure-native", "kubernetes")
TYPES = sorted({type_ for rule in RULES for type_ in rule.types if type_.partition(":")[0] in PACKAGES})
TABLES = {
    "azure": (AZURE_METERS, AZURE_FREE, AZURE_DECLARED),
    "gcp": (GCP_METERS, GCP_FREE, GCP_DECLARED),
    "kubernetes": (KUBERNETES_METERS, KUBERNETES_FREE, KUBERNETES_DECLARED),
}
METERED = sorted({*GCP_METERS, *AZURE_METERS, *KUBERNETES_METERS})


def bill_of(type_, **inputs):
    resource = Resource(urn_of("p", "prod", "", type_, "it"), type_, "it", inputs=inputs)
    return estimate(Plan("p", "prod", (resource,)), Profile("prod", Assumptions()))


@pytest.mark.parametrize("type_", TYPES)
def test_a_type_of_a_rule_has_an_answer(type_):
    bill = bill_of(type_)
    assert bill.lines or bill.unpriced or bill.free
    assert "the bill does not know this type" not in {found.reason for found in bill.unpriced}


def test_rules_name_types_of_every_cloud():
    assert {type_.partition(":")[0] for type_ in TYPES} == set(PACKAGES)
    assert len(TYPES) > 80


@pytest.mark.parametrize("cloud", TABLES)
def test_no_type_has_two_answers(cloud):
    meters, free, declared = TABLES[cloud]
    assert not set(meters) & (set(free) | set(declared))
    assert not set(free) & set(declared)


@pytest.mark.parametrize("value", [UNKNOWN, Secret("s"), -1, True, "many", [], [3], {}, float("nan")], ids=repr)
@pytest.mark.parametrize("type_", METERED)
def test_a_value_of_the_wrong_kind_is_a_reason_and_never_a_price(type_, value):
    names = ("sku", "spec", "template", "properties", "containers", "location", "machineType", "vmSize", "nodeConfig")
    more = ("agentPoolProfiles", "dedicatedResources", "deployConfig", "hardwareProfile", "scaling", "autoscaling")
    bill = bill_of(type_, **dict.fromkeys((*names, *more), value))
    # The price of logs is the same everywhere, so even an unheard-of place has it.
    assert {line.unit_price.service for line in bill.lines} <= {"logging"}
    assert bill.unpriced or bill.free or bill.lines
