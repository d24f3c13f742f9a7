"""What a stack stands on, as a plan: what is left out is made, what is given is used, all through one provider."""

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from inventory import assert_inventory
from plans import remembered

from modelberth.aws.encryption import CustomerKey, ProviderKey
from modelberth.aws.foundation import AwsFoundation, Foundation
from modelberth.aws.network import Network
from modelberth_policies.resources import MISSING, UNKNOWN
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
BOUNDARY = "arn:aws:iam::123456789012:policy/bounds"
IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/triton@sha256:" + "a" * 64
NETWORK = {"vpc_id": "vpc-1", "subnet_ids": ("subnet-1", "subnet-2"), "model_security_group_id": "sg-1"}
REGISTRY = {
    "bucket": "models-of-another-account",
    "repository_arn": "arn:aws:ecr:eu-central-1:210987654321:repository/models",
    "repository_url": "210987654321.dkr.ecr.eu-central-1.amazonaws.com/models",
}
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "shared", "model": "shared",
    "version": "shared", "data_classification": "internal",
}  # fmt: skip
MAX = {
    "network": {"cidr": "172.16.0.0/20", "zones": "abc"},
    "encryption": {"reason": "a test that has nothing to hide"},
    "alerts": {"emails": ("ml@example.com",)},
    "budget": {"limit_usd": 500, "forecast": (90, 100)},
    "permissions_boundary": BOUNDARY,
    "images": {"triton": IMAGE},
    "log_retention_days": 365,
    "readers": ("210987654321",),
    "protect": True,
    "labels": LABELS,
}
TOP = "modelberth:index:AwsFoundation"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
PROVIDER = f"{TOP}$pulumi:providers:aws::ml-provider"


def made(**fields):
    return AwsFoundation("ml", {"account": ACCOUNT, **fields})


@remembered
def planned(**fields):
    return run_in_process(lambda: made(**fields) and None)


def parts(plan):
    """The components and resources that stand directly in the foundation, by type."""
    return {child.type.rpartition(":")[2] for child in plan.children(plan[f"{TOP}::ml"])} - {"aws"}


def test_what_a_user_writes():
    def program():
        aws_ = AwsFoundation(
            "ml",
            {"account": {"region": "eu-central-1", "id": "123456789012"}, "alerts": {"emails": ["ml@example.com"]}},
        )
        assert isinstance(aws_.shared, Foundation)
        pulumi.CustomResource(
            "aws:test:Endpoint", "ranker", {"subnets": list(aws_.shared.network.subnet_ids)},
            pulumi.ResourceOptions(provider=aws_.provider),
        )  # fmt: skip

    plan = run_in_process(program)
    endpoint = plan["aws:test:Endpoint::ranker"]
    assert endpoint.options.provider == plan[PROVIDER].urn
    assert endpoint.get("subnets") == [UNKNOWN, UNKNOWN]


def test_defaults():
    assert_inventory(planned(), HERE / "foundation.defaults.inventory.yaml")


def test_max():
    assert_inventory(planned(**MAX), HERE / "foundation.max.inventory.yaml")


def test_what_is_left_out_is_made_and_nobody_is_told():
    assert parts(planned()) == {"OwnedKey", "PrivateNetwork", "ModelRegistry", "PrivateBucket"}


def test_with_everything_there_are_six_kinds_of_parts():
    assert parts(planned(**{**MAX, "encryption": None})) == {
        "OwnedKey", "PrivateNetwork", "ModelRegistry", "PrivateBucket", "AlertChannel", "MonthlyBudget",
    }  # fmt: skip


def test_all_of_it_is_made_through_the_one_provider():
    plan = planned(**MAX)
    assert plan[PROVIDER].parent == plan[f"{TOP}::ml"].urn
    assert json.loads(plan[PROVIDER].get("allowedAccountIds")) == ["123456789012"]
    used = {one.options.provider for one in plan if one.type.startswith("aws:")}
    assert used == {plan[PROVIDER].urn}


def test_the_provider_tags_whatever_it_makes_with_what_holds_for_all_of_the_stack():
    tags = json.loads(planned(labels=LABELS)[PROVIDER].get("defaultTags"))
    assert tags == {"tags": {"cost-centre": "4711", "environment": "prod", "owner": "search"}}
    assert planned()[PROVIDER].get("defaultTags") is MISSING


def test_every_role_has_the_boundary():
    roles = planned(**MAX).of_type("aws:iam/role:Role")
    assert roles
    assert {role.get("permissionsBoundary") for role in roles} == {BOUNDARY}


