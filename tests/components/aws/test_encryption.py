"""A key of one's own as a plan, what its policy lets whom do, and grants to use it."""

from pathlib import Path

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inventory import assert_inventory
from policy_text import kinds_of, readable, statements

from modelberth.aws.encryption import CustomerKey, OwnedKey, ProviderKey, grant_use, key_arn
from modelberth.aws.key_policy import ADMINISTER, PUBLISH, USE, key_statements
from modelberth.aws.provider import Account
from modelberth.core.errors import ConfigError
from modelberth_policies.resources import MISSING
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
ROOT = "arn:aws:iam::123456789012:root"
ADMIN = "arn:aws:iam::123456789012:role/security"
ARN = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "shared", "model": "shared",
    "version": "shared", "data_classification": "internal",
}  # fmt: skip
MAX = {
    "administrators": [ADMIN],
    "services": ["logs"],
    "rotation_days": 90,
    "deletion_window_days": 7,
    "protect": True,
    "labels": LABELS,
}
KEY = "modelberth:index:OwnedKey$aws:kms/key:Key::shared"
ALIAS = "modelberth:index:OwnedKey$aws:kms/alias:Alias::shared"


def planned(opts=None, **fields):
    def program():
        key = OwnedKey("shared", {"account": ACCOUNT, **fields}, opts)
        pulumi.CustomResource("test:index:User", "user", {"key": key_arn(key.encryption)})

    return run_in_process(program, stack="prod")


def policy(**fields):
    """The statements of the key's policy, by name."""
    return {statement["Sid"]: statement for _, statement in statements(planned(**fields))}


def test_defaults():
    assert_inventory(readable(planned()), HERE / "encryption.defaults.inventory.yaml")


def test_max():
    plan = planned(**MAX)
    assert_inventory(readable(plan), HERE / "encryption.max.inventory.yaml")
    assert plan[KEY].options.protect


def test_nobody_is_locked_out():
    administer = policy(administrators=[ADMIN])["Administer"]
    assert administer["Principal"]["AWS"] == [ROOT, ADMIN]
    assert {"kms:PutKeyPolicy", "kms:CreateGrant", "kms:CancelKeyDeletion"} <= set(administer["Action"])
    assert "Condition" not in administer


def test_no_principal_uses_the_key_without_a_service_between():
    for statement in policy(administrators=[ADMIN]).values():
        using = set(statement["Action"]) & (set(USE) - {"kms:DescribeKey"})
        if "AWS" in statement["Principal"] and using:
            assert statement["Condition"]["StringEquals"]["kms:CallerAccount"] == "123456789012"
            assert "s3.eu-central-1.amazonaws.com" in statement["Condition"]["StringEquals"]["kms:ViaService"]
            assert "kms.eu-central-1.amazonaws.com" not in statement["Condition"]["StringEquals"]["kms:ViaService"]


@given(st.sets(st.sampled_from(["logs", "cloudwatch", "budgets"])))
def test_exactly_the_services_that_are_named_use_it_and_for_this_account_alone(services):
    account = Account.parse(ACCOUNT)
    told = {"logs": "logs.eu-central-1", "cloudwatch": "cloudwatch", "budgets": "budgets"}
    found = [statement for statement in key_statements(account, [], services) if "Service" in statement.principals]
    principals = [name for statement in found for name in statement.principals["Service"]]
    assert sorted(principals) == sorted(f"{told[service]}.amazonaws.com" for service in services)
    assert all("123456789012" in str(statement.conditions) for statement in found)


def test_log_groups_of_other_accounts_and_regions_are_not_encrypted():
    assert policy()["EncryptLogs"]["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-central-1:123456789012:log-group:*"}
    }


@pytest.mark.parametrize(("region", "end"), [("cn-north-1", ".amazonaws.com.cn"), ("us-gov-west-1", ".amazonaws.com")])
def test_in_other_partitions_services_have_other_names(region, end):
    found = policy(account={"region": region, "id": "123456789012"})
    assert found["EncryptLogs"]["Principal"] == {"Service": [f"logs.{region}{end}"]}
    via = found["UseThroughServices"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert all(name.endswith(f".{region}{end}") for name in via)


def test_every_action_of_the_policy_exists():
    assert [action for action in (*ADMINISTER, *USE, *PUBLISH) if not kinds_of(action)] == []


def test_who_uses_the_key_waits_for_its_alias_too():
    plan = planned()
    assert {plan[KEY].urn, plan[ALIAS].urn} <= set(plan["test:index:User::user"].dependencies)


def test_protection_of_the_component_is_inherited_and_never_taken_away():
    assert not planned()[KEY].options.protect
    assert planned(pulumi.ResourceOptions(protect=True), protect=False)[KEY].options.protect


def granted(encryption, operations=("Decrypt", "DescribeKey")):
    def program():
        grant_use("reader", encryption, ADMIN, operations)

    return run_in_process(program).of_type("aws:kms/grant:Grant")


def test_a_grant_names_the_key_the_principal_and_the_operations():
    (grant,) = granted(CustomerKey(arn=ARN))
    assert (grant.get("name"), grant.get("keyId"), grant.get("granteePrincipal")) == ("reader", ARN, ADMIN)
    assert grant.get("operations") == ["Decrypt", "DescribeKey"]
    assert grant.get("constraints") is MISSING


def test_the_providers_key_takes_no_grants():
    assert granted(ProviderKey(reason="a test of the provider's key")) == ()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rotation_days": 30}, "rotation_days: got 30, input should be greater than or equal to 90"),
        ({"deletion_window_days": 3}, "deletion_window_days: got 3, input should be greater than or equal to 7"),
        ({"deletion_window_days": 31}, "deletion_window_days: got 31, input should be less than or equal to 30"),
        ({"services": ["s3"]}, "services.0: input should be 'logs', 'cloudwatch' or 'budgets'"),
        (
            {"administrators": ["*"]},
            "administrators.0: not a principal; write arn:aws:iam::<account>:role/<name>",
        ),
        (
            {"rotation": 90},
            "rotation: no such field; allowed: account, administrators, services, rotation_days, "
            "deletion_window_days, protect, labels; did you mean 'rotation_days'?",
        ),
    ],
)
def test_a_bad_key_is_refused(fields, message):
    with pytest.raises(ConfigError) as error:
        planned(**fields)
    assert [str(fault) for fault in error.value.faults] == [f"shared.{message}"]


@pytest.mark.parametrize(
    "arn",
    ["alias/shared", "arn:aws:kms:eu-central-1:123456789012:alias/shared", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"],
)
def test_a_key_is_given_by_its_arn_alone(arn):
    with pytest.raises(ConfigError) as error:
        CustomerKey.parse({"arn": arn})
    assert [str(fault) for fault in error.value.faults] == [
        "arn: not the ARN of a key; write arn:aws:kms:<region>:<account>:key/<id>, and no alias: policies and grants "
        "take none"
    ]


def test_the_providers_key_needs_a_reason():
    with pytest.raises(ConfigError) as error:
        ProviderKey.parse({"reason": "why not"})
    assert [str(fault) for fault in error.value.faults] == ["reason: string should have at least 10 characters"]
