"""An asynchronous endpoint: `AsyncEndpoint("ranker", {"foundation": aws.shared, "requests": {…}, "answers": {…}})`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.bucket import PrivateBucket, PrivateBucketArgs
from modelberth.aws.encryption import key_arn
from modelberth.aws.identity import after, name_in_aws
from modelberth.aws.sagemaker import access
from modelberth.aws.sagemaker.asynchronous.config import Answers, AsyncEndpointArgs
from modelberth.aws.sagemaker.asynchronous.scaling import autoscaling_args
from modelberth.aws.sagemaker.autoscaling import Autoscaling
from modelberth.aws.sagemaker.hosting import Fleet, Hosting, endpoint_name_of, host, invoke_async_url
from modelberth.aws.sagemaker.identity import ExecutionRole, ExecutionRoleArgs, Folder
from modelberth.aws.sagemaker.instances import instance
from modelberth.aws.sagemaker.metrics import Capacity, queries
from modelberth.aws.sagemaker.model import locations_of, repositories_of
from modelberth.aws.sagemaker.monitoring import (
    EndpointMonitoring,
    EndpointMonitoringArgs,
    log_group_name_of,
    rollback_alarm_names,
)
from modelberth.aws.sagemaker.rollout import deployment_config
from modelberth.core.component import Component
from modelberth.core.config import In
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl

VARIANT = "stable"
"""Name of the only variant."""

EXPIRATION_DAYS = 30
"""Days after which requests and answers go from the endpoint's own bucket, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses of what lies in S3."""

    requests: In[str]
    answers: In[str]
    failures: In[str]


class AsyncEndpoint(Component):
    """A model that takes requests from S3 through a queue and puts answers there: large payloads, long computations.

    Nothing is lost while there is no instance; requests wait. Private: nobody may invoke it until `grant_invoke`.
    """

    url: pulumi.Output[str]
    """Address of InvokeEndpointAsync; calls are signed (AWS Signature Version 4)."""
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
    protocols: tuple[str, ...] = ("sagemaker-runtime-async",)
    """InvokeEndpointAsync of the SageMaker runtime."""
    traffic_control: TrafficControl = "service"
    """SageMaker moves from one version to the next."""
    rollback_alarms: pulumi.Output[list[str]]
    """Names of the alarms that roll an update back."""
    payloads: pulumi.Output[str] | None
    """Name of the endpoint's own bucket, once it is closed, encrypted, and everything in it expires. None: requests and
    answers lie in buckets that were given."""

    def __init__(
        self, name: str, args: AsyncEndpointArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = AsyncEndpointArgs.parse(args, name)
        super().__init__(name, args, opts)
        account, endpoint_name = args.foundation.account, endpoint_name_of(name)
        monitoring = EndpointMonitoring(f"{name}-monitoring", _monitoring(args, endpoint_name), self.child())
        own = name_in_aws(f"{name}-payloads", "aws-s3-bucket", account.id)
        bucket = self._own_bucket(f"{name}-payloads", args, own)
        places = places_of(args, own)
        role = ExecutionRole(f"{name}-role", _role(args, endpoint_name, places), self.child())
        needs = (role, monitoring) if bucket is None else (role, monitoring, bucket)
        hosted = host(self, name, hosting_of(args, places, role, monitoring, needs))
        needed: list[pulumi.Resource] = [hosted.in_service]
        if args.scaling is not None:
            scaling = autoscaling_args(endpoint_name, VARIANT, args.scaling, args.labels)
            needed.append(Autoscaling(f"{name}-scaling", scaling, self.child(depends_on=[hosted.in_service])))
        self.name = after(hosted.endpoint.name, *needed)
        self.resource_id = after(hosted.endpoint.arn, *needed)
        self.url = self.name.apply(lambda found: invoke_async_url(account, found))
        self.versions = pulumi.Output.from_input({args.artefact.version: 100})
        self.metrics = pulumi.Output.from_input(_queries(args, endpoint_name))
        self.api_keys = pulumi.Output.secret({})
        self.rollback_alarms = pulumi.Output.all(*monitoring.rollback_alarms)
        self.payloads = None if bucket is None else bucket.name
        self._name = name
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})

    def _own_bucket(self, name: str, args: AsyncEndpointArgs, bucket: str) -> PrivateBucket | None:
        if not args.own_bucket:
            return None
        private = PrivateBucketArgs(
            account=args.foundation.account,
            bucket=bucket,
            encryption=args.foundation.encryption,
            expiration_days=EXPIRATION_DAYS if args.expiration_days is None else args.expiration_days,
            access_logs=args.foundation.access_logs,
            # What is in it expires anyway, and must not outlive the endpoint that it was sent to.
            force_destroy=True,
            labels=args.labels,
        )
        return PrivateBucket(name, private, self.child())

    def grant_invoke(self, role: aws.iam.Role, grant: str) -> aws.iam.RolePolicy:
        """Let a role invoke this endpoint and no other. `grant` names the grant: `web`.

        It needs to write to the folder of requests and to read that of answers besides.
        """
        return access.grant_invoke(self, f"{self._name}-{grant}-invoke", self.resource_id, role, "later")


