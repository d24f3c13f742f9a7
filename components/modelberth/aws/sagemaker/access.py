"""Who may invoke an endpoint. Nobody may until it is granted."""

from typing import Literal

import pulumi
import pulumi_aws as aws

from modelberth.aws.identity import document, invoke_statements
from modelberth.core.component import Component


def grant_invoke(
    endpoint: Component,
    name: str,
    endpoint_arn: pulumi.Input[str],
    role: aws.iam.Role,
    answer: Literal["now", "later"] = "now",
) -> aws.iam.RolePolicy:
    """Let a role invoke exactly this endpoint. What needs the permission can wait for the result."""
    return aws.iam.RolePolicy(
        name,
        role=role.name,
        policy=document(invoke_statements(endpoint_arn, answer)),
        opts=endpoint.child(),
    )
