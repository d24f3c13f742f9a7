"""Models that share instances, down to none: `InferenceComponentEndpoint("ranker", {"components": {…}, …})`."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.identity import Statement, after, document, invoke_statements
from modelberth.aws.sagemaker import content_names
from modelberth.aws.sagemaker.components import specification
from modelberth.aws.sagemaker.components.config import InferenceComponentEndpointArgs, primary_of
from modelberth.aws.sagemaker.components.dashboard import dashboard_body
from modelberth.aws.sagemaker.components.inference_component import (
    InferenceComponent,
    InferenceComponentArgs,
    component_name_of,
)
from modelberth.aws.sagemaker.components.metrics import queries
from modelberth.aws.sagemaker.components.model import artefact, fewest
from modelberth.aws.sagemaker.components.monitoring import ComponentMonitoring, ComponentMonitoringArgs
from modelberth.aws.sagemaker.hosting import endpoint_name_of, invoke_url
from modelberth.aws.sagemaker.identity import ExecutionRole, ExecutionRoleArgs
from modelberth.aws.sagemaker.in_service import InService
from modelberth.aws.sagemaker.instances import instance
from modelberth.aws.sagemaker.model import locations_of, repositories_of
from modelberth.aws.sagemaker.permissions import WRITE_LOGS
from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.core.errors import ModelberthError
from modelberth.core.labels import render


class InferenceComponentEndpoint(Component):
    """Instances in private subnets that several models share, each in copies of its own, down to none of either.

    Every request names the component that answers it, in the header `X-Amzn-SageMaker-Inference-Component`
    (`InferenceComponentName` of InvokeEndpoint); without it SageMaker refuses. Requests are not split among components.
    While a component sleeps, requests are refused and wake it: about 5 minutes; callers must try again.

    Private: nobody may invoke it until `grant_invoke`, or an API before it. A changed version of a model is an update
    in place, and the run fails with SageMaker's reason where that was undone.
    """

    url: pulumi.Output[str]
    """Address of InvokeEndpoint; calls are signed (AWS Signature Version 4) and carry the component's header."""
    resource_id: pulumi.Output[str]
    """ARN of the endpoint."""
    name: pulumi.Output[str]
    """Name of the endpoint, once all components serve."""
    component_names: dict[str, pulumi.Output[str]]
    """Component to its name in AWS, once it serves: what a request must name."""
    versions: pulumi.Output[dict[str, int]]
    """The version of the primary component, with all of its requests."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to query, of the primary component."""
    api_keys: pulumi.Output[dict[str, str]]
    """Empty: callers are IAM principals."""
    ca_certificate_file: pulumi.Output[str] | None = None
    """None: AWS's certificate is trusted everywhere."""
    protocols: tuple[str, ...] = ("sagemaker-runtime",)
    """InvokeEndpoint of the SageMaker runtime."""
    traffic_control: TrafficControl = "service"
    """SageMaker replaces copies itself; there are no weights to move."""
    rollback_alarms: dict[str, pulumi.Output[list[str]]]
    """Component to the names of the alarms that roll its update back."""

    def __init__(
        self,
        name: str,
        args: InferenceComponentEndpointArgs | dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = InferenceComponentEndpointArgs.parse(args, name)
        super().__init__(name, args, opts)
        watched = {component: monitoring_of(name, component, args) for component in args.components}
        monitoring = {
            component: ComponentMonitoring(f"{name}-{component}-monitoring", one, self.child())
            for component, one in watched.items()
        }
        self._dashboard(name, args, watched)
        role_arn = self._role(name, args, monitoring)
        endpoint, in_service = self._fleet(name, args, role_arn)
        made = self._components(name, args, monitoring, role_arn, after(endpoint.name, in_service))
        # Complete when returned: whoever uses an output finds every component in force and scaling.
        ready = {component: one.name for component, one in made.items()}
        self.component_names = ready
        self.name = pulumi.Output.all(endpoint.name, *ready.values()).apply(lambda found: found[0])
        self.resource_id = pulumi.Output.all(endpoint.arn, *ready.values()).apply(lambda found: found[0])
        self.url = self.name.apply(lambda found: invoke_url(args.foundation.account, found))
        self.versions = pulumi.Output.from_input({args.components[primary_of(args)].version: 100})
        self.metrics = pulumi.Output.from_input(metrics_of(name, args))
        self.api_keys = pulumi.Output.secret({})
        self.rollback_alarms = {
            component: pulumi.Output.all(*one.rollback_alarms) for component, one in monitoring.items()
        }
        self._name, self._account = name, args.foundation.account
        self.register_outputs(
            {"url": self.url, "resource_id": self.resource_id, "component_names": ready, "versions": self.versions}
        )

    def grant_invoke(self, role: aws.iam.Role, grant: str, components: tuple[str, ...] = ()) -> aws.iam.RolePolicy:
        """Let a role invoke these components of this endpoint and no others. `grant` names the grant: `web`.

        `components`: left out, all of them. Raises `ModelberthError` for one that is not there.
        """
        if unknown := [component for component in components if component not in self.component_names]:
            known = ", ".join(self.component_names)
            raise ModelberthError(f"{self._name}: no component {unknown[0]!r} to grant; there is {known}")
        names = [component_name_of(self._name, component) for component in components or self.component_names]
        arns = [self._account.arn("sagemaker", f"inference-component/{found}") for found in names]
        return aws.iam.RolePolicy(
            f"{self._name}-{grant}-invoke",
            role=role.name,
            policy=document(invoke_statements(self.resource_id, component_arns=arns)),
            opts=self.child(),
        )

    def _dashboard(
        self, name: str, args: InferenceComponentEndpointArgs, watched: Mapping[str, ComponentMonitoringArgs]
    ) -> None:
        shown = dashboard_body(args.foundation.account, endpoint_name_of(name), watched.values())
        aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=endpoint_name_of(name),
            dashboard_body=json.dumps(shown),
            opts=self.child(),
        )

    def _role(
        self, name: str, args: InferenceComponentEndpointArgs, monitoring: Mapping[str, ComponentMonitoring]
    ) -> pulumi.Output[str]:
        """One role for all: which one SageMaker takes, the endpoint's or the model's, is nowhere said."""
        first, *others = (one.log_group_name for one in monitoring.values())
        role = ExecutionRole(f"{name}-role", role_of(args, first), self.child())
        if not others:
            return role.arn
        arns = [
            group.apply(lambda found: args.foundation.account.arn("logs", f"log-group:{found}:*")) for group in others
        ]
        logs = aws.iam.RolePolicy(
            f"{name}-role-logs",
            role=role.name,
            policy=document([Statement("WriteLogs", WRITE_LOGS, tuple(arns))]),
            opts=self.child(),
        )
        return after(role.arn, logs)

    def _components(
        self,
        name: str,
        args: InferenceComponentEndpointArgs,
        monitoring: dict[str, ComponentMonitoring],
        role_arn: pulumi.Output[str],
        endpoint_name: pulumi.Output[str],
    ) -> dict[str, InferenceComponent]:
        fleet = {
            "endpoint": name,
            "foundation": args.foundation,
            "endpoint_name": endpoint_name,
            "role_arn": role_arn,
            "isolated": args.outbound is None,
            "rolling": args.rolling,
            "labels": args.labels,
        }
        return {
            component: InferenceComponent(
                f"{name}-{component}",
                InferenceComponentArgs(component=component, model=model, monitoring=monitoring[component], **fleet),
                self.child(),
            )
            for component, model in args.components.items()
        }

    def _fleet(
        self, name: str, args: InferenceComponentEndpointArgs, role_arn: pulumi.Output[str]
    ) -> tuple[aws.sagemaker.Endpoint, InService]:
        """The endpoint without a model. Its configuration goes through Cloud Control, because the provider's own
        resource has neither network nor isolation (hashicorp/terraform-provider-aws pull requests 48738, 48884)."""
        # The fleet outlives the versions on it.
        tags = {} if args.labels is None else render(args.labels.model_copy(update={"version": "shared"}), "aws")
        content = specification.configuration(args, role_arn)
        logical = content_names.logical(name, content)
        config_name = content_names.physical(name, "aws-sagemaker-endpoint-config", content, logical)
        config = aws.cloudcontrol.Resource(
            logical,
            type_name=specification.CONFIG_TYPE,
            desired_state=pulumi.Output.json_dumps(specification.named(content, config_name, tags)),
            opts=self.child(),
        )
        endpoint = aws.sagemaker.Endpoint(
            name,
            name=endpoint_name_of(name),
            endpoint_config_name=after(config_name, config),
            tags=tags or None,
            opts=self.child(),
        )
        in_service = InService(
            f"{name}-in-service",
            args.foundation.account,
            endpoint.name,
            config_name,
            [],
            self.child(depends_on=[endpoint]),
        )
        return endpoint, in_service


