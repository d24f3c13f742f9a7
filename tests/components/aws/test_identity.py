"""Statements, documents and roles: what is refused, what a policy says, and what waits for it."""

import json

import pulumi
import pulumi_aws as aws
import pytest
from moto.iam.policy_validation import IAMPolicyDocumentValidator
from policy_text import kinds_of

from modelberth.aws.identity import (
    INVOCATIONS,
    NOT_NARROWED,
    Statement,
    after,
    document,
    invoke_statements,
    service_role,
    trust,
)
from modelberth.aws.provider import Account
from modelberth.core.naming import LOGICAL_MAX
from modelberth_policies.resources import UNKNOWN
from modelberth_policies.sources.program import run_in_process

ACCOUNT = Account(region="eu-central-1", id="123456789012")
OBJECTS = "arn:aws:s3:::models/ranker/*"
ENDPOINT = "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/prod-ranker"
BOUNDARY = "arn:aws:iam::123456789012:policy/bounds"
READ = Statement("Read", ("s3:GetObject",), (OBJECTS,))
ROLE = "aws:iam/role:Role::ranker-flow"
POLICY = "aws:iam/rolePolicy:RolePolicy::ranker-flow"


def text_of(*statements):
    """What `document` makes of them in a preview."""
    plan = run_in_process(lambda: pulumi.export("text", document(statements)))
    return plan.outputs["text"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"actions": ("*",)}, "statement Read allows *, which is every action; name the actions"),
        ({"actions": ("s3:*",)}, "statement Read allows s3:*, which is every action; name the actions"),
        ({"actions": ("s3:?*",)}, "statement Read allows s3:?*, which is every action; name the actions"),
        (
            {"actions": ("s3:GetObject", "kms:*")},
            "statement Read allows kms:*, which is every action; name the actions",
        ),
        ({"actions": ()}, "statement Read names no action; name what may be done, like s3:GetObject"),
        (
            {"actions": ("GetObject",)},
            "statement Read has 'GetObject', which is no action; write one like s3:GetObject",
        ),
        ({"resources": ()}, "statement Read names no resource; name to what it may be done"),
        ({"resources": ("*",)}, "statement Read is for every resource and says no reason; name the resources"),
        (
            {"principals": {"AWS": ("*",)}},
            "statement Read is for every principal and says no reason; name the principals",
        ),
        (
            {"sid": "Read files"},
            "statement Read files has a name that is not letters and digits; write one like ReadArtefacts",
        ),
    ],
)
def test_a_statement_that_is_too_wide_or_malformed_is_refused(fields, message):
    with pytest.raises(ValueError) as error:
        Statement(**{"sid": "Read", "actions": ("s3:GetObject",), "resources": (OBJECTS,), **fields})
    assert str(error.value) == message


def test_a_wildcard_with_a_reason_passes_and_the_reason_stays_in_the_code():
    text = text_of(Statement("Look", ("ec2:DescribeVpcs",), ("*",), wildcard_reason="EC2 names none"))
    assert json.loads(text)["Statement"] == [
        {"Sid": "Look", "Effect": "Allow", "Action": ["ec2:DescribeVpcs"], "Resource": ["*"]}
    ]


def test_a_denial_may_be_as_wide_as_it_likes():
    deny = Statement("Tls", ("s3:*",), ("*",), principals={"AWS": ("*",)}, effect="Deny")
    assert json.loads(text_of(deny))["Statement"] == [
        {"Sid": "Tls", "Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": ["s3:*"], "Resource": ["*"]}
    ]


def test_a_document_of_plain_values_is_known_in_a_preview():
    condition = {"StringLike": {"s3:prefix": ["ranker/*"]}}
    text = text_of(READ, Statement("List", ("s3:ListBucket",), ("arn:aws:s3:::models",), condition))
    assert json.loads(text) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [OBJECTS]},
            {
                "Sid": "List",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": ["arn:aws:s3:::models"],
                "Condition": condition,
            },
        ],
    }


@pytest.mark.parametrize("where", ["resource", "condition", "principal"])
@pytest.mark.parametrize("known", [True, False])
def test_outputs_are_found_wherever_they_stand(where, known):
    def program():
        bucket = aws.s3.Bucket("models", bucket="models")
        late = bucket.bucket if known else bucket.arn
        fields = {
            "resource": {"resources": (late,)},
            "condition": {"resources": (OBJECTS,), "conditions": {"StringEquals": {"aws:SourceArn": (late,)}}},
            "principal": {"resources": (OBJECTS,), "principals": {"AWS": (late,)}},
        }
        pulumi.export("text", document([Statement("Read", ("s3:GetObject",), **fields[where])]))

    text = run_in_process(program).outputs["text"]
    if known:
        assert '["models"]' in text
    else:
        assert text is UNKNOWN


