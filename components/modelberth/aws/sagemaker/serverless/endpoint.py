"""A serverless endpoint: `ServerlessEndpoint("ranker", {"foundation": aws.shared, "artefact": {…}, …})`."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.identity import after
from modelberth.aws.sagemaker import access
from modelberth.aws.sagemaker.autoscaling import Autoscaling
from modelberth.aws.sagemaker.hosting import Fleet, Hosting, endpoint_name_of, host, invoke_url
from modelberth.aws.sagemaker.identity import ExecutionRole, ExecutionRoleArgs
from modelberth.aws.sagemaker.metrics import queries
from modelberth.aws.sagemaker.model import locations_of, repositories_of
from modelberth.aws.sagemaker.monitoring import EndpointMonitoring, EndpointMonitoringArgs, log_group_name_of
from modelberth.aws.sagemaker.serverless.config import ServerlessEndpointArgs
from modelberth.aws.sagemaker.serverless.scaling import autoscaling_args
from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl

VARIANT = "stable"
"""Name of the only variant."""


class ServerlessEndpoint(Component):
    """A model that is paid by request: one version, alarms, and a share of warm capacity where it is asked for.

    Private: nobody may invoke it until `grant_invoke`, or an API before it. It stands outside the foundation's network,
    because SageMaker lets no serverless endpoint into a VPC; what it reads, its role says. An update is all at once.
    """

    url: pulumi.Output[str]
    """Address of InvokeEndpoint; calls are signed (AWS Signature Version 4)."""
    resource_id: pulumi.Output[str]
    """ARN of the endpoint."""
    name: pulumi.Output[str]
    """Name of the endpoint, once it serves."""
    versions: pulumi.Output[dict[str, int]]
    """The version, with 100 percent."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to query."""
    api_keys: pulumi.Output[dict[str, str]]
    """Empty: callers are IAM principals."""
    ca_certificate_file: pulumi.Output[str] | None = None
    """None: AWS's certificate is trusted everywhere."""
    protocols: tuple[str, ...] = ("sagemaker-runtime",)
    """InvokeEndpoint of the SageMaker runtime."""
    traffic_control: TrafficControl = "service"
    """SageMaker switches from one version to the next."""

    def __init__(
        self, name: str, args: ServerlessEndpointArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = ServerlessEndpointArgs.parse(args, name)
        super().__init__(name, args, opts)
        account, endpoint_name = args.foundation.account, endpoint_name_of(name)
        monitoring = EndpointMonitoring(f"{name}-monitoring", _monitoring(args, endpoint_name), self.child())
        role = ExecutionRole(f"{name}-role", _role(args, endpoint_name), self.child())
        hosted = host(self, name, hosting_of(args, role, monitoring))
        needed: list[pulumi.Resource] = [hosted.in_service]
        provisioned = args.provisioned_concurrency
        if provisioned is not None and provisioned.scales:
            scaling = autoscaling_args(endpoint_name, VARIANT, provisioned, args.labels)
            needed.append(Autoscaling(f"{name}-scaling", scaling, self.child(depends_on=[hosted.in_service])))
        self.name = after(hosted.endpoint.name, *needed)
        self.resource_id = after(hosted.endpoint.arn, *needed)
        self.url = self.name.apply(lambda found: invoke_url(account, found))
        version = args.artefact.version
        self.versions = pulumi.Output.from_input({version: 100})
        self.metrics = pulumi.Output.from_input(
            queries(account.region, endpoint_name, {version: VARIANT}, kind="serverless")
        )
        self.api_keys = pulumi.Output.secret({})
        self._name = name
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})

    def grant_invoke(self, role: aws.iam.Role, grant: str) -> aws.iam.RolePolicy:
        """Let a role invoke this endpoint and no other. `grant` names the grant: `web`."""
        return access.grant_invoke(self, f"{self._name}-{grant}-invoke", self.resource_id, role)


def _monitoring(args: ServerlessEndpointArgs, endpoint_name: str) -> EndpointMonitoringArgs:
    foundation = args.foundation
    return EndpointMonitoringArgs.parse(
        {
            "account": foundation.account,
            "endpoint_name": endpoint_name,
            "kind": "serverless",
            "variants": {VARIANT: None},
            "slo": args.slo,
            "traffic_expected": args.traffic_expected,
            "alerts": foundation.alerts,
            "encryption": foundation.encryption,
            "log_retention_days": foundation.log_retention_days,
            "labels": args.labels,
        },
        endpoint_name,
    )


def _role(args: ServerlessEndpointArgs, endpoint_name: str) -> ExecutionRoleArgs:
    return ExecutionRoleArgs(
        foundation=args.foundation,
        artefacts=locations_of([args.artefact]),
        repositories=repositories_of([args.artefact], args.foundation.account.partition),
        log_group_name=log_group_name_of(endpoint_name),
        in_vpc=False,
        volume_key=False,
        labels=args.labels,
    )


def hosting_of(args: ServerlessEndpointArgs, role: ExecutionRole, monitoring: EndpointMonitoring) -> Hosting:
    """What SageMaker is told of the endpoint."""
    provisioned = args.provisioned_concurrency
    warm = {} if provisioned is None else {"provisioned_concurrency": provisioned.min_capacity}
    size = {"memory_size_in_mb": args.memory_size_mb, "max_concurrency": args.max_concurrency, **warm}
    return Hosting(
        foundation=args.foundation,
        role_arn=role.arn,
        variants={VARIANT: Fleet(args.artefact, {"serverless_config": size, "initial_variant_weight": 100})},
        isolated=False,
        in_vpc=False,
        volume_key=False,
        needs=(role, monitoring),
        labels=args.labels,
    )
