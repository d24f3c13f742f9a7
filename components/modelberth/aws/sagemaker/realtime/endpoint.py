"""A real-time endpoint: `RealtimeEndpoint("ranker", {"foundation": aws.shared, "variants": {"stable": {…}}})`."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.identity import after
from modelberth.aws.sagemaker import access
from modelberth.aws.sagemaker.autoscaling import Autoscaling
from modelberth.aws.sagemaker.capture import CaptureBucket, CaptureBucketArgs, DataCapture
from modelberth.aws.sagemaker.hosting import Fleet, Hosting, endpoint_name_of, host, invoke_url
from modelberth.aws.sagemaker.identity import ExecutionRole, ExecutionRoleArgs, Folder
from modelberth.aws.sagemaker.metrics import queries
from modelberth.aws.sagemaker.model import locations_of, repositories_of
from modelberth.aws.sagemaker.monitoring import (
    EndpointMonitoring,
    EndpointMonitoringArgs,
    log_group_name_of,
    rollback_alarm_names,
)
from modelberth.aws.sagemaker.realtime import config
from modelberth.aws.sagemaker.realtime.config import RealtimeEndpointArgs, Shadow, Variant, capacities_of, instances_of
from modelberth.aws.sagemaker.realtime.scaling import autoscaling_args
from modelberth.aws.sagemaker.rollout import deployment_config
from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl


class RealtimeEndpoint(Component):
    """A model on instances in private subnets: one or several weighted variants, a guarded update, alarms, scaling.

    Private: nobody may invoke it until `grant_invoke`, or an API before it. An update makes a second endpoint
    configuration; the old one lives until the new one serves, and serves on where the update is rolled back. Then the
    run fails with SageMaker's reason.
    """

    url: pulumi.Output[str]
    """Address of InvokeEndpoint; calls are signed (AWS Signature Version 4)."""
    resource_id: pulumi.Output[str]
    """ARN of the endpoint."""
    name: pulumi.Output[str]
    """Name of the endpoint, once it serves."""
    versions: pulumi.Output[dict[str, int]]
    """Version to its share of requests, in percent."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to query."""
    api_keys: pulumi.Output[dict[str, str]]
    """Empty: callers are IAM principals."""
    ca_certificate_file: pulumi.Output[str] | None = None
    """None: AWS's certificate is trusted everywhere."""
    protocols: tuple[str, ...] = ("sagemaker-runtime",)
    """InvokeEndpoint of the SageMaker runtime."""
    traffic_control: TrafficControl
    """`service` where a rollout is guarded: SageMaker moves the weights. Else `stepped`."""
    rollback_alarms: pulumi.Output[list[str]]
    """Names of the alarms that roll an update back."""
    captured: pulumi.Output[str] | None
    """Folder of what is captured, `s3://…/captured/`, which a `ModelMonitor` reads. None: nothing is kept."""

    def __init__(
        self, name: str, args: RealtimeEndpointArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = RealtimeEndpointArgs.parse(args, name)
        super().__init__(name, args, opts)
        foundation, endpoint_name, types = args.foundation, endpoint_name_of(name), instances_of(args)
        monitoring = EndpointMonitoring(f"{name}-monitoring", _monitoring(args, endpoint_name), self.child())
        kept = self._kept(name, args)
        role = ExecutionRole(f"{name}-role", _role(args, endpoint_name, kept), self.child())
        hosted = host(self, name, hosting_of(args, role, monitoring, kept))
        scaled = [
            Autoscaling(
                f"{name}-{variant}-scaling",
                autoscaling_args(endpoint_name, variant, fleet.scaling, types[variant], args.labels),
                self.child(depends_on=[hosted.in_service]),
            )
            for variant, fleet in args.variants.items()
            if fleet.scaling is not None
        ]
        # Complete when returned: whoever uses an output finds the endpoint in service and scaling.
        self.name = after(hosted.endpoint.name, hosted.in_service, *scaled)
        self.resource_id = after(hosted.endpoint.arn, hosted.in_service, *scaled)
        self.url = self.name.apply(lambda found: invoke_url(foundation.account, found))
        self.versions = pulumi.Output.from_input(versions_of(args))
        self.metrics = pulumi.Output.from_input(_queries(args, endpoint_name))
        self.api_keys = pulumi.Output.secret({})
        self.captured = None if kept is None else kept.uri
        self.traffic_control = "stepped" if args.rollout is None else "service"
        self.rollback_alarms = pulumi.Output.all(*monitoring.rollback_alarms)
        self._name = name
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})

    def _kept(self, name: str, args: RealtimeEndpointArgs) -> CaptureBucket | None:
        if args.capture is None:
            return None
        shared = args.foundation
        wanted = CaptureBucketArgs(
            account=shared.account, capture=args.capture, access_logs=shared.access_logs, labels=args.labels
        )
        return CaptureBucket(f"{name}-capture", wanted, self.child())

    def grant_invoke(self, role: aws.iam.Role, grant: str) -> aws.iam.RolePolicy:
        """Let a role invoke this endpoint and no other. `grant` names the grant: `web`."""
        return access.grant_invoke(self, f"{self._name}-{grant}-invoke", self.resource_id, role)


