"""The containers of a model: of a SageMaker model, and of an inference component that brings its own."""

from collections.abc import Iterator

from modelberth_policies.rules.aws.sagemaker.hosting import CLOUD_CONTROL, MODEL, inference_components
from modelberth_policies.rules.aws.sagemaker.linking import is_written
from modelberth_policies.subject import Subject

HOLDERS = (MODEL, CLOUD_CONTROL)
"""Types of the resources that have containers."""


def containers(subject: Subject) -> Iterator[Subject]:
    """One by one. One of an inference component reads as one of a model does."""
    if subject.type == MODEL:
        yield from subject.each("primaryContainer")
        yield from subject.each("containers")
    for component in inference_components(subject):
        yield from component.each("specification.container")


def sources(container: Subject) -> Iterator[tuple[Subject, str]]:
    """Where the files of its models lie in S3, adapters included: each as a part and the path of the address in it."""
    if is_written(container, "modelDataUrl"):
        yield container, "modelDataUrl"
    for source in container.each("modelDataSource.s3DataSources"):
        yield source, "s3Uri"
    for channel in container.each("additionalModelDataSources"):
        for source in channel.each("s3DataSources"):
            yield source, "s3Uri"
