"""Captured requests and answers: encrypted, few, and gone after a while."""

from collections.abc import Iterator
from dataclasses import replace

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.aws.sagemaker.expiry import (
    days_kept,
    expiry_of,
    is_prefix,
    no_other_lifecycle,
    no_other_versioning,
)
from modelberth_policies.rules.aws.sagemaker.hosting import CLOUD_CONTROL, CONFIGURATIONS, configurations
from modelberth_policies.rules.counts import count
from modelberth_policies.subject import Stack, Subject
from modelberth_policies.tags import classification_of

CONFIG = "dataCaptureConfig"
DESTINATION = f"{CONFIG}.destinationS3Uri"
SAMPLING = f"{CONFIG}.initialSamplingPercentage"
UNNAMED_PERCENT = 20
"""Most that may be captured of a classification that the limits do not name, or of none: limits.py, `Data`."""


def captures(configuration: Subject) -> bool:
    """Whether requests are kept. Where it is left out, Pulumi's provider says no and CloudFormation yes.

    Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sagemaker_endpoint_configuration
    and https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html (EnableCapture)
    """
    if not configuration.present(CONFIG):
        return False
    default = configuration.type == CLOUD_CONTROL
    return configuration.value(f"{CONFIG}.enableCapture", default) not in (False, "false")


@resource_rule(
    "sagemaker-data-capture-encrypted",
    Severity.HIGH,
    Category.PRIVACY,
    *CONFIGURATIONS,
    over=configurations,
    frameworks=("GDPR 32", "NIST SC-28"),
    why="Captured requests hold whatever callers send, personal data included.",
    fix="Set data_capture_config.kms_key_id.",
)
def sagemaker_data_capture_encrypted(configuration: Subject) -> Iterator[str]:
    if captures(configuration) and not configuration.present(f"{CONFIG}.kmsKeyId"):
        yield f"captures requests without a kmsKeyId ({CONFIG})"


@graph_rule(
    "sagemaker-data-capture-sampling",
    Severity.MEDIUM,
    Category.PRIVACY,
    *CONFIGURATIONS,
    over=configurations,
    frameworks=("GDPR 5(1)(c)",),
    why="What is not needed to watch a model should not be kept; of personal data, nothing.",
    fix="Lower data_capture_config.initial_sampling_percentage, or correct the data-classification tag.",
)
def sagemaker_data_capture_sampling(configuration: Subject, stack: Stack) -> Iterator[str]:
    if not captures(configuration):
        return
    percent = count(configuration, SAMPLING)
    if percent is None:
        yield f"captures {configuration.show(SAMPLING)} percent of its requests, which is no number"
        return
    classification = classification_of(_tagged(configuration), stack)
    limits = configuration.limits.data.capture_percent
    limit = limits.get(classification or "", UNNAMED_PERCENT)
    if percent > limit:
        # A tag may be a secret; a word of the limits is none.
        whose = f"{classification} data" if classification in limits else "data that the limits do not classify"
        yield f"captures {percent:g} percent of its requests; of {whose} it may be {limit}"


def _tagged(configuration: Subject) -> Subject:
    """The configuration where its tags are looked for: in a document of Cloud Control they are within it."""
    if not configuration.path:
        return configuration
    return Subject(replace(configuration.resource, inputs=configuration.whole), configuration.limits)


@graph_rule(
    "sagemaker-data-capture-retention",
    Severity.HIGH,
    Category.PRIVACY,
    *CONFIGURATIONS,
    over=configurations,
    frameworks=("GDPR 5(1)(e)",),
    why="Captured requests that nothing deletes are kept for ever.",
    fix="Give the bucket a BucketLifecycleConfiguration whose expiration covers the prefix within the limit.",
)
def sagemaker_data_capture_retention(configuration: Subject, stack: Stack) -> Iterator[str]:
    """A bucket with versions keeps what expired until those expire too."""
    if not captures(configuration):
        return
    most = configuration.limits.data.retention_days
    expiry = expiry_of(configuration, DESTINATION, stack)
    covering = [rule for rule in expiry.rules if is_prefix(rule.prefix, expiry.prefix, DESTINATION)]
    current = days_kept(rule.days for rule in covering)
    if current is None or current > most:
        no_other_lifecycle(stack)
    if current is None:
        yield f"captures into {configuration.show(DESTINATION)}, where no lifecycle rule lets it expire"
    elif current > most:
        yield f"keeps captured requests for {current:g} days; the most is {most}"
    elif expiry.versioned:
        older = days_kept(rule.noncurrent_days for rule in covering)
        if older is None or older > most:
            yield f"captures into a bucket with versions, which keeps old ones for {_time(older)}; the most is {most}"
    else:
        no_other_versioning(stack)


def _time(days: float | None) -> str:
    return "ever" if days is None else f"{days:g} days"


RULES = (
    sagemaker_data_capture_encrypted,
    sagemaker_data_capture_sampling,
    sagemaker_data_capture_retention,
)
