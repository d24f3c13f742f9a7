"""Which things of an interrupted run are looked for, under which id they are imported, and whose they must be."""

from typing import Any

import creations
import pytest

KEY, ROLE, VPC, RULE = (
    "aws:kms/key:Key",
    "aws:iam/role:Role",
    "aws:ec2/vpc:Vpc",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
)
TAGS = {"environment": "dev", "service": "shared"}
PROVIDER = "urn:pulumi:dev::p::pulumi:providers:aws::aws"


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:dev::p::{type_}::{name}"


def resource(type_: str, logical: str, /, parent: str = "", **inputs: Any) -> dict[str, Any]:
    provider = f"{PROVIDER}::0d797b29"
    made = {"urn": urn(type_, logical), "type": type_, "custom": True, "inputs": inputs, "provider": provider}
    return {**made, "parent": parent} if parent else made


def state(*resources: dict[str, Any], pending: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    operations = [{"type": "creating", "resource": one} for one in pending]
    return {"deployment": {"resources": list(resources), "pending_operations": operations or None}}


def plan(*resources: dict[str, Any], op: str = "create") -> dict[str, Any]:
    return {"steps": [{"op": op, "newState": one} for one in resources]}


def creation(type_: str, logical: str, /, **inputs: Any) -> creations.Creation:
    return creations.Creation(urn(type_, logical), type_, inputs, "", PROVIDER)


def test_creations_are_the_planned_and_the_pending_ones_that_the_stack_lacks() -> None:
    component = {**resource("x:index:C", "c"), "custom": False}
    has = resource(ROLE, "has", name="has")
    planned = plan(component, has, resource(ROLE, "planned", name="a"), resource(ROLE, "both", name="now"))
    pending = (resource(ROLE, "both", name="sent"), resource(ROLE, "pending", name="b"))
    found = creations.to_be_made(state(has, pending=pending), planned)
    assert {one.name: one.inputs["name"] for one in found} == {"planned": "a", "both": "sent", "pending": "b"}
    assert {one.provider for one in found} == {PROVIDER}


def test_what_is_not_created_is_not_looked_for() -> None:
    step = resource(ROLE, "role", name="a")
    assert [creations.to_be_made(state(), plan(step, op=op)) for op in ("same", "update", "replace")] == [[], [], []]


def test_a_child_of_what_was_never_recorded_waits() -> None:
    child = resource(ROLE, "child", parent=urn("x:index:C", "c"), name="a")
    assert creations.to_be_made(state(), plan(child)) == []
    assert creations.to_be_made(state({"urn": urn("x:index:C", "c")}), plan(child)) != []


@pytest.mark.parametrize(
    ("type_", "inputs", "id_"),
    [
        (ROLE, {"name": "dev-iris"}, "dev-iris"),
        ("aws:budgets/budget:Budget", {"name": "all"}, "123456789012:all"),
        ("aws:s3/bucket:Bucket", {"bucket": "b"}, "b"),
        (ROLE, {"name": creations.UNKNOWN}, None),
        (ROLE, {}, None),
        (KEY, {"name": "a key has none"}, None),
    ],
)
def test_the_id_of_a_named_thing_is_in_its_inputs(type_: str, inputs: dict[str, str], id_: str | None) -> None:
    assert creations.named_id(creation(type_, "x", **inputs), "123456789012") == id_


ARNS = {
    "aws:kms/key:Key": ("arn:aws:kms:eu-central-1:123456789012:key/1a99", "1a99"),
    "aws:ec2/vpc:Vpc": ("arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-1", "vpc-1"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("arn:aws:ec2:eu-central-1:123456789012:vpc-endpoint/vpce-1", "vpce-1"),
    "aws:apigateway/restApi:RestApi": ("arn:aws:apigateway:eu-central-1::/restapis/pddh5", "pddh5"),
}


@pytest.mark.parametrize("type_", ARNS)
def test_the_id_of_an_unnamed_thing_is_in_its_arn_and_in_no_other(type_: str) -> None:
    assert [creations.id_in(arn, type_) for arn, _ in ARNS.values()] == [
        id_ if other == type_ else None for other, (_, id_) in ARNS.items()
    ]
    assert creations.id_in("arn:aws:apigateway:eu-central-1::/restapis/pddh5/stages/live", type_) is None


def vpc(number: int, tags: dict[str, str] = TAGS) -> creations.Found:
    return creations.Found(f"arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-{number}", tags)


def test_an_unnamed_thing_is_the_one_of_its_type_with_its_tags() -> None:
    wanted = creation(VPC, "v", tags=TAGS)
    others = [vpc(2, {**TAGS, "service": "iris"}), creations.Found(ARNS[KEY][0], TAGS)]
    assert creations.tagged_ids([wanted], [vpc(1), *others], set()) == ({wanted.urn: "vpc-1"}, [])
    assert creations.tagged_ids([wanted], [vpc(1), *others], {vpc(1).arn}) == ({}, [])
    assert creations.tagged_ids([wanted], [vpc(1), vpc(3)], set()) == ({}, [wanted])
    assert creations.tagged_ids([wanted], [vpc(1), vpc(3)], {vpc(3).arn}) == ({wanted.urn: "vpc-1"}, [])


def test_things_with_the_same_tags_are_not_guessed() -> None:
    rules = [creation(RULE, name, tags=TAGS) for name in ("to-s3", "to-endpoints")]
    one = creations.Found("arn:aws:ec2:eu-central-1:123456789012:security-group-rule/sgr-1", TAGS)
    assert creations.tagged_ids(rules, [one], set()) == ({}, rules)
    assert creations.tagged_ids(rules, [], set()) == ({}, [])


@pytest.mark.parametrize(
    ("inputs", "outputs", "ours"),
    [
        ({"tags": TAGS}, {"tagsAll": {**TAGS, "cost-centre": "1"}}, True),
        ({"tags": TAGS}, {"tagsAll": {**TAGS, "service": "theirs"}}, False),
        ({"tags": TAGS}, {}, False),
        ({"targetKeyId": "1", "__defaults": []}, {"targetKeyId": "1"}, True),
        ({"targetKeyId": "1"}, {"targetKeyId": "2"}, False),
    ],
)
def test_what_has_other_tags_or_another_target_belongs_to_somebody_else(
    inputs: dict[str, Any], outputs: dict[str, Any], ours: bool
) -> None:
    assert creations.is_ours(creation(ROLE, "r", **inputs), {"outputs": outputs}) is ours


def test_the_import_file_names_parents_and_providers_once() -> None:
    parent = urn("x:index:C", "c")
    roles = [creations.Creation(urn(ROLE, name), ROLE, {}, parent, PROVIDER) for name in ("a", "b")]
    content = creations.import_file(roles, {one.urn: f"id-{one.name}" for one in roles})
    assert set(content["nameTable"].values()) == {parent, PROVIDER}
    words = {urn_: word for word, urn_ in content["nameTable"].items()}
    assert content["resources"] == [
        {"type": ROLE, "name": name, "id": f"id-{name}", "parent": words[parent], "provider": words[PROVIDER]}
        for name in ("a", "b")
    ]


def test_the_account_is_that_of_the_provider() -> None:
    provider = {"type": "pulumi:providers:aws", "inputs": {"allowedAccountIds": '["123456789012"]'}}
    assert creations.account_of(state(provider)) == "123456789012"
    assert creations.account_of(state()) == ""
