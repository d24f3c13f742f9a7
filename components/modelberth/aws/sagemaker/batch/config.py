"""What a scheduled batch transform needs to know, in SageMaker's words."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from modelberth.aws.foundation import Foundation
from modelberth.aws.ids import TopicArn
from modelberth.aws.sagemaker.batch.data import Batching, DataProcessing, TransformInput, TransformOutput, fault
from modelberth.aws.sagemaker.batch.instances import TransformInstanceType
from modelberth.aws.sagemaker.batch.timing import Run, Schedule, timing
from modelberth.aws.sagemaker.model import Artefact
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels


class BatchTransformArgs(Config):
    """One model, one folder of records, one folder of predictions, and when."""

    foundation: Foundation
    """Account, network, key and registry that it stands on."""

    artefact: Artefact
    """The version that predicts, and its containers: one, or several in series."""

    instance_type: TransformInstanceType
    """`ml.m6i.large`; what batch transform runs on is in `batch/instance_types.yaml`."""

    instance_count: Annotated[int, Field(ge=1, le=100)] = 1
    """Instances of one job, among which the objects of the input are shared out. Left out: 1."""

    input: TransformInput
    """The records."""

    output: TransformOutput
    """The predictions."""

    batching: Batching = Batching()
    """How records become requests. Left out: SageMaker's choice."""

    data_processing: DataProcessing | None = None
    """What the model sees of a record, and what stands beside its prediction. Left out: all of it, and nothing."""

    schedule: Schedule
    """When a run starts."""

    run: Run = Run()
    """How long it may take, and how often it is tried again. Left out: until the next one, and once."""

    alerts: In[TopicArn] | None = None
    """ARN of the SNS topic that is told of a run that failed, with SageMaker's reason, and of alarms; the foundation's
    key encrypts it, or none. Left out: the foundation's; where that has none, nobody is told."""

    labels: Labels | None = None
    """Who owns it and what it is; tags of everything, of jobs too. Left out: none."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if wrong := _artefact(self.artefact) or fault(self.input, self.output, self.batching, self.data_processing):
            raise ValueError(wrong)
        timing(self.schedule, self.run)
        return self


def _artefact(artefact: Artefact) -> str:
    """Endpoints can do this because a caller names a model or a container; a job names none.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
    """
    if artefact.many:
        return "artefact.many is set, and a transform job names no model of many; give it one model"
    if artefact.execution == "direct":
        return "artefact.execution is direct, and a transform job names no container; write serial"
    return ""
