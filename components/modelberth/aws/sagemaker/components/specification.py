"""What CloudFormation is told of the endpoint configuration and of each inference component. Pure.

Words and limits: the types AWS::SageMaker::EndpointConfig and AWS::SageMaker::InferenceComponent,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-inferencecomponent.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from modelberth.aws.encryption import key_arn
from modelberth.aws.sagemaker.components.config import InferenceComponentEndpointArgs
from modelberth.aws.sagemaker.components.model import SharedModel, first
from modelberth.aws.sagemaker.instances import instance
from modelberth.aws.sagemaker.rollout import Rolling

CONFIG_TYPE = "AWS::SageMaker::EndpointConfig"
COMPONENT_TYPE = "AWS::SageMaker::InferenceComponent"

VARIANT = "shared"
"""The endpoint's one variant: a fleet without a model of its own."""

Words = dict[str, Any]
"""Properties in CloudFormation's words; values may be Outputs."""


def configuration(args: InferenceComponentEndpointArgs, role_arn: pulumi.Input[str]) -> Words:
    """The endpoint configuration: a fleet without a model. Name and tags are not of it.

    Network and isolation stand here and not on the models alone: for inference components it is the endpoint that has
    them (hashicorp/terraform-provider-aws pull requests 48738 and 48884).
    """
    network = args.foundation.network
    # Local storage is encrypted by the instance's hardware, and takes no key.
    key = None if instance(args.instance_type).nvme else key_arn(args.foundation.encryption)
    words = {
        "ProductionVariants": [_fleet(args)],
        "ExecutionRoleArn": role_arn,
        "EnableNetworkIsolation": args.outbound is None,
        "VpcConfig": {"SecurityGroupIds": [network.model_security_group_id], "Subnets": list(network.subnet_ids)},
        "KmsKeyId": key,
    }
    return {word: value for word, value in words.items() if value is not None}


def _fleet(args: InferenceComponentEndpointArgs) -> Words:
    least, ceiling = args.instances.min_instance_count, args.instances.max_instance_count
    return {
        "VariantName": VARIANT,
        "InstanceType": args.instance_type,
        # At least one to begin with: CloudFormation takes no 0 here, and the first copies need a place.
        "InitialInstanceCount": max(1, least),
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": least, "MaxInstanceCount": ceiling},
        "RoutingConfig": {"RoutingStrategy": args.routing},
    }


def named(content: Words, name: pulumi.Input[str], tags: Mapping[str, str]) -> Words:
    """An endpoint configuration with its name and tags."""
    return {**content, "EndpointConfigName": name, **_tagged(tags)}


def component(
    name: str,
    endpoint_name: pulumi.Input[str],
    model_name: pulumi.Input[str],
    model: SharedModel,
    tags: Mapping[str, str],
) -> Words:
    """One inference component as it is made."""
    return {
        "InferenceComponentName": name,
        "EndpointName": endpoint_name,
        "VariantName": VARIANT,
        "Specification": specification(model_name, model),
        "RuntimeConfig": {"CopyCount": first(model)},
        **_tagged(tags),
    }


def specification(model_name: pulumi.Input[str], model: SharedModel) -> Words:
    """What an inference component runs, and what each copy reserves."""
    requirements = {
        "MinMemoryRequiredInMb": model.requirements.min_memory_mib,
        "MaxMemoryRequiredInMb": model.requirements.max_memory_mib,
        "NumberOfCpuCoresRequired": model.requirements.cpu_cores,
        "NumberOfAcceleratorDevicesRequired": model.requirements.accelerators,
    }
    startup = {
        "ContainerStartupHealthCheckTimeoutInSeconds": model.startup_timeout_seconds,
        "ModelDataDownloadTimeoutInSeconds": model.download_timeout_seconds,
    }
    return {
        "ModelName": model_name,
        "ComputeResourceRequirements": _given(requirements),
        **({"StartupParameters": _given(startup)} if _given(startup) else {}),
    }


def _given(words: Words) -> Words:
    return {word: value for word, value in words.items() if value is not None}


def _tagged(tags: Mapping[str, str]) -> Words:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]} if tags else {}


def deployment_config(rolling: Rolling | None, alarms: Sequence[pulumi.Input[str]]) -> Words | None:
    """What SageMaker is told with an update of an inference component. None: all at once, and nothing is rolled back.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentDeploymentConfig.html
    """
    if rolling is None:
        return None
    batch = {"Type": "CAPACITY_PERCENT", "Value": rolling.batch}
    policy = {"MaximumBatchSize": batch, "WaitIntervalInSeconds": int(rolling.interval)}
    return {
        "RollingUpdatePolicy": policy,
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]},
    }
