"""Encryption at rest and between machines, with keys of the customer: endpoints, answers, monitoring jobs."""

from collections.abc import Iterator, Mapping

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.aws.sagemaker.hosting import (
    CLOUD_CONTROL,
    CONFIGURATIONS,
    configurations,
    documents,
    every_variant,
    is_serverless,
)
from modelberth_policies.rules.aws.sagemaker.instance_families import has_local_storage
from modelberth_policies.subject import Subject

DATA_QUALITY = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
SCHEDULE = "aws:sagemaker/monitoringSchedule:MonitoringSchedule"

OUTPUTS: Mapping[str, str] = {
    "AWS::SageMaker::DataQualityJobDefinition": "dataQualityJobOutputConfig",
    "AWS::SageMaker::ModelQualityJobDefinition": "modelQualityJobOutputConfig",
    "AWS::SageMaker::ModelBiasJobDefinition": "modelBiasJobOutputConfig",
    "AWS::SageMaker::ModelExplainabilityJobDefinition": "modelExplainabilityJobOutputConfig",
}
"""CloudFormation type of a job definition → where its output is configured."""


@resource_rule(
    "sagemaker-endpoint-kms",
    Severity.HIGH,
    Category.SECURITY,
    *CONFIGURATIONS,
    over=configurations,
    frameworks=("NIST SC-28", "GDPR 32", "AISF-INFRA-05"),
    anchors=(
        "CKV_AWS_98",
        "prowler:sagemaker_endpoint_config_kms_encryption_enabled",
        "cdk-nag:SageMakerEndpointConfigurationKMSKeyConfigured",
    ),
    why="Models and requests lie on the instances' volumes under a key that the account cannot revoke.",
    fix="Set kms_key_arn; move variants with local NVMe storage, which takes no key, to an endpoint of their own.",
)
def sagemaker_endpoint_kms(configuration: Subject) -> Iterator[str]:
    """SageMaker takes a key for all variants or none, and none for instances with storage of their own."""
    if configuration.present("kmsKeyArn"):
        return
    volumes = (variant for variant in every_variant(configuration.root) if not is_serverless(variant))
    for variant in volumes:
        if not has_local_storage(variant.text("instanceType")):
            yield f"has no kmsKeyArn, and the volumes of {variant.show('instanceType')} are not encrypted otherwise"
            return


@resource_rule(
    "sagemaker-async-output-encrypted",
    Severity.HIGH,
    Category.SECURITY,
    *CONFIGURATIONS,
    over=configurations,
    frameworks=("NIST SC-28",),
    why="Answers of an asynchronous endpoint lie in S3 for as long as nobody deletes them.",
    fix="Set async_inference_config.output_config.kms_key_id.",
)
def sagemaker_async_output_encrypted(configuration: Subject) -> Iterator[str]:
    queued = configuration.present("asyncInferenceConfig")
    if queued and not configuration.present("asyncInferenceConfig.outputConfig.kmsKeyId"):
        yield "writes answers without a kmsKeyId (asyncInferenceConfig.outputConfig)"


def _jobs(resource: Subject) -> Iterator[Subject]:
    """The definition of the monitoring job that a resource holds; a schedule may only name one."""
    if resource.type == DATA_QUALITY:
        yield resource
    elif resource.type == SCHEDULE:
        yield from resource.each("monitoringScheduleConfig.monitoringJobDefinition")
    else:
        for type_name in OUTPUTS:
            yield from documents(resource, type_name)


def _places_of(job: Subject) -> tuple[str, str]:
    """Where a definition says what it writes, and where what it runs on."""
    if job.type == SCHEDULE:
        return "monitoringOutputConfig", "monitoringResources.clusterConfig"
    output = "dataQualityJobOutputConfig" if job.type == DATA_QUALITY else OUTPUTS[job.root.value("typeName")]
    return output, "jobResources.clusterConfig"


@resource_rule(
    "sagemaker-monitoring-job-encryption",
    Severity.MEDIUM,
    Category.SECURITY,
    DATA_QUALITY,
    SCHEDULE,
    CLOUD_CONTROL,
    over=_jobs,
    frameworks=("NIST SC-28", "NIST SC-8"),
    anchors=("CKV_AWS_367", "CKV_AWS_368", "CKV_AWS_369"),
    why="A monitoring job reads captured requests, writes about them, and passes them between its machines.",
    fix="Set kms_key_id of the output, volume_kms_key_id and enable_inter_container_traffic_encryption.",
)
def sagemaker_monitoring_job_encryption(job: Subject) -> Iterator[str]:
    output, cluster = _places_of(job)
    if not job.present(f"{output}.kmsKeyId"):
        yield f"writes reports without a key ({output}.kmsKeyId is unset)"
    if not job.present(f"{cluster}.volumeKmsKeyId") and not has_local_storage(job.text(f"{cluster}.instanceType")):
        yield f"runs on volumes without a key ({cluster}.volumeKmsKeyId is unset)"
    between = "networkConfig.enableInterContainerTrafficEncryption"
    if job.value(between) is not True:
        yield f"does not encrypt what its machines tell each other ({between} is {job.show(between)})"


RULES = (sagemaker_endpoint_kms, sagemaker_async_output_encrypted, sagemaker_monitoring_job_encryption)
