"""What callers meet: the deployed content of an API, its stage, its logs and its alarms.

API Gateway writes logs only where the account names a role for it, once per region (`cloudwatchRoleArn`); without it
the stage is refused. That setting belongs to the whole account, so nothing here makes it: see `aws.apigateway.Account`
and https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html.
"""

from typing import Any

import pulumi
import pulumi_aws as aws
from pydantic import Field

from modelberth.aws.api_gateway.config import STAGE, Alarms, Logs
from modelberth.aws.api_gateway.monitoring import access_log_format, alarms_of
from modelberth.aws.api_gateway.rate_limit import burst_of
from modelberth.aws.encryption import key_arn
from modelberth.aws.foundation import Foundation
from modelberth.aws.identity import after
from modelberth.aws.monitoring import create_alarms
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render

EXECUTION_LOG = "API-Gateway-Execution-Logs_"
"""How API Gateway names its own log of an API, which it would make itself, without key and for ever.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-execution-logging.html"""


class ReleaseArgs(Config):
    """What is deployed, and how it is watched."""

    foundation: Foundation
    """Key of the logs, channel of the alarms."""
    rest_api: In[str]
    """Id of the API."""
    api_name: str
    """Its name, which is also its name in CloudWatch."""
    content: dict[str, In[str]] = Field(min_length=1)
    """What the API consists of; a change of it is a new deployment."""
    rate_limit: float | None = None
    """Requests per second of all callers together. Left out: the account's own limit."""
    alarms: Alarms
    """When somebody is told."""
    logs: Logs
    """What is written down."""
    labels: Labels | None = None
    """Left out: no tags."""


class Release(Component):
    """One deployment of an API, on its stage."""

    stage: pulumi.Output[str]
    """Name of the stage, once its settings hold."""
    stage_arn: pulumi.Output[str]
    """ARN of the stage."""
    invoke_url: pulumi.Output[str]
    """Address of the stage on the internet."""

    def __init__(self, name: str, args: ReleaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self._tags = None if args.labels is None else render(args.labels, "aws")
        # What the release waits for, its deployment waits for: a component does not hand that down.
        stage = self._stage(name, args, [] if opts is None else opts.depends_on)
        settings = self._settings(name, args, stage)
        create_alarms(
            name,
            args.api_name,
            alarms_of(args.api_name, args.alarms),
            args.foundation.alerts,
            self._tags,
            self.child(),
        )
        # Who waits for the stage waits for its limits too.
        self.stage = after(stage.stage_name, settings)
        self.stage_arn = after(stage.arn, settings)
        self.invoke_url = after(stage.invoke_url, settings)
        self.register_outputs({"invoke_url": self.invoke_url})

    def _log(self, name: str, physical: pulumi.Input[str], args: ReleaseArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            name,
            name=physical,
            retention_in_days=args.foundation.log_retention_days,
            kms_key_id=key_arn(args.foundation.encryption),
            tags=self._tags,
            opts=self.child(),
        )

    def _stage(self, name: str, args: ReleaseArgs, content: Any) -> aws.apigateway.Stage:
        log = self._log(f"{name}-access", f"/aws/apigateway/{args.api_name}", args)
        deployment = aws.apigateway.Deployment(
            name, rest_api=args.rest_api, triggers=args.content, opts=self.child(depends_on=content)
        )
        return aws.apigateway.Stage(
            name,
            rest_api=args.rest_api,
            deployment=deployment.id,
            stage_name=STAGE,
            access_log_settings={"destination_arn": log.arn, "format": access_log_format()},
            xray_tracing_enabled=args.logs.tracing,
            tags=self._tags,
            opts=self.child(),
        )

    def _settings(self, name: str, args: ReleaseArgs, stage: aws.apigateway.Stage) -> aws.apigateway.MethodSettings:
        errors = args.logs.execution == "errors"
        own = pulumi.Output.concat(EXECUTION_LOG, args.rest_api, f"/{STAGE}")
        logs = [self._log(f"{name}-execution", own, args)] if errors else []
        return aws.apigateway.MethodSettings(
            name,
            rest_api=args.rest_api,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings=aws.apigateway.MethodSettingsSettingsArgs(
                logging_level="ERROR" if errors else "OFF",
                # A trace of the data would put bodies into the log.
                data_trace_enabled=False,
                metrics_enabled=True,
                caching_enabled=False,
                throttling_rate_limit=args.rate_limit,
                throttling_burst_limit=None if args.rate_limit is None else burst_of(args.rate_limit),
            ),
            opts=self.child(depends_on=logs),
        )
