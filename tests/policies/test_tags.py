"""Tags and places of resources, whoever says them: the resource, its provider, the default provider."""

import pytest

from modelberth_policies.limits import Limits
from modelberth_policies.place import region_of
from modelberth_policies.resources import MISSING, UNKNOWN, Options, Plan, Resource
from modelberth_policies.subject import Stack, Subject, Undeterminable
from modelberth_policies.tags import classification_of, tags_of

PROVIDER = "urn:pulumi:s::p::pulumi:providers:aws::account"


def plan(inputs, provider=None, default=None, type_="aws:kms/key:Key"):
    explicit = Resource(PROVIDER, "pulumi:providers:aws", "account", inputs=provider or {})
    options = Options(provider=PROVIDER if provider is not None else None)
    resource = Resource("urn:pulumi:s::p::t::n", type_, "n", inputs=inputs, options=options)
    package = type_.partition(":")[0]
    return Plan("p", "s", (explicit, resource), default_providers={package: default or {}}), resource


@pytest.mark.parametrize(
    ("inputs", "provider", "default", "tags"),
    [
        ({"tags": {"a": "1"}}, {"defaultTags": {"tags": {"a": "0", "b": "2"}}}, None, {"a": "1", "b": "2"}),
        ({"labels": {"a": "1"}}, None, {"defaultLabels": {"b": "2"}}, {"a": "1", "b": "2"}),
        ({"metadata": {"labels": {"a": "1"}}}, None, None, {"a": "1"}),
        ({"tags": [{"key": "a", "value": "1"}]}, None, None, {"a": "1"}),
        ({}, None, None, {}),
    ],
)
def test_tags(inputs, provider, default, tags):
    made, resource = plan(inputs, provider, default)
    assert tags_of(Subject(resource, Limits()), Stack(made, Limits())) == tags


def test_unknown_tags_are_not_no_tags():
    made, resource = plan({"tags": UNKNOWN})
    with pytest.raises(Undeterminable):
        tags_of(Subject(resource, Limits()), Stack(made, Limits()))


def test_classification_is_a_word_in_lower_case():
    made, resource = plan({"tags": {"data-classification": "PII"}})
    assert classification_of(Subject(resource, Limits()), Stack(made, Limits())) == "pii"


@pytest.mark.parametrize(
    ("type_", "inputs", "provider", "default", "region"),
    [
        ("aws:kms/key:Key", {"region": "eu-west-1"}, {"region": "us-east-1"}, None, "eu-west-1"),
        ("aws:kms/key:Key", {}, {"region": "us-east-1"}, {"region": "eu-west-1"}, "us-east-1"),
        ("aws:kms/key:Key", {}, None, {"region": "eu-west-1"}, "eu-west-1"),
        ("aws:kms/key:Key", {}, {"region": UNKNOWN}, None, UNKNOWN),
        ("aws:kms/key:Key", {}, None, None, MISSING),
        ("gcp:storage/bucket:Bucket", {"location": "EUROPE-WEST4"}, None, None, "europe-west4"),
        ("gcp:compute/instance:Instance", {"zone": "europe-west4-a"}, None, None, "europe-west4"),
        ("gcp:compute/address:Address", {"location": "global"}, None, {"region": "x"}, MISSING),
        ("azure-native:app:ContainerApp", {"location": "West Europe"}, None, None, "westeurope"),
        ("kubernetes:core/v1:Pod", {"region": "x"}, None, None, MISSING),
    ],
)
def test_region(type_, inputs, provider, default, region):
    made, resource = plan(inputs, provider, default, type_)
    assert region_of(resource, made) == region
