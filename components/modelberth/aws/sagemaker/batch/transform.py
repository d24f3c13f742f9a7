"""A scheduled batch transform: `BatchTransform("scores", {"foundation": aws.shared, "artefact": {…}, …})`."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.encryption import CustomerKey, Operation, grant_use, key_arn
from modelberth.aws.identity import Statement, after, document, name_in_aws
from modelberth.aws.monitoring import create_alarms, log_group
from modelberth.aws.sagemaker.batch.config import BatchTransformArgs
from modelberth.aws.sagemaker.batch.data import standing
from modelberth.aws.sagemaker.batch.definition import JOBS_LOG_GROUP, Batch, definition, job_prefix
from modelberth.aws.sagemaker.batch.monitoring import alarm_table
from modelberth.aws.sagemaker.batch.request import request
from modelberth.aws.sagemaker.batch.schedule import BatchSchedule, BatchScheduleArgs
from modelberth.aws.sagemaker.batch.timing import timing
from modelberth.aws.sagemaker.batch.workflow import BatchWorkflow, BatchWorkflowArgs
from modelberth.aws.sagemaker.hosting import Hosting, model_of
from modelberth.aws.sagemaker.identity import ExecutionRole, ExecutionRoleArgs, Folder
from modelberth.aws.sagemaker.instances import instance
from modelberth.aws.sagemaker.live import VERSION_TAG
from modelberth.aws.sagemaker.model import locations_of, repositories_of
from modelberth.core.component import Component
from modelberth.core.config import In
from modelberth.core.labels import render


class BatchTransform(Component):
    """A model that predicts a folder of records at set times, in private subnets and without any network of its own.

    Each run is one transform job under a name of its own. A job that takes too long is stopped; one that SageMaker
    itself failed is tried again; a run that failed says why, to the alert topic and in its execution. A changed model
    is a new one in SageMaker: a run that is under way ends with the old one, unless it has to be tried again.
    """

    state_machine_arn: pulumi.Output[str]
    """ARN of the state machine, once everything is there that a run needs."""
    model_name: pulumi.Output[str]
    """Name of the model in SageMaker."""
    job_prefix: str
    """How the names of its jobs begin, before `--`."""
    dead_letter_queue: pulumi.Output[str]
    """Name of the queue of runs that could not be started."""
    alarms: pulumi.Output[list[str]]
    """Names of its alarms."""

    def __init__(
        self, name: str, args: BatchTransformArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = BatchTransformArgs.parse(args, name)
        super().__init__(name, args, opts)
        self._name = name
        foundation, tags = args.foundation, None if args.labels is None else render(args.labels, "aws")
        physical = name_in_aws(name, "aws-iam-role")
        self.job_prefix = job_prefix(physical)
        topic = foundation.alerts if args.alerts is None else args.alerts
        logs = self._logs(args, name, tags)
        role = ExecutionRole(f"{name}-role", role_of(args), self.child())
        role_arn = after(role.arn, *logs, *self._keys(name, args, role.arn))
        model = model_of(self, name, hosting_of(args, role_arn), args.artefact, tags or {})
        workflow = BatchWorkflow(
            f"{name}-run",
            BatchWorkflowArgs(
                foundation=foundation,
                definition=definition_of(args, self.job_prefix, model.name, topic),
                job_prefix=self.job_prefix,
                model_role_arn=_planned(args, role),
                topic_arn=topic,
                labels=args.labels,
            ),
            self.child(),
        )
        schedule = BatchSchedule(
            f"{name}-schedule",
            BatchScheduleArgs(
                foundation=foundation,
                schedule=args.schedule,
                state_machine_arn=workflow.arn,
                labels=args.labels,
            ),
            self.child(),
        )
        table = alarm_table(workflow.arn, schedule.queue_name, timing(args.schedule, args.run))
        alarms = create_alarms(name, physical, table, topic, tags, self.child())
        self.state_machine_arn = workflow.arn
        self.model_name = model.name
        self.dead_letter_queue = schedule.queue_name
        self.alarms = pulumi.Output.all(*(alarm.name for alarm in alarms.values()))
        self.register_outputs({"state_machine_arn": self.state_machine_arn, "model_name": self.model_name})

    def _logs(self, args: BatchTransformArgs, name: str, tags: Mapping[str, str] | None) -> list[pulumi.Resource]:
        if not args.run.make_log_group:
            return []
        foundation = args.foundation
        days = foundation.log_retention_days
        return [log_group(f"{name}-jobs", JOBS_LOG_GROUP, days, foundation.encryption, tags, self.child())]

    def _keys(self, name: str, args: BatchTransformArgs, role_arn: pulumi.Input[str]) -> list[pulumi.Resource]:
        """What lets the model use keys that are not the foundation's."""
        others: dict[str, tuple[In[str] | None, tuple[Operation, ...]]] = {
            "input": (args.input.key, ("Decrypt",)),
            "output": (args.output.key, ("Encrypt", "GenerateDataKey", "Decrypt")),
        }
        grants = [
            grant_use(f"{name}-{folder}", CustomerKey(arn=key), role_arn, operations, self.child())
            for folder, (key, operations) in others.items()
            if key is not None
        ]
        return [grant for grant in grants if grant is not None]

    def grant_start(self, role: aws.iam.Role, grant: str) -> aws.iam.RolePolicy:
        """Let a role start runs by hand, of this batch transform and no other. `grant` names the grant: `backfill`.

        `{"scheduled": "2026-11-21T00:00:00Z"}` as the input runs it for that day; without it, for today.
        """
        start = Statement("StartRuns", ("states:StartExecution",), (self.state_machine_arn,))
        return aws.iam.RolePolicy(
            f"{self._name}-{grant}-start", role=role.name, policy=document([start]), opts=self.child()
        )


