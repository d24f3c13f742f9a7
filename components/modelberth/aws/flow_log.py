"""Who talked to whom in a network: flow logs in an encrypted log group that expires."""

from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.encryption import Encryption
from modelberth.aws.identity import Statement, after, name_in_aws, service_role
from modelberth.aws.monitoring import log_group
from modelberth.aws.provider import Account
from modelberth.aws.retention import LogRetentionDays
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render


class FlowLogArgs(Config):
    """The flow log of one VPC."""

    account: Account
    """Region and account of the VPC."""

    vpc_id: In[str]
    """The VPC."""

    encryption: Encryption
    """Key of the log group."""

    retention_days: LogRetentionDays = 90
    """Days for which the log is kept. Left out: 90, as for the logs of models."""

    permissions_boundary: In[str] | None = None
    """ARN of the policy that bounds the role. Left out: no boundary."""

    labels: Labels | None = None
    """Who owns the network. Left out: no tags."""


class FlowLog(Component):
    """The flow log of all traffic of a VPC, its log group, and a role that writes to this group alone."""

    log: "aws.ec2.FlowLog"
    """The flow log itself."""
    log_group_name: pulumi.Output[str]
    """Name of the log group, once records arrive there."""

    def __init__(
        self, name: str, args: FlowLogArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = FlowLogArgs.parse(args, name)
        super().__init__(name, args, opts)
        tags = None if args.labels is None else render(args.labels, "aws")
        path = f"/modelberth/{name_in_aws(name, 'aws-iam-role')}"
        group = log_group(name, path, args.retention_days, args.encryption, tags, self.child())
        role = service_role(
            name,
            "vpc-flow-logs.amazonaws.com",
            args.account,
            statements(args.account, path),
            args.permissions_boundary,
            tags,
            self.child(),
            source_arn=args.account.arn("ec2", "vpc-flow-log/*"),
        )
        self.log = aws.ec2.FlowLog(
            name,
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags=tags,
            opts=self.child(),
        )
        self.log_group_name = after(group.name, self.log)
        self.register_outputs({"log_group_name": self.log_group_name})


def statements(account: Account, path: str) -> list[Statement]:
    """What the role may do. It may not make log groups, so that none comes back after this one was destroyed.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, which also grants
    `logs:CreateLogGroup`, and all of it on every resource.
    """
    writing = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")
    return [
        Statement("Write", writing, (account.arn("logs", f"log-group:{path}:*"),)),
        # The service looks its group up in the list of all groups, which no narrower resource gives.
        Statement("Find", ("logs:DescribeLogGroups",), (account.arn("logs", "log-group:*"),)),
    ]
