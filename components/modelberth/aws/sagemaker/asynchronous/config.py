"""What an asynchronous endpoint needs to know, in SageMaker's words."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from modelberth.aws.bucket import Days
from modelberth.aws.foundation import Foundation
from modelberth.aws.ids import BucketName, TopicArn, shaped
from modelberth.aws.sagemaker.asynchronous.scaling import Scaling
from modelberth.aws.sagemaker.instances import InstanceType, InstanceTypeName, instance
from modelberth.aws.sagemaker.model import Artefact, check_images
from modelberth.aws.sagemaker.rollout import STRATEGIES, Rollout, too_short
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.service import Slo

Prefix = Annotated[str, shaped(r"([A-Za-z0-9!_.'()-]+/)+", "a folder; write one like answers/ranker/, without *")]
"""A folder in a bucket, with a slash at its end: `answers/ranker/`. No `*`, which would be many folders in a policy."""


class Answers(Config):
    """Where answers go, and who is told."""

    bucket: In[BucketName] | None = None
    """Name of the bucket. Answers are encrypted with the foundation's key. Left out: the endpoint's own bucket, in
    which everything expires."""

    prefix: Prefix
    """Folder of the answers: `answers/`."""

    failures: Prefix
    """Folder of what could not be answered, with the reason: `failures/`."""

    success_topic: In[TopicArn] | None = None
    """SNS topic that is told of each answer. Left out: nobody is told, and callers look."""

    error_topic: In[TopicArn] | None = None
    """SNS topic that is told of each failure. Left out: the foundation's alert topic."""

    response_in: Annotated[tuple[str, ...], Field(max_length=2)] = ()
    """Topics that get the answer itself, up to 128 KB: `SUCCESS_NOTIFICATION_TOPIC`, `ERROR_NOTIFICATION_TOPIC`. Left
    out: none; they get its address."""

    @model_validator(mode="after")
    def _told_where_there_is_a_topic(self) -> Self:
        known = ("SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC")
        if unknown := [topic for topic in self.response_in if topic not in known]:
            raise ValueError(f"response_in has {unknown[0]!r}; allowed: {', '.join(known)}")
        if "SUCCESS_NOTIFICATION_TOPIC" in self.response_in and self.success_topic is None:
            raise ValueError("response_in names the success topic, and there is none; give success_topic")
        if self.prefix == self.failures:
            raise ValueError(f"prefix and failures are both {self.prefix}; give each a folder of its own")
        return self


class Requests(Config):
    """Where requests lie. SageMaker reads each from the address that a caller gives."""

    bucket: In[BucketName] | None = None
    """Name of the bucket. Left out: the endpoint's own bucket, in which everything expires."""

    prefix: Prefix
    """Folder of the requests; the model's role may read this one and no other."""


class AsyncEndpointArgs(Config):
    """One endpoint that takes requests from S3 and puts answers there."""

    foundation: Foundation
    """Account, network, key and registry that it stands on."""

    artefact: Artefact
    """The version that serves, and its containers."""

    instance_type: InstanceTypeName
    """`ml.g5.xlarge`."""

    requests: Requests
    """Where requests lie."""

    answers: Answers
    """Where answers go."""

    expiration_days: Days | None = None
    """Days after which requests and answers in the endpoint's own bucket go: they are people's data. Left out: 30."""

    initial_instance_count: Annotated[int, Field(ge=1)] | None = None
    """Instances at first, and after every update. Left out: the scaling's `min_capacity`, or 1."""

    max_concurrent_per_instance: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Requests that one instance works on at a time. Left out: SageMaker finds a number."""

    scaling: Scaling | None = None
    """How the number of instances follows the backlog, down to none. Left out: it stays."""

    rollout: Rollout | None = None
    """How an update is guarded. Left out: a second fleet, all at once, and nothing is rolled back."""

    slo: Slo | None = None
    """What good means; alarms are made of it, and they roll updates back. Latency is the model's, without the time in
    the queue. Left out: alarms with documented defaults."""

    labels: Labels | None = None
    """Who owns it and what it is; tags of everything. Left out: none."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        type_ = instance(self.instance_type)
        if self.scaling is not None:
            self.scaling.check(type_, self.initial_instance_count)
        if self.rollout is not None:
            _guarded(self.rollout, type_, self.slo)
        _apart(self.requests, self.answers)
        if self.expiration_days is not None and not self.own_bucket:
            raise ValueError(
                "expiration_days is for the endpoint's own bucket, and requests and answers have others; leave it out, "
                "or leave out a bucket"
            )
        nobody = self.answers.error_topic is None and self.foundation.alerts is None
        if nobody and "ERROR_NOTIFICATION_TOPIC" in self.answers.response_in:
            raise ValueError("answers: response_in names the error topic, and there is none; give error_topic")
        if self.artefact.many:
            # Source: https://repost.aws/questions/QUFGfav6yyR6idYoGOkgH3sA
            raise ValueError("artefact: many models in one container are not served from a queue; take realtime")
        check_images([self.artefact], self.foundation.account.region)
        return self

    @property
    def own_bucket(self) -> bool:
        """Whether something lies in the endpoint's own bucket."""
        return self.requests.bucket is None or self.answers.bucket is None


def _apart(requests: Requests, answers: Answers) -> None:
    # Two buckets that are known later may be one; only S3 knows then.
    known = requests.bucket is None or isinstance(requests.bucket, str)
    one = known and type(requests.bucket) is type(answers.bucket) and requests.bucket == answers.bucket
    if one and requests.prefix in (answers.prefix, answers.failures):
        raise ValueError(f"requests lie in {requests.prefix}, where answers go; give each a folder")


def _guarded(rollout: Rollout, type_: InstanceType, slo: Slo | None) -> None:
    strategy = next(name for name in STRATEGIES if getattr(rollout, name) is not None)
    if slo is None:
        raise ValueError(f"rollout.{strategy}: nothing says when to roll back; give slo")
    if fault := too_short(rollout, gated=False):
        raise ValueError(fault)
    if type_.inf1:
        raise ValueError(f"rollout.{strategy}: {type_.name} is Inf1, which SageMaker does not guard; take Inf2")
