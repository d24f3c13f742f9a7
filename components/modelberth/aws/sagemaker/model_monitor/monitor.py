"""`ModelMonitor("ranker-monitor", {"endpoint_name": endpoint.name, "captured": …, "jobs": {"data_quality": {…}}})`."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.identity import ServiceRole, after, name_in_aws, service_role
from modelberth.aws.monitoring import create_alarms
from modelberth.aws.sagemaker.model_monitor.config import ModelMonitorArgs
from modelberth.aws.sagemaker.model_monitor.definitions import KINDS, definition, in_provider_words
from modelberth.aws.sagemaker.model_monitor.jobs import Job
from modelberth.aws.sagemaker.model_monitor.limits import event_pattern, limit_alarms, role_of
from modelberth.aws.sagemaker.model_monitor.permissions import statements
from modelberth.core.component import Component
from modelberth.core.labels import render
from modelberth.core.naming import fingerprint

NAMES = "aws-sagemaker-model"
"""Job definitions and schedules are named by the rule of models: 63 letters, digits and hyphens."""

RULE_NAMES = "aws-iam-role"
"""Rules of EventBridge and roles: 64 characters."""


class ModelMonitor(Component):
    """Scheduled jobs over captured data, alarms on what they find, and a rule on which retraining hangs.

    Needs an account that used SageMaker Model Monitor before 2026-07-30. The jobs run in private subnets, isolated from
    the network but for explainability, with the customer's key on volumes and reports.
    """

    schedules: dict[str, pulumi.Output[str]]
    """Kind of job to the name of its schedule."""
    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    """Role to alarm: `data-quality-age`."""
    rule_arn: pulumi.Output[str]
    """ARN of the rule that passes broken limits on; hang further targets on it."""

    def __init__(
        self, name: str, args: ModelMonitorArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = ModelMonitorArgs.parse(args, name)
        super().__init__(name, args, opts)
        tags = None if args.labels is None else render(args.labels, "aws")
        role = service_role(
            f"{name}-jobs",
            "sagemaker.amazonaws.com",
            args.account,
            statements(args),
            args.permissions_boundary,
            tags,
            self.child(),
        )
        chosen = dict(args.jobs.chosen())
        self.schedules = {kind: self._schedule(name, kind, job, args, role, tags) for kind, job in chosen.items()}
        prefix = name_in_aws(name, RULE_NAMES)
        table = [
            alarm
            for kind, job in chosen.items()
            for alarm in limit_alarms(kind, job, args.endpoint_name, schedule_name(name, kind))
        ]
        self.alarms = create_alarms(name, prefix, table, args.alerts, tags, self.child())
        self.rule_arn = self._rule(name, prefix, args, tags)
        self.register_outputs({"schedules": self.schedules, "rule_arn": self.rule_arn})

    def _schedule(
        self,
        name: str,
        kind: str,
        job: Job,
        args: ModelMonitorArgs,
        role: ServiceRole,
        tags: Mapping[str, str] | None,
    ) -> pulumi.Output[str]:
        """The job's definition and the schedule that runs it."""
        child = f"{name}-{role_of(kind)}"
        # In plain text, so that a preview and the rules on it see the whole definition.
        role_arn = f"arn:{args.account.partition}:iam::{args.account.id}:role/{name_in_aws(f'{name}-jobs', RULE_NAMES)}"
        content = definition(kind, job, args, role_arn)
        define = _data_quality if kind == "data_quality" else _through_cloud_control
        needs = self.child(depends_on=[role.role, role.policy])
        made = define(child, kind, content, definition_name(name, content), tags, needs)
        schedule = aws.sagemaker.MonitoringSchedule(
            child,
            name=schedule_name(name, kind),
            monitoring_schedule_config={
                "monitoring_type": KINDS[kind].word,
                "monitoring_job_definition_name": definition_name(name, content),
                "schedule_config": {"schedule_expression": job.schedule},
            },
            tags=tags,
            opts=self.child(depends_on=[made]),
        )
        return after(schedule.name, schedule)

    def _rule(
        self, name: str, prefix: str, args: ModelMonitorArgs, tags: Mapping[str, str] | None
    ) -> pulumi.Output[str]:
        rule = aws.cloudwatch.EventRule(
            f"{name}-limits",
            name=name_in_aws(f"{name}-limits", RULE_NAMES),
            description=f"A job of {name} found a limit broken.",
            event_pattern=event_pattern(args.account, prefix, args.jobs),
            tags=tags,
            opts=self.child(),
        )
        if args.retraining is not None:
            aws.cloudwatch.EventTarget(
                f"{name}-retraining",
                rule=rule.name,
                arn=args.retraining.target_arn,
                role_arn=args.retraining.role_arn,
                opts=self.child(),
            )
        return rule.arn


def schedule_name(name: str, kind: str) -> str:
    """Name of a schedule in AWS, known before it exists: metrics carry it."""
    return name_in_aws(f"{name}-{role_of(kind)}", NAMES)


def definition_name(name: str, content: Mapping[str, Any]) -> pulumi.Output[str]:
    """Name of a job definition in AWS. It follows the content: a changed definition is a new one beside the old, until
    the schedule runs the new one."""
    return pulumi.Output.from_input(dict(content)).apply(lambda whole: name_in_aws(name, NAMES, fingerprint(whole)))


def _data_quality(
    child: str,
    kind: str,
    content: Mapping[str, Any],
    name: pulumi.Output[str],
    tags: Mapping[str, str] | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    # With its explicit name, the old one would go first, and the schedule would run nothing.
    kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=False))
    return aws.sagemaker.DataQualityJobDefinition(child, name=name, tags=tags, opts=kept, **in_provider_words(content))


def _through_cloud_control(
    child: str,
    kind: str,
    content: Mapping[str, Any],
    name: pulumi.Output[str],
    tags: Mapping[str, str] | None,
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """The provider has no resource of its own for these three."""
    tagged = {} if tags is None else {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    return aws.cloudcontrol.Resource(
        child,
        type_name=f"AWS::SageMaker::{KINDS[kind].word}JobDefinition",
        desired_state=pulumi.Output.json_dumps({"JobDefinitionName": name, **content, **tagged}, sort_keys=True),
        opts=opts,
    )
