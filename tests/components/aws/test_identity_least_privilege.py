"""Least privilege, for every source and every statement of the AWS components: nothing managed, nothing wide unsaid."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from policy_text import arns_of, kinds_of

import modelberth.aws
from modelberth.aws.encryption import OwnedKey
from modelberth.aws.identity import Statement, invoke_statements
from modelberth.aws.network import PrivateNetwork
from modelberth.aws.registry import ModelRegistry
from modelberth.aws.sagemaker.identity import ExecutionRole
from modelberth_policies.sources.program import run_in_process

SOURCES = sorted(Path(modelberth.aws.__path__[0]).rglob("*.py"))
MANAGED = re.compile(r"iam::aws:policy|service-role/|FullAccess|PowerUser|AdministratorAccess")
ATTACHING = {
    "RolePolicyAttachment",
    "RolePolicyAttachmentsExclusive",
    "PolicyAttachment",
    "get_policy",
    "ManagedPolicy",
}
# IAM's table names a resource for it since CloudWatch has datasets; a metric still has none.
WITHOUT_RESOURCE = {"cloudwatch:PutMetricData"}
# IAM's table names no resource for it; it is checked on `log-group::log-stream:` (terraform-provider-aws issue 8804).
CHECKED_ON = {"logs:DescribeLogGroups": ("arn:*:logs:*:*:log-group:*",)}

ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
KEY = {"arn": "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"}
TOPIC = "arn:aws:sns:eu-central-1:123456789012:results"
FOUNDATION = {
    "account": ACCOUNT,
    "network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"], "model_security_group_id": "sg-1"},
    "encryption": KEY,
    "registry": {
        "bucket": "models",
        "repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/prod-ml",
        "repository_url": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/prod-ml",
    },
}
ROLE = {
    "foundation": FOUNDATION,
    "artefacts": ["s3://models/ranker/1.4.0/"],
    "log_group_name": "/aws/sagemaker/Endpoints/prod-ranker",
    "reads": [{"uri": "s3://requests/in/", "reason": "input of asynchronous requests"}],
    "writes": [{"uri": "s3://requests/out/", "reason": "answers to asynchronous requests"}],
    "topics": [TOPIC],
}


def program():
    OwnedKey("key", {"account": ACCOUNT})
    PrivateNetwork("net", {"account": ACCOUNT, "encryption": KEY})
    ModelRegistry("ml", {"account": ACCOUNT, "encryption": KEY, "readers": ["210987654321"]})
    ExecutionRole("role", ROLE)
    invoke_statements("arn:aws:sagemaker:eu-central-1:123456789012:endpoint/prod-ranker")
    invoke_statements("arn:aws:sagemaker:eu-central-1:123456789012:endpoint/prod-ranker", "later")


@pytest.fixture(scope="module")
def made():
    """Every statement that is made while everything is planned."""
    found: list[Statement] = []
    checked = Statement.__post_init__

    def recorded(statement):
        checked(statement)
        found.append(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Statement, "__post_init__", recorded)
        run_in_process(program)
    return found


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{path.name}:{getattr(node, 'lineno', 0)}", node


def test_there_are_sources_and_statements(made):
    assert len(SOURCES) > 20
    assert {"ReadFiles", "Administer", "Write", "Pull", "Invoke"} <= {statement.sid for statement in made}


def test_no_source_names_a_managed_policy():
    assert [
        where for where, node in nodes() if isinstance(node, ast.Constant) and MANAGED.search(str(node.value))
    ] == []


def test_no_source_attaches_a_policy_that_is_not_its_own():
    attached = [where for where, node in nodes() if isinstance(node, ast.Attribute) and node.attr in ATTACHING]
    handed = [
        where
        for where, node in nodes()
        if isinstance(node, ast.keyword) and node.arg in ("managed_policy_arns", "inline_policies")
    ]
    assert attached + handed == []


def test_no_source_says_everyone_or_everything_in_a_policy_of_its_own():
    """Policies that are not made of statements: what they allow on everything must be denied or conditional."""
    wide = []
    for where, node in nodes():
        if isinstance(node, ast.Dict):
            entries = {
                key.value: ast.unparse(value) for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            }  # fmt: skip
            everything = entries.get("Resource") in ("'*'", "['*']") or entries.get("Action") in ("'*'", "['*']")
            if everything and entries.get("Effect") != "'Deny'" and "Condition" not in entries:
                wide.append(where)
    assert wide == []


def test_every_action_exists(made):
    unknown = {
        action
        for statement in made
        for action in statement.actions
        if statement.effect == "Allow" and action != "sts:AssumeRole" and kinds_of(action) is None
    }
    assert unknown == set()


def of_roles(made):
    return [statement for statement in made if not statement.principals and statement.effect == "Allow"]


def test_every_resource_is_named_where_iam_knows_one(made):
    wide = {
        action
        for statement in of_roles(made)
        if "*" in statement.resources
        for action in statement.actions
        if kinds_of(action) and action not in WITHOUT_RESOURCE
    }
    assert wide == set()


def test_every_wildcard_has_its_reason(made):
    reasons = {statement.sid: statement.wildcard_reason for statement in made if "*" in statement.resources}
    assert reasons
    assert all(len(reason) > 10 for reason in reasons.values())


def takes(action, arn):
    listed = [re.sub(r"\$\{\w+\}", "*", form).replace(".*", "*") for form in arns_of(action)]
    forms = [*listed, *CHECKED_ON.get(action, ())]
    return any(fnmatchcase(arn, form) for form in forms)


def test_every_action_has_a_resource_that_it_takes_and_every_resource_an_action(made):
    """A permission to nothing is a mistake: the wrong kind of ARN is allowed in silence by IAM, and opens nothing."""
    useless = set()
    for statement in of_roles(made):
        plain = [resource for resource in statement.resources if isinstance(resource, str) and resource != "*"]
        useless |= {action for action in statement.actions if plain and not any(takes(action, arn) for arn in plain)}
        useless |= {arn for arn in plain if not any(takes(action, arn) for action in statement.actions)}
    assert useless == set()