def role_of(args: BatchTransformArgs) -> ExecutionRoleArgs:
    """What the model may do: read its files and the records, write predictions, and log."""
    return ExecutionRoleArgs(
        foundation=args.foundation,
        artefacts=locations_of([args.artefact]),
        repositories=repositories_of([args.artefact], args.foundation.account.partition),
        log_group_name=JOBS_LOG_GROUP,
        reads=(Folder(uri=_standing(args.input.uri), reason="records of a batch transform"),),
        writes=(Folder(uri=_standing(args.output.uri), reason="predictions of a batch transform"),),
        namespaces=(JOBS_LOG_GROUP,),
        volume_key=not instance(args.instance_type).nvme,
        labels=args.labels,
    )


def _planned(args: BatchTransformArgs, role: ExecutionRole) -> pulumi.Output[str]:
    """The role's ARN made of its name, which a preview knows: so what may be passed can be checked there."""
    account = args.foundation.account
    return pulumi.Output.concat(f"arn:{account.partition}:iam::{account.id}:role/", role.name)


def _standing(uri: In[str]) -> pulumi.Input[str]:
    return standing(uri) if isinstance(uri, str) else pulumi.Output.from_input(uri).apply(standing)


def hosting_of(args: BatchTransformArgs, role_arn: pulumi.Input[str]) -> Hosting:
    """What SageMaker is told of the model."""
    return Hosting(foundation=args.foundation, role_arn=role_arn, variants={}, labels=args.labels)


def definition_of(
    args: BatchTransformArgs, prefix: str, model_name: pulumi.Input[str], topic: In[str] | None
) -> pulumi.Output[str]:
    """The definition of the state machine, as JSON, once all that stands in it is known."""
    key = key_arn(args.foundation.encryption)
    late = {
        "model": model_name,
        "input": args.input.uri,
        "output": args.output.uri,
        "output_key": key if args.output.key is None else args.output.key,
        # Local storage is encrypted in hardware, and refuses a key.
        "volume_key": None if instance(args.instance_type).nvme else key,
        "topic": topic,
    }
    return pulumi.Output.from_input(late).apply(lambda known: json.dumps(definition(batch_of(args, prefix, known))))


def batch_of(args: BatchTransformArgs, prefix: str, known: Mapping[str, Any]) -> Batch:
    """The state machine in plain values."""
    tags = {} if args.labels is None else render(args.labels, "aws")
    return Batch(
        partition=args.foundation.account.partition,
        prefix=prefix,
        request=request(args, known, {**tags, VERSION_TAG: args.artefact.version}),
        timing=timing(args.schedule, args.run),
        restarts=args.run.restarts,
        topic_arn=known["topic"],
    )