def test_an_output_that_turns_out_to_be_a_wildcard_is_refused_as_well():
    with pytest.raises(Exception, match="statement Read is for every resource and says no reason"):
        text_of(Statement("Read", ("s3:GetObject",), (pulumi.Output.from_input("*"),)))


def test_two_statements_with_one_name_are_refused():
    with pytest.raises(ValueError) as error:
        document([READ, READ])
    assert str(error.value) == "two statements are called Read, and IAM takes each name once; rename one"


def test_only_the_service_assumes_a_role_and_only_for_this_account():
    assert json.loads(trust("scheduler.amazonaws.com", ACCOUNT))["Statement"] == [
        {
            "Sid": "Assume",
            "Effect": "Allow",
            "Principal": {"Service": ["scheduler.amazonaws.com"]},
            "Action": ["sts:AssumeRole"],
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    ]


def test_trust_narrows_to_the_resources_that_act():
    source = "arn:aws:sagemaker:eu-central-1:123456789012:*"
    (statement,) = json.loads(trust("sagemaker.amazonaws.com", ACCOUNT, source))["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": source},
    }


def test_api_gateway_tells_no_account_so_that_a_condition_would_lock_it_out():
    assert list(NOT_NARROWED) == ["apigateway.amazonaws.com"]
    (statement,) = json.loads(trust("apigateway.amazonaws.com", ACCOUNT))["Statement"]
    assert "Condition" not in statement


def role_plan(name="ranker-flow", **fields):
    def program():
        parent = pulumi.ComponentResource("test:index:Owner", "owner")
        made = service_role(
            name, "scheduler.amazonaws.com", ACCOUNT, [READ], opts=pulumi.ResourceOptions(parent=parent), **fields
        )
        pulumi.CustomResource("test:index:User", "user", {"arn": made.arn})
        pulumi.CustomResource("test:index:User", "early", {"arn": made.role.arn})

    return run_in_process(program, stack="prod")


def test_a_role_has_one_policy_and_its_arn_waits_for_it():
    plan = role_plan(permissions_boundary=BOUNDARY, tags={"owner": "search"})
    role, policy = plan["test:index:Owner$" + ROLE], plan["test:index:Owner$" + POLICY]
    assert (role.get("name"), policy.get("name"), policy.get("role")) == ("prod-ranker-flow",) * 3
    assert role.get("permissionsBoundary") == BOUNDARY
    assert role.get("tags") == {"owner": "search"}
    assert role.get("assumeRolePolicy") == trust("scheduler.amazonaws.com", ACCOUNT)
    IAMPolicyDocumentValidator(policy.get("policy")).validate()
    assert {role.urn, policy.urn} <= set(plan["test:index:User::user"].dependencies)
    assert policy.urn not in plan["test:index:User::early"].dependencies


def test_a_long_name_is_cut_where_a_word_ends():
    name = f"{'a' * LOGICAL_MAX}-monitoring-jobs"
    role = role_plan(name)["test:index:Owner$aws:iam/role:Role::" + name]
    assert role.get("name") == f"prod-{'a' * LOGICAL_MAX}--monitoring-jobs"


def test_what_waits_is_the_value_itself():
    def program():
        first = pulumi.CustomResource("test:index:Need", "first", {})
        pulumi.CustomResource("test:index:User", "user", {"value": after("plain", first)})

    plan = run_in_process(program)
    assert plan["test:index:User::user"].get("value") == "plain"
    assert plan["test:index:User::user"].dependencies == (plan["test:index:Need::first"].urn,)


@pytest.mark.parametrize(
    ("fields", "actions", "resources"),
    [
        ({}, ["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream"], [ENDPOINT]),
        ({"answer": "later"}, ["sagemaker:InvokeEndpointAsync"], [ENDPOINT]),
        (
            {"component_arns": ["arn:aws:sagemaker:eu-central-1:123456789012:inference-component/prod-ranker"]},
            ["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream"],
            [ENDPOINT, "arn:aws:sagemaker:eu-central-1:123456789012:inference-component/prod-ranker"],
        ),
    ],
)
def test_a_caller_may_invoke_exactly_this_endpoint(fields, actions, resources):
    text = text_of(*invoke_statements(ENDPOINT, **fields))
    assert json.loads(text)["Statement"] == [
        {"Sid": "Invoke", "Effect": "Allow", "Action": actions, "Resource": resources}
    ]


def test_the_actions_of_a_caller_exist():
    assert all(kinds_of(action) for actions in INVOCATIONS.values() for action in actions)