def _monitoring(args: RealtimeEndpointArgs, endpoint_name: str) -> EndpointMonitoringArgs:
    foundation = args.foundation
    return EndpointMonitoringArgs.parse(
        {
            "account": foundation.account,
            "endpoint_name": endpoint_name,
            "variants": dict(capacities_of(args)),
            "slo": args.slo,
            "gates": args.gates,
            "traffic_expected": args.traffic_expected,
            "alerts": foundation.alerts,
            "encryption": foundation.encryption,
            "log_retention_days": foundation.log_retention_days,
            "labels": args.labels,
        },
        endpoint_name,
    )


def _role(args: RealtimeEndpointArgs, endpoint_name: str, kept: CaptureBucket | None) -> ExecutionRoleArgs:
    artefacts = [*args.variants.values(), *args.shadows.values()]
    writes = () if kept is None or args.capture is None else (_captured(kept, args.capture),)
    return ExecutionRoleArgs(
        foundation=args.foundation,
        artefacts=locations_of(artefacts),
        repositories=repositories_of(artefacts, args.foundation.account.partition),
        log_group_name=log_group_name_of(endpoint_name),
        writes=writes,
        volume_key=takes_volume_key(args),
        alarms=() if args.rollout is None else rollback_alarm_names(_monitoring(args, endpoint_name)),
        labels=args.labels,
    )


def _captured(kept: CaptureBucket, capture: DataCapture) -> Folder:
    return Folder(uri=kept.uri, reason="captured requests and answers", encryption=capture.encryption)


def takes_volume_key(args: RealtimeEndpointArgs) -> bool:
    """Whether its instances have volumes; local storage is encrypted in hardware, and refuses a key."""
    return not any(type_.nvme for type_ in instances_of(args).values())


def hosting_of(
    args: RealtimeEndpointArgs, role: ExecutionRole, monitoring: EndpointMonitoring, kept: CaptureBucket | None
) -> Hosting:
    """What SageMaker is told of the endpoint."""
    alarms = monitoring.rollback_alarms
    return Hosting(
        foundation=args.foundation,
        role_arn=role.arn,
        variants={name: Fleet(variant, _production(variant)) for name, variant in args.variants.items()},
        shadows={name: Fleet(shadow, _shadow(shadow)) for name, shadow in args.shadows.items()},
        isolated=args.outbound is None,
        volume_key=takes_volume_key(args),
        settings={} if kept is None else {"data_capture_config": kept.config},
        deployment=deployment_config(args.rollout, alarms),
        rollback_alarms=pulumi.Output.all(*alarms),
        needs=(role, monitoring) if kept is None else (role, monitoring, kept),
        labels=args.labels,
    )


def _instances(fleet: config.Fleet, least: int) -> dict[str, Any]:
    given = {
        "instance_type": fleet.instance_type,
        "initial_instance_count": least if fleet.initial_instance_count is None else fleet.initial_instance_count,
        "volume_size_in_gb": fleet.volume_gib,
        "container_startup_health_check_timeout_in_seconds": fleet.startup_timeout_seconds,
    }
    return {word: value for word, value in given.items() if value is not None}


def _production(variant: Variant) -> dict[str, Any]:
    least = 1 if variant.scaling is None else variant.scaling.min_capacity
    return {**_instances(variant, least), "initial_variant_weight": variant.weight}


def _shadow(shadow: Shadow) -> dict[str, Any]:
    # A shadow's weight beside the production variant's is the share that is copied; that one's is 100 here.
    return {**_instances(shadow, 1), "initial_variant_weight": shadow.sample}


def versions_of(args: RealtimeEndpointArgs) -> dict[str, int]:
    """Version to its share of requests, in percent. Variants of one version count together."""
    found: dict[str, int] = {}
    for variant in args.variants.values():
        found[variant.version] = found.get(variant.version, 0) + variant.weight
    return found


def _variants(args: RealtimeEndpointArgs) -> dict[str, str]:
    return {variant.version: name for name, variant in args.variants.items()}


def _queries(args: RealtimeEndpointArgs, endpoint_name: str) -> dict[Signal, MetricQuery]:
    region = args.foundation.account.region
    return queries(region, endpoint_name, _variants(args), capacities=capacities_of(args))
