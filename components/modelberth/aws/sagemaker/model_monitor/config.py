"""What a model monitor needs to know: which jobs, on what they run, and who hears of what they find."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from modelberth.aws.encryption import Encryption
from modelberth.aws.ids import PolicyArn, RoleArn, S3Uri, TopicArn
from modelberth.aws.network import Network
from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.instances import InstanceTypeName
from modelberth.aws.sagemaker.model_monitor.images import Analyzer, prebuilt_image
from modelberth.aws.sagemaker.model_monitor.jobs import DAY, Job, Jobs, Labelled, seconds_between
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels

ANALYZERS: dict[str, Analyzer] = {
    "data_quality": "analyzer",
    "model_quality": "analyzer",
    "bias": "clarify",
    "explainability": "clarify",
}
"""Kind of job to the prebuilt image that it runs."""


class Compute(Config):
    """On what each run of a job happens."""

    instance_type: InstanceTypeName = "ml.m5.xlarge"
    """Left out: ml.m5.xlarge."""

    volume_gib: Annotated[int, Field(ge=1, le=16384)] = 20
    """Volume for the data of one run, in GiB. Left out: 20."""

    longest_seconds: Annotated[int, Field(ge=60, le=DAY)] = 1800
    """After which a run is stopped. Left out: 30 minutes, which every schedule allows."""


class Retraining(Config):
    """What EventBridge starts when a limit is broken."""

    target_arn: In[str]
    """ARN of a state machine, a pipeline, a function."""

    role_arn: In[RoleArn] | None = None
    """Role with which EventBridge starts it. Left out: the target's own policy lets EventBridge in."""


class ModelMonitorArgs(Config):
    """The watch over one endpoint's traffic."""

    account: Account
    """Account and region of the endpoint."""

    network: Network
    """Where the jobs run: in its private subnets."""

    encryption: Encryption
    """Key of volumes and reports."""

    endpoint_name: In[str]
    """Name of the endpoint, which must capture its data: take the endpoint's own output, so that it is there."""

    captured: In[S3Uri]
    """Folder to which the endpoint captures: `s3://bucket/captured`."""

    reports: In[S3Uri]
    """Folder to which the jobs write what they find."""

    jobs: Jobs
    """Which jobs."""

    compute: Compute = Compute()
    """On what they run. Left out: one ml.m5.xlarge for half an hour at most."""

    alerts: In[TopicArn] | None = None
    """ARN of the SNS topic that hears of broken limits. Left out: nobody does."""

    retraining: Retraining | None = None
    """What a broken limit starts. Left out: nothing; the rule is there to hang something on."""

    permissions_boundary: In[PolicyArn] | None = None
    """Bound of the jobs' role. Left out: none."""

    labels: Labels | None = None
    """Tags. Left out: none."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for kind, job in self.jobs.chosen():
            fault = _too_long(kind, job, self.compute) or _no_image(kind, job, self.account)
            if fault:
                raise ValueError(f"jobs.{kind}: {fault}")
        return self


def _too_long(kind: str, job: Job, compute: Compute) -> str:
    """A run and, where labels are merged first, the merge must end before the next run.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html
    """
    between = seconds_between(job.schedule)
    allowed = between // 2 if isinstance(job, Labelled) else between
    if compute.longest_seconds <= allowed:
        return ""
    return (
        f"runs may take {compute.longest_seconds} s, and the next one begins after {between}; at most {allowed} are "
        "allowed; lower compute.longest_seconds or run it less often"
    )


def _no_image(kind: str, job: Job, account: Account) -> str:
    if job.image is not None:
        return ""
    try:
        prebuilt_image(account, ANALYZERS[kind])
    except ValueError as error:
        return str(error)
    return ""