def _capacity(args: AsyncEndpointArgs) -> Capacity:
    type_ = instance(args.instance_type)
    return Capacity(vcpus=type_.vcpus, gpus=0 if type_.neuron else type_.gpus)


def _queries(args: AsyncEndpointArgs, endpoint_name: str) -> dict[Signal, MetricQuery]:
    region, versions = args.foundation.account.region, {args.artefact.version: VARIANT}
    return queries(region, endpoint_name, versions, kind="asynchronous", capacities={VARIANT: _capacity(args)})


def _monitoring(args: AsyncEndpointArgs, endpoint_name: str) -> EndpointMonitoringArgs:
    foundation = args.foundation
    return EndpointMonitoringArgs.parse(
        {
            "account": foundation.account,
            "endpoint_name": endpoint_name,
            "kind": "asynchronous",
            "variants": {VARIANT: _capacity(args)},
            "slo": args.slo,
            "alerts": foundation.alerts,
            "encryption": foundation.encryption,
            "log_retention_days": foundation.log_retention_days,
            "labels": args.labels,
        },
        endpoint_name,
    )


def places_of(args: AsyncEndpointArgs, own: str) -> Places:
    """Where all of it lies; where no bucket is given, in the endpoint's own, of this name."""
    requests = own if args.requests.bucket is None else args.requests.bucket
    answers = own if args.answers.bucket is None else args.answers.bucket
    return Places(
        s3(requests, args.requests.prefix), s3(answers, args.answers.prefix), s3(answers, args.answers.failures)
    )


def s3(bucket: In[str], prefix: str) -> In[str]:
    """`s3://bucket/prefix/`, at once where the bucket is known."""
    plain = isinstance(bucket, str)
    return f"s3://{bucket}/{prefix}" if plain else pulumi.Output.concat("s3://", bucket, "/", prefix)


def _role(args: AsyncEndpointArgs, endpoint_name: str, places: Places) -> ExecutionRoleArgs:
    writes = (
        Folder(uri=places.answers, reason="answers to requests"),
        Folder(uri=places.failures, reason="requests that could not be answered"),
    )
    return ExecutionRoleArgs(
        foundation=args.foundation,
        artefacts=locations_of([args.artefact]),
        repositories=repositories_of([args.artefact], args.foundation.account.partition),
        log_group_name=log_group_name_of(endpoint_name),
        reads=(Folder(uri=places.requests, reason="requests that callers put there"),),
        writes=writes,
        topics=tuple(_topics(args).values()),
        volume_key=not instance(args.instance_type).nvme,
        alarms=() if args.rollout is None else rollback_alarm_names(_monitoring(args, endpoint_name)),
        labels=args.labels,
    )


def _topics(args: AsyncEndpointArgs) -> dict[str, In[str]]:
    """Who is told of what, in SageMaker's words; of failures, the alert channel where nobody else is named."""
    errors = args.foundation.alerts if args.answers.error_topic is None else args.answers.error_topic
    told = {"success_topic": args.answers.success_topic, "error_topic": errors}
    return {word: topic for word, topic in told.items() if topic is not None}


def hosting_of(
    args: AsyncEndpointArgs,
    places: Places,
    role: ExecutionRole,
    monitoring: EndpointMonitoring,
    needs: tuple[pulumi.Resource, ...],
) -> Hosting:
    """What SageMaker is told of the endpoint."""
    alarms = monitoring.rollback_alarms
    return Hosting(
        foundation=args.foundation,
        role_arn=role.arn,
        variants={VARIANT: Fleet(args.artefact, _instances(args))},
        volume_key=not instance(args.instance_type).nvme,
        settings={"async_inference_config": async_config(args, places)},
        deployment=deployment_config(args.rollout, alarms),
        rollback_alarms=pulumi.Output.all(*alarms),
        needs=needs,
        labels=args.labels,
    )


def _instances(args: AsyncEndpointArgs) -> dict[str, Any]:
    # Never created without an instance, also where it scales down to none.
    floor = 1 if args.scaling is None else max(1, args.scaling.min_capacity)
    count = floor if args.initial_instance_count is None else args.initial_instance_count
    return {"instance_type": args.instance_type, "initial_instance_count": count, "initial_variant_weight": 100}


def async_config(args: AsyncEndpointArgs, places: Places) -> dict[str, Any]:
    """The `async_inference_config` of the endpoint configuration."""
    at_once, key = args.max_concurrent_per_instance, key_arn(args.foundation.encryption)
    client = {} if at_once is None else {"client_config": {"max_concurrent_invocations_per_instance": at_once}}
    output = {
        "s3_output_path": places.answers,
        "s3_failure_path": places.failures,
        "kms_key_id": key,
        "notification_config": _notification(args.answers, _topics(args)) or None,
    }
    return {**client, "output_config": {word: value for word, value in output.items() if value is not None}}


def _notification(answers: Answers, topics: Mapping[str, In[str]]) -> dict[str, Any]:
    responses = {"include_inference_response_ins": list(answers.response_in)} if answers.response_in else {}
    return {**topics, **responses}
