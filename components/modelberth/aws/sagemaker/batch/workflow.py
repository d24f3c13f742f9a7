"""The state machine of a batch transform, its role, and its log."""

from typing import Annotated, Any

import pulumi
import pulumi_aws as aws
from pydantic import Field

from modelberth.aws.encryption import grant_use
from modelberth.aws.foundation import Foundation
from modelberth.aws.identity import Statement, after, name_in_aws, service_role
from modelberth.aws.ids import RoleArn, TopicArn
from modelberth.aws.monitoring import log_group
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render

MANAGED_RULE = "StepFunctionsGetEventsForSageMakerTransformJobsRule"
"""The EventBridge rule through which Step Functions hears that a job has ended."""


class BatchWorkflowArgs(Config):
    """One state machine that starts transform jobs."""

    foundation: Foundation
    """Account, key and retention of logs."""

    definition: In[str]
    """What it does, in the Amazon States Language."""

    job_prefix: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,44}$")]
    """How the names of its jobs begin, before `--`; no others may it touch."""

    model_role_arn: In[RoleArn]
    """ARN of the role with which the jobs run."""

    topic_arn: In[TopicArn] | None = None
    """ARN of the SNS topic that it tells of failures. Left out: it tells nobody."""

    labels: Labels | None = None
    """Tags. Left out: none."""


class BatchWorkflow(Component):
    """A standard state machine that logs each step without its data, and may do nothing else than its definition does.

    Its executions hold addresses and reasons, no records; they are encrypted with AWS's own key.
    """

    arn: pulumi.Output[str]
    """ARN of the state machine, once it can run."""

    def __init__(
        self, name: str, args: BatchWorkflowArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = BatchWorkflowArgs.parse(args, name)
        super().__init__(name, args, opts)
        foundation, tags = args.foundation, None if args.labels is None else render(args.labels, "aws")
        physical = name_in_aws(name, "aws-iam-role")  # a state machine's may be longer, and is not otherwise
        arn = foundation.account.arn("states", f"stateMachine:{physical}")
        role = service_role(
            name,
            "states.amazonaws.com",
            foundation.account,
            workflow_statements(args),
            foundation.permissions_boundary,
            tags,
            self.child(),
            source_arn=arn,
        )
        # The prefix keeps the account's one resource policy for logs short, which has a limit of 5,120 characters:
        # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
        log = log_group(
            name,
            f"/aws/vendedlogs/states/{physical}",
            foundation.log_retention_days,
            foundation.encryption,
            tags,
            self.child(),
        )
        told = None if args.topic_arn is None else self._told(name, args, role.role.arn)
        machine = aws.sfn.StateMachine(
            name,
            name=physical,
            type="STANDARD",
            definition=args.definition,
            role_arn=role.arn,
            logging_configuration={
                "level": "ALL",
                # Input and output of a step may quote people's data.
                "include_execution_data": False,
                "log_destination": pulumi.Output.concat(log.arn, ":*"),
            },
            tags=tags,
            opts=self.child(depends_on=[] if told is None else [told]),
        )
        self.arn = after(arn, machine)
        self.register_outputs({"arn": self.arn})

    def _told(self, name: str, args: BatchWorkflowArgs, role_arn: pulumi.Input[str]) -> aws.kms.Grant | None:
        """To publish to an encrypted topic takes the topic's key."""
        return grant_use(name, args.foundation.encryption, role_arn, ("Decrypt", "GenerateDataKey"), self.child())


DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"""


def workflow_statements(args: BatchWorkflowArgs) -> list[Statement]:
    """What the state machine may do.

    Which actions: https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html, which lists tags of every
    resource; and AddTags, because Step Functions puts a tag of its own on each job
    (https://github.com/aws/aws-cdk/pull/27264).
    """
    account = args.foundation.account
    jobs = (account.arn("sagemaker", f"transform-job/{args.job_prefix}--*"),)
    running = ("sagemaker:CreateTransformJob", "sagemaker:DescribeTransformJob", "sagemaker:StopTransformJob")
    to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    rule = (account.arn("events", f"rule/{MANAGED_RULE}"),)
    statements = [
        Statement("RunJobs", running, jobs),
        Statement("TagJobs", ("sagemaker:AddTags", "sagemaker:ListTags"), jobs),
        Statement("PassModelRole", ("iam:PassRole",), (args.model_role_arn,), to_sagemaker),
        Statement("FollowJobs", ("events:DescribeRule", "events:PutRule", "events:PutTargets"), rule),
        Statement("DeliverLogs", DELIVERY, ("*",), wildcard_reason="CloudWatch Logs has no ARN for a log delivery"),
    ]
    if args.topic_arn is None:
        return statements
    return [*statements, Statement("TellOfFailures", ("sns:Publish",), (args.topic_arn,))]