def test_protection_reaches_key_and_registry():
    plan = planned(protect=True)
    protected = {one.type for one in plan if one.options.protect}
    assert {"aws:kms/key:Key", "aws:ecr/repository:Repository", "aws:s3/bucket:Bucket"} <= protected
    assert not [one for one in planned() if one.options.protect]


def test_access_logs_of_the_registry_and_of_endpoints_go_to_one_bucket_which_keeps_them_as_long_as_logs():
    def program():
        pulumi.CustomResource("test:index:User", "user", {"logs": made(log_retention_days=365).shared.access_logs})

    plan = run_in_process(program)
    (logging,) = plan.of_type("aws:s3/bucketLogging:BucketLogging")
    assert logging.name == "ml-registry-models"
    assert logging.get("targetBucket") == plan["test:index:User::user"].get("logs")
    kept = {each.name: each.get("rules")[0] for each in plan.of_type(LIFECYCLE)}
    assert kept["ml-access-logs"]["expiration"] == {"days": 365}


@pytest.mark.parametrize("protect", [True, False])
def test_access_logs_go_with_a_foundation_unless_it_is_protected(protect):
    buckets = planned(protect=protect).of_type("aws:s3/bucket:Bucket")
    (logs,) = [each for each in buckets if each.name == "ml-access-logs"]
    assert (logs.get("forceDestroy"), bool(logs.options.protect)) == (not protect, protect)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"arn": KEY}, CustomerKey(arn=KEY)),
        (CustomerKey(arn=KEY), CustomerKey(arn=KEY)),
        ({"reason": "nothing to hide"}, ProviderKey(reason="nothing to hide")),
    ],
)
def test_a_key_that_is_there_already_is_used_and_none_is_made(given, key):
    def program():
        assert made(encryption=given).shared.encryption == key

    assert parts(run_in_process(program)) == {"PrivateNetwork", "ModelRegistry", "PrivateBucket"}


@pytest.mark.parametrize("given", [NETWORK, Network(**NETWORK)])
def test_a_network_that_is_there_already_is_used_and_none_is_made(given):
    def program():
        assert made(network=given).shared.network == Network(**NETWORK)

    plan = run_in_process(program)
    assert parts(plan) == {"OwnedKey", "ModelRegistry", "PrivateBucket"}
    assert plan.of_type("aws:ec2/vpc:Vpc") == ()


def test_a_registry_that_is_there_already_can_be_read_from_the_network():
    plan = planned(registry=REGISTRY)
    assert parts(plan) == {"OwnedKey", "PrivateNetwork", "PrivateBucket"}
    (s3,) = [end for end in plan.of_type("aws:ec2/vpcEndpoint:VpcEndpoint") if end.name == "ml-network-s3"]
    named = json.loads(s3.get("policy"))["Statement"][-1]
    assert named["Resource"] == ["arn:aws:s3:::models-of-another-account", "arn:aws:s3:::models-of-another-account/*"]


def test_a_topic_that_is_there_already_hears_of_alarms_and_of_the_budget():
    def program():
        assert made(alerts={"topic_arn": TOPIC}, budget={"limit_usd": 500}).shared.alerts == TOPIC

    plan = run_in_process(program)
    assert "AlertChannel" not in parts(plan)
    (budget,) = plan.of_type("aws:budgets/budget:Budget")
    assert {tuple(alert["subscriberSnsTopicArns"]) for alert in budget.get("notifications")} == {(TOPIC,)}


def test_what_is_known_beforehand_is_known_to_endpoints():
    def program():
        shared = made(**MAX).shared
        assert shared.images == {"triton": IMAGE}
        assert shared.log_retention_days == 365
        assert shared.permissions_boundary == BOUNDARY
        assert len(shared.network.subnet_ids) == 3

    run_in_process(program)


def test_the_longest_name_that_a_service_may_have_is_not_too_long():
    plan = run_in_process(lambda: AwsFoundation("m" * 32, {"account": ACCOUNT, **MAX}) and None)
    assert len(plan.of_type("aws:ec2/vpc:Vpc")) == 1


def test_an_image_that_is_known_late_is_checked_late():
    def program():
        late = pulumi.Output.from_input(IMAGE.replace("@", ":24.01@"))
        pulumi.export("image", made(images={"triton": late}).shared.images["triton"])

    with pytest.raises(ValueError, match=r"  ml\.images\.triton: has a tag, and a tag can be moved to another image; "):
        run_in_process(program)


def test_the_provider_is_the_sdks_own():
    def program():
        assert isinstance(made().provider, aws.Provider)

    run_in_process(program)
