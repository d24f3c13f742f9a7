"""What starts the runs: a schedule, a role that may start one state machine, and a queue of what was not started."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.encryption import grant_use, key_arn
from modelberth.aws.foundation import Foundation
from modelberth.aws.identity import Statement, after, document, name_in_aws, service_role
from modelberth.aws.sagemaker.batch.definition import SCHEDULED
from modelberth.aws.sagemaker.batch.timing import LATE_SECONDS, Schedule
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render

KEPT_SECONDS = 1_209_600
"""Fourteen days, the longest that SQS keeps a message."""


class BatchScheduleArgs(Config):
    """When which state machine is started."""

    foundation: Foundation
    """Account and key."""

    schedule: Schedule
    """When."""

    state_machine_arn: In[str]
    """ARN of the state machine."""

    labels: Labels | None = None
    """Tags; of the group of the schedule, as a schedule itself has none. Left out: none."""


class BatchSchedule(Component):
    """A schedule in a group of its own: a role can be tied to a group, and not to a schedule.

    Scheduler starts a run at least once; the rare second one writes the same predictions over the first's.
    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """

    arn: pulumi.Output[str]
    """ARN of the schedule."""
    queue_name: pulumi.Output[str]
    """Name of the queue of what could not be started."""

    def __init__(
        self, name: str, args: BatchScheduleArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = BatchScheduleArgs.parse(args, name)
        super().__init__(name, args, opts)
        account, tags = args.foundation.account, None if args.labels is None else render(args.labels, "aws")
        physical = name_in_aws(name, "aws-iam-role")  # a schedule's may be as long, a queue's longer
        queue_arn = account.arn("sqs", physical)
        queue = self._queue(name, args, physical, queue_arn, tags)
        role = service_role(
            name,
            "scheduler.amazonaws.com",
            account,
            [
                Statement("StartRuns", ("states:StartExecution",), (args.state_machine_arn,)),
                Statement("KeepWhatFailed", ("sqs:SendMessage",), (queue_arn,)),
            ],
            args.foundation.permissions_boundary,
            tags,
            self.child(),
            source_arn=account.arn("scheduler", f"schedule-group/{physical}"),
        )
        used = grant_use(name, args.foundation.encryption, role.role.arn, ("Decrypt", "GenerateDataKey"), self.child())
        group = aws.scheduler.ScheduleGroup(name, name=physical, tags=tags, opts=self.child())
        schedule = aws.scheduler.Schedule(
            name,
            name=physical,
            group_name=group.name,
            **schedule_inputs(args.schedule),
            target={
                "arn": args.state_machine_arn,
                "role_arn": role.arn,
                "input": json.dumps(SCHEDULED),
                "dead_letter_config": {"arn": after(queue_arn, queue)},
                "retry_policy": {"maximum_event_age_in_seconds": LATE_SECONDS, "maximum_retry_attempts": 10},
            },
            opts=self.child(depends_on=[] if used is None else [used]),
        )
        self.arn = after(schedule.arn, schedule)
        self.queue_name = after(queue.name, schedule)
        self.register_outputs({"arn": self.arn, "queue_name": self.queue_name})

    def _queue(
        self, name: str, args: BatchScheduleArgs, physical: str, queue_arn: str, tags: dict[str, str] | None
    ) -> aws.sqs.Queue:
        key = key_arn(args.foundation.encryption)
        return aws.sqs.Queue(
            name,
            name=physical,
            message_retention_seconds=KEPT_SECONDS,
            kms_master_key_id=key,
            sqs_managed_sse_enabled=True if key is None else None,
            policy=document([_over_tls(queue_arn)]),
            tags=tags,
            opts=self.child(),
        )


def _over_tls(queue_arn: str) -> Statement:
    return Statement(
        "TlsOnly",
        ("sqs:ReceiveMessage", "sqs:SendMessage"),
        (queue_arn,),
        {"Bool": {"aws:SecureTransport": "false"}},
        principals={"AWS": ("*",)},
        effect="Deny",
    )


def schedule_inputs(schedule: Schedule) -> dict[str, Any]:
    """The inputs of the resource that say when."""
    minutes = schedule.flexible_window_minutes
    window = {"mode": "OFF"} if minutes is None else {"mode": "FLEXIBLE", "maximum_window_in_minutes": minutes}
    return {
        "schedule_expression": schedule.expression,
        "schedule_expression_timezone": schedule.time_zone,
        "flexible_time_window": window,
        "state": "ENABLED" if schedule.enabled else "DISABLED",
    }
