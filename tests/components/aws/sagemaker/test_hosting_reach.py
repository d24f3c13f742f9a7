"""What reaches every part of an endpoint: labels, the one provider, the words of its partition; and what serves now."""

import inspect

import pulumi
import pulumi_aws as aws
import pytest
from components.aws.sagemaker.samples import (
    ACCOUNT,
    ASYNCHRONOUS,
    CONFIGURATION,
    ENDPOINT,
    FOUNDATION,
    IN_SERVICE,
    LABELS,
    MODEL,
    NEWER,
    REALTIME,
    SERVERLESS,
    VARIANT,
    only,
    planned,
)  # fmt: skip

from modelberth.aws.provider import Account, provider_of
from modelberth.aws.sagemaker import live
from modelberth.aws.sagemaker.asynchronous.endpoint import AsyncEndpoint
from modelberth.aws.sagemaker.hosting import invoke_async_url, invoke_url
from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint
from modelberth.aws.sagemaker.serverless.endpoint import ServerlessEndpoint
from modelberth.core.labels import Labels, render
from modelberth_policies.sources.program import run_in_process

KINDS = {"realtime": (RealtimeEndpoint, REALTIME), "serverless": (ServerlessEndpoint, SERVERLESS),
         "asynchronous": (AsyncEndpoint, ASYNCHRONOUS)}  # fmt: skip
MOST = {
    "realtime": {"variants": {"stable": {**VARIANT, "scaling": {"min_capacity": 1, "max_capacity": 2,
                 "steps": {"on": "concurrent_requests", "add": [{"at": 4, "change": 1}],
                           "remove": [{"at": 1, "change": 1}]}}}},
                 "shadows": {"next": NEWER},
                 "capture": {"sample": "5%", "expires": "7d", "encryption": FOUNDATION["encryption"]}},
    "serverless": {"provisioned_concurrency": {"min_capacity": 1, "max_capacity": 2, "utilization": {"target": 0.7}}},
    "asynchronous": {"scaling": {"min_capacity": 0, "max_capacity": 2, "backlog_per_instance": {"target": 5}}},
}  # fmt: skip


def class_of(type_):
    """`aws.sagemaker.Model` of `aws:sagemaker/model:Model`."""
    module, _, name = type_.removeprefix("aws:").partition(":")
    return getattr(getattr(aws, module.partition("/")[0]), name)


def takes_tags(type_):
    return "tags" in inspect.signature(class_of(type_)._internal_init).parameters


@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_on_everything_that_can_carry_tags(kind):
    component, given = KINDS[kind]
    plan = planned(component, {**given, **MOST[kind], "labels": LABELS})
    labels = render(Labels.parse(LABELS), "aws")
    taggable = [each for each in plan if each.type.startswith("aws:") and takes_tags(each.type)]
    assert {MODEL, CONFIGURATION, ENDPOINT, "aws:iam/role:Role", "aws:appautoscaling/target:Target"} <= {
        each.type for each in taggable
    }
    for each in taggable:
        carried = each.get("tags")
        # A model says its own version.
        own = {**labels, "version": carried["version"]} if each.type == MODEL else labels
        assert own.items() <= carried.items(), each.key


@pytest.mark.parametrize("kind", KINDS)
def test_the_components_provider_reaches_every_child_of_aws_and_no_other(kind):
    component, given = KINDS[kind]
    found = {}

    def program():
        provider = provider_of("ours", Account.parse(ACCOUNT))
        component("ranker", {**given, **MOST[kind]}, pulumi.ResourceOptions(provider=provider))

    plan = run_in_process(program, stack="prod")
    ours = only(plan, "pulumi:providers:aws").urn
    for each in plan:
        if each.custom and not each.type.startswith("pulumi:providers:"):
            found.setdefault(each.options.provider, set()).add(each.type)
    assert {type_ for type_ in found.pop(ours) if not type_.startswith("aws:")} == set()
    assert {type_ for types in found.values() for type_ in types if not type_.endswith(":EndpointInterfacesGone")} == {
        IN_SERVICE
    }


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("eu-central-1", "amazonaws.com"),
        ("us-gov-west-1", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
        ("eusc-de-east-1", "amazonaws.eu"),
    ],
)
def test_the_address_is_that_of_the_regions_partition(region, domain):
    account = Account.parse({"region": region, "id": "123456789012"})
    start = f"https://runtime.sagemaker.{region}.{domain}/endpoints/prod-ranker/"
    assert invoke_url(account, "prod-ranker") == f"{start}invocations"
    assert invoke_async_url(account, "prod-ranker") == f"{start}async-invocations"


def test_live_counts_two_variants_of_one_version_together(monkeypatch):
    weights = [{"VariantName": name, "CurrentWeight": weight} for name, weight in (("a", 30.0), ("b", 60.0), ("c", 10))]
    described = {"EndpointConfigName": "config", "ProductionVariants": weights}
    monkeypatch.setattr(live, "describe", lambda asked: described)
    target = live.SageMakerLiveTarget(Account.parse(ACCOUNT), "prod-ranker")
    monkeypatch.setattr(target, "_versions", lambda config: {"a": "1.4.0", "b": "1.4.0", "c": "1.5.0"})
    assert target.serving() == {"1.4.0": 90, "1.5.0": 10}