def monitoring_of(name: str, component: str, args: InferenceComponentEndpointArgs) -> ComponentMonitoringArgs:
    """What is watched of one component."""
    foundation, model = args.foundation, args.components[component]
    return ComponentMonitoringArgs(
        component_name=component_name_of(name, component),
        requirements=model.requirements,
        instance_type=args.instance_type,
        sleeps=fewest(model) == 0,
        slo=args.slo,
        alerts=foundation.alerts,
        encryption=foundation.encryption,
        log_retention_days=foundation.log_retention_days,
        labels=args.labels,
    )


def role_of(args: InferenceComponentEndpointArgs, log_group_name: pulumi.Input[str]) -> ExecutionRoleArgs:
    """What SageMaker may do for the models: read their files and images, write to the log group."""
    artefacts = [artefact(model) for model in args.components.values()]
    return ExecutionRoleArgs(
        foundation=args.foundation,
        artefacts=locations_of(artefacts),
        repositories=repositories_of(artefacts, args.foundation.account.partition),
        log_group_name=log_group_name,
        volume_key=not instance(args.instance_type).nvme,
        labels=args.labels,
    )


def metrics_of(name: str, args: InferenceComponentEndpointArgs) -> Mapping[Signal, MetricQuery]:
    """The queries about the primary component."""
    primary = primary_of(args)
    model, region = args.components[primary], args.foundation.account.region
    found = component_name_of(name, primary)
    return queries(region, found, model.version, model.requirements, instance(args.instance_type))
