"""The four job definitions in CloudFormation's words, from which the provider's own words are made where it has them.

Schemas: AWS::SageMaker::{DataQuality,ModelQuality,ModelBias,ModelExplainability}JobDefinition. Nothing in a definition
can be changed, so its name follows its content.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pulumi

from modelberth.aws.encryption import key_arn
from modelberth.aws.sagemaker.instances import instance
from modelberth.aws.sagemaker.model_monitor.config import ANALYZERS, ModelMonitorArgs
from modelberth.aws.sagemaker.model_monitor.images import prebuilt_image
from modelberth.aws.sagemaker.model_monitor.jobs import Job

INPUT, OUTPUT = "/opt/ml/processing/input/endpoint", "/opt/ml/processing/output"
"""Where the prebuilt containers look for data, and where they write reports."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job."""

    word: str
    """What CloudFormation calls it: `ModelBias`."""
    namespace: str
    """Namespace of its metrics. Sources: under https://docs.aws.amazon.com/sagemaker/latest/dg/,
    model-monitor-model-quality-metrics.html, clarify-model-monitor-bias-drift-cw.html and
    clarify-feature-attribute-drift-cw.html. For data quality the guide writes /aws/sagemaker/Endpoints/data-metric;
    what AWS's own SDK reads is here (sagemaker/dashboard/data_quality_dashboard.py)."""
    isolated: bool = True
    """Whether its containers have no network at all."""


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "data_quality": Kind("DataQuality", "aws/sagemaker/Endpoints/data-metrics"),
        "model_quality": Kind("ModelQuality", "aws/sagemaker/Endpoints/model-metrics"),
        "bias": Kind("ModelBias", "aws/sagemaker/Endpoints/bias-metrics"),
        "explainability": Kind(
            "ModelExplainability",
            "aws/sagemaker/Endpoints/explainability-metrics",
            # It asks a shadow endpoint: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html
            isolated=False,
        ),
    }
)


def image_of(kind: str, job: Job, args: ModelMonitorArgs) -> pulumi.Input[str]:
    """The image that a job runs."""
    return prebuilt_image(args.account, ANALYZERS[kind]) if job.image is None else job.image


def definition(kind: str, job: Job, args: ModelMonitorArgs, role_arn: pulumi.Input[str]) -> dict[str, Any]:
    """The whole definition but its name and its tags."""
    word = KINDS[kind].word
    return {
        f"{word}AppSpecification": _app(kind, job, args),
        f"{word}BaselineConfig": _baseline(job),
        f"{word}JobInput": _input(job, args),
        f"{word}JobOutputConfig": _output(args),
        "JobResources": {"ClusterConfig": _cluster(args)},
        "NetworkConfig": {
            "EnableNetworkIsolation": KINDS[kind].isolated,
            "EnableInterContainerTrafficEncryption": True,
            "VpcConfig": {
                "SecurityGroupIds": [args.network.model_security_group_id],
                "Subnets": list(args.network.subnet_ids),
            },
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": args.compute.longest_seconds},
        "RoleArn": role_arn,
    }


def _given(**fields: Any) -> dict[str, Any]:
    return {word: value for word, value in fields.items() if value is not None}


def _app(kind: str, job: Job, args: ModelMonitorArgs) -> dict[str, Any]:
    return _given(
        ImageUri=image_of(kind, job, args),
        ConfigUri=getattr(job, "analysis", None),
        ProblemType=getattr(job, "problem", None),
        RecordPreprocessorSourceUri=getattr(job, "preprocessor", None),
        # Without it a run tells CloudWatch nothing, and no limit could be broken.
        Environment={"publish_cloudwatch_metrics": "Enabled"},
    )


def _baseline(job: Job) -> dict[str, Any]:
    statistics = getattr(job, "statistics", None)
    compared = {"ConstraintsResource": {"S3Uri": job.constraints}}
    return compared if statistics is None else {**compared, "StatisticsResource": {"S3Uri": statistics}}


def _input(job: Job, args: ModelMonitorArgs) -> dict[str, Any]:
    endpoint = _given(
        EndpointName=args.endpoint_name,
        LocalPath=INPUT,
        FeaturesAttribute=getattr(job, "features", None),
        InferenceAttribute=getattr(job, "inference", None),
        ProbabilityAttribute=getattr(job, "probability", None),
        ProbabilityThresholdAttribute=getattr(job, "probability_threshold", None),
        StartTimeOffset=getattr(job, "start_offset", None),
        EndTimeOffset=getattr(job, "end_offset", None),
    )
    truth = getattr(job, "ground_truth", None)
    labels = {} if truth is None else {"GroundTruthS3Input": {"S3Uri": truth}}
    return {"EndpointInput": endpoint, **labels}


def _output(args: ModelMonitorArgs) -> dict[str, Any]:
    written = {"S3Output": {"S3Uri": args.reports, "LocalPath": OUTPUT}}
    return _given(MonitoringOutputs=[written], KmsKeyId=key_arn(args.encryption))


def _cluster(args: ModelMonitorArgs) -> dict[str, Any]:
    # Local storage is encrypted by the instance's hardware and takes no key.
    local = instance(args.compute.instance_type).nvme
    return _given(
        InstanceCount=1,
        InstanceType=args.compute.instance_type,
        VolumeSizeInGB=args.compute.volume_gib,
        VolumeKmsKeyId=None if local else key_arn(args.encryption),
    )


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def in_provider_words(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same in the words of `aws.sagemaker.DataQualityJobDefinition`, which takes one output and no list of them."""
    return {
        _HUMP.sub("_", word).lower(): value if word == "Environment" else _renamed(value)
        for word, value in content.items()
    }


def _renamed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return in_provider_words(value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
        return in_provider_words(value[0])
    return value
