"""Who may do what: roles that one service assumes, built from statements that name actions, resources and reasons."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, TypeVar

import pulumi
import pulumi_aws as aws

from modelberth.aws.provider import Account
from modelberth.core.config import is_output
from modelberth.core.naming import LOGICAL_MAX, physical_name

T = TypeVar("T")

_SID = re.compile(r"[A-Za-z0-9]+")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9*?]+|\*")


@dataclass(frozen=True, slots=True)
class Statement:
    """One permission of a role; with `principals`, of a policy that stands on a resource. Raises `ValueError`."""

    sid: str
    """What it is for, in letters and digits."""
    actions: tuple[str, ...]
    """What may be done. Never `*`, never `service:*`, unless it is denied."""
    resources: tuple[pulumi.Input[str], ...] = ()
    """To what. Left out: the resource on which the policy stands, where its service wants it so (ECR)."""
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Under which conditions, as IAM writes them; values may be Outputs. Left out: none."""
    wildcard_reason: str = ""
    """Why a resource or a principal is `*`; without it such a statement is refused."""
    principals: Mapping[str, Sequence[pulumi.Input[str]]] = field(default_factory=dict)
    """By whom, as IAM writes it: `{"Service": (…,)}`. Left out: by the role that has the policy."""
    effect: Literal["Allow", "Deny"] = "Allow"
    """Whether it is allowed or denied. Left out: allowed."""

    def __post_init__(self) -> None:
        fault = _malformed(self) or (_too_wide(self) if self.effect == "Allow" else "")
        if fault:
            raise ValueError(f"statement {self.sid} {fault}")


def _malformed(statement: Statement) -> str:
    if not _SID.fullmatch(statement.sid):
        return "has a name that is not letters and digits; write one like ReadArtefacts"
    if not statement.actions:
        return "names no action; name what may be done, like s3:GetObject"
    if not statement.resources and not statement.principals:
        return "names no resource; name to what it may be done"
    wrong = next((action for action in statement.actions if not _ACTION.fullmatch(action)), None)
    return "" if wrong is None else f"has {wrong!r}, which is no action; write one like s3:GetObject"


def _too_wide(statement: Statement) -> str:
    every = next((action for action in statement.actions if not action.rpartition(":")[2].strip("*?")), None)
    if every is not None:
        return f"allows {every}, which is every action; name the actions"
    if statement.wildcard_reason:
        return ""
    if "*" in statement.resources:
        return "is for every resource and says no reason; name the resources"
    anyone = any("*" in names for names in statement.principals.values())
    return "is for every principal and says no reason; name the principals" if anyone else ""


def document(statements: Sequence[Statement]) -> pulumi.Output[str]:
    """The policy document, as JSON: known in a preview where all of it is known, else unknown as a whole.

    What an Output turns out to be is checked as a plain value is. Raises `ValueError` where two share a name.
    """
    sids = [statement.sid for statement in statements]
    twice = next((sid for sid in sids if sids.count(sid) > 1), None)
    if twice is not None:
        raise ValueError(f"two statements are called {twice}, and IAM takes each name once; rename one")
    content = _content(map(_checked_later, statements))
    if not _holds_output(content):
        return pulumi.Output.from_input(json.dumps(content))  # Pulumi needs a task for each list and mapping in it
    return pulumi.Output.json_dumps(content)


def _checked_later(statement: Statement) -> Statement:
    """Each Output by itself, so that the rest of the document does not wait for one that is unknown."""
    resources = [_checked(each, lambda found: {"resources": (found,)}, statement) for each in statement.resources]
    principals = {
        kind: [_checked(each, lambda found, kind=kind: {"principals": {kind: (found,)}}, statement) for each in names]
        for kind, names in statement.principals.items()
    }
    return replace(statement, resources=tuple(resources), principals=principals)


def _checked(value: Any, change: Callable[[Any], dict[str, Any]], statement: Statement) -> Any:
    if not is_output(value):
        return value

    def known(found: Any) -> Any:
        replace(statement, **change(found))  # raises where it is too wide
        return found

    return value.apply(known)


def _holds_output(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_holds_output, value.values() if isinstance(value, dict) else value))
    return is_output(value)


def _nested(value: Any) -> Any:
    """With dicts and lists, in which Pulumi finds Outputs, in place of any mapping and tuple."""
    if isinstance(value, Mapping):
        return {key: _nested(item) for key, item in value.items()}
    return [_nested(item) for item in value] if isinstance(value, list | tuple) else value


