"""Who may invoke an endpoint: nobody, until it is granted, and then this endpoint alone."""

import json

import pulumi_aws as aws
import pytest
from components.aws.sagemaker.samples import ASYNCHRONOUS, REALTIME, SERVERLESS, only, planned

from modelberth.aws.sagemaker.access import grant_invoke
from modelberth.aws.sagemaker.asynchronous.endpoint import AsyncEndpoint
from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint
from modelberth.aws.sagemaker.serverless.endpoint import ServerlessEndpoint
from modelberth_policies.sources.program import run_in_process

ARN = "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/prod-ranker"
KINDS = {"realtime": (RealtimeEndpoint, REALTIME), "serverless": (ServerlessEndpoint, SERVERLESS),
         "asynchronous": (AsyncEndpoint, ASYNCHRONOUS)}  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "actions"),
    [
        ("now", ["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream"]),
        ("later", ["sagemaker:InvokeEndpointAsync"]),
    ],
)
def test_the_policy_is_for_exactly_this_endpoint(answer, actions):
    def program():
        endpoint = RealtimeEndpoint("ranker", REALTIME)
        grant_invoke(endpoint, "ranker-web-invoke", ARN, aws.iam.Role("web", assume_role_policy="{}"), answer)

    plan = run_in_process(program, stack="prod")
    policy = plan["modelberth:index:RealtimeEndpoint$aws:iam/rolePolicy:RolePolicy::ranker-web-invoke"]
    [statement] = json.loads(policy.get("policy"))["Statement"]
    assert statement == {"Sid": "Invoke", "Effect": "Allow", "Action": actions, "Resource": [ARN]}


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_may_invoke_it_until_it_is_granted(kind):
    plan = planned(*KINDS[kind])
    own = only(plan, "aws:iam/rolePolicy:RolePolicy")
    assert "InvokeEndpoint" not in own.get("policy")


@pytest.mark.parametrize("kind", KINDS)
def test_two_callers_have_a_grant_each(kind):
    def both(endpoint):
        for caller in ("web", "batch"):
            endpoint.grant_invoke(aws.iam.Role(caller, assume_role_policy="{}"), caller)

    component, given = KINDS[kind]
    plan = planned(component, given, with_endpoint=both)
    granted = [each.name for each in plan.of_type("aws:iam/rolePolicy:RolePolicy") if each.name.endswith("-invoke")]
    assert granted == ["ranker-web-invoke", "ranker-batch-invoke"]