def _content(statements: Iterable[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [_plain(statement) for statement in statements]}


def _plain(statement: Statement) -> dict[str, Any]:
    parts = {
        "Sid": statement.sid,
        "Effect": statement.effect,
        "Principal": _nested(statement.principals),
        "Action": list(statement.actions),
        "Resource": list(statement.resources),
        "Condition": _nested(statement.conditions),
    }
    return {word: value for word, value in parts.items() if value}


NOT_NARROWED: Mapping[str, str] = MappingProxyType(
    {
        "apigateway.amazonaws.com": "it assumes the role of an integration without saying for whom, and a condition on "
        "that fails every request: github.com/aws-solutions-library-samples/"
        "accelerated-intelligent-document-processing-on-aws/pull/479",
    }
)
"""Services that do not tell the account for which they act, and how that is known."""


def trust(principal: str, account: Account, source_arn: str | None = None) -> str:
    """A trust policy: only this AWS service, and only for this account (no confused deputy).

    `source_arn`: on behalf of which resources, wildcards allowed; left out, of any in the account. No other account is
    let in where the service does not tell (`NOT_NARROWED`), either: a role is passed to a service in its own account
    only. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    source = {} if source_arn is None else {"ArnLike": {"aws:SourceArn": source_arn}}
    told = {"StringEquals": {"aws:SourceAccount": account.id}, **source}
    service = {"Service": (principal,)}
    conditions = {} if principal in NOT_NARROWED else told
    return json.dumps(_content([Statement("Assume", ("sts:AssumeRole",), principals=service, conditions=conditions)]))


def after(value: pulumi.Input[T], *needs: pulumi.Resource) -> pulumi.Output[T]:
    """The value, once these resources are there: who uses it waits for them."""
    return pulumi.Output.all(value, *(resource.urn for resource in needs)).apply(lambda found: found[0])


@dataclass(frozen=True, slots=True)
class ServiceRole:
    """A role that one AWS service assumes."""

    role: aws.iam.Role
    """The role itself; before its policy is in force, too."""
    policy: aws.iam.RolePolicy
    """What it may do: its only policy."""
    arn: pulumi.Output[str]
    """ARN of the role, once its policy is in force."""


def service_role(
    name: str,
    principal: str,
    account: Account,
    statements: Sequence[Statement],
    permissions_boundary: pulumi.Input[str] | None = None,
    tags: Mapping[str, str] | None = None,
    opts: pulumi.ResourceOptions | None = None,
    source_arn: str | None = None,
) -> ServiceRole:
    """A role that the service `principal` assumes for this account, with these statements and no other policy.

    `opts` are those of a child (`component.child()`); role and policy get the same.
    """
    physical = name_in_aws(name, "aws-iam-role")
    role = aws.iam.Role(
        name,
        name=physical,
        description=f"What {principal} may do for {name}.",
        assume_role_policy=trust(principal, account, source_arn),
        permissions_boundary=permissions_boundary,
        tags=tags,
        opts=opts,
    )
    policy = aws.iam.RolePolicy(name, name=physical, role=role.name, policy=document(statements), opts=opts)
    return ServiceRole(role, policy, after(role.arn, policy))


def name_in_aws(name: str, rule: str, suffix: str | None = None) -> str:
    """The name in AWS of a child, whose name in Pulumi may be longer than a logical one: `ranker-monitoring-jobs`.

    `rule` is a key of `modelberth.core.naming.RULES`, which also says where a suffix is needed. Left out: none.
    """
    head = name if len(name) <= LOGICAL_MAX else name[: LOGICAL_MAX + 1].rpartition("-")[0] or name
    tail = "-".join(part for part in (name[len(head) + 1 :], suffix) if part)
    return physical_name(head, pulumi.get_stack(), rule, tail or None)


INVOCATIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "now": ("sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream"),
        "later": ("sagemaker:InvokeEndpointAsync",),
    }
)
"""How an endpoint is invoked, to the actions: with an answer at once, or with one that is written to S3 later."""


def invoke_statements(
    endpoint_arn: pulumi.Input[str],
    answer: Literal["now", "later"] = "now",
    component_arns: Sequence[pulumi.Input[str]] = (),
) -> tuple[Statement, ...]:
    """What a caller needs to invoke exactly this endpoint, and of its inference components exactly these.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
    """
    return (Statement("Invoke", INVOCATIONS[answer], (endpoint_arn, *component_arns)),)
