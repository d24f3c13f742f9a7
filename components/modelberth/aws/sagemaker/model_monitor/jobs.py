"""The four jobs: what each compares with, when it runs, and from where on what it finds is wrong."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.aws.ids import S3Uri
from modelberth.aws.images import ImageUri
from modelberth.core.config import Config, In
from modelberth.core.naming import validate_logical_name

HOUR, DAY = 3600, 86400
_SCHEDULE = re.compile(r"cron\(0 (\*|([01]?\d|2[0-3])(/([1-9]|1\d|2[0-4]))?) \? \* \* \*\)")


def _schedule(text: str) -> str:
    if _SCHEDULE.fullmatch(text):
        return text
    raise ValueError(
        "Model Monitor knows hourly, daily and every few hours; write cron(0 * ? * * *), cron(0 6 ? * * *) or "
        "cron(0 0/6 ? * * *)"
    )


Schedule = Annotated[str, AfterValidator(_schedule)]
"""When a job runs, in UTC: hourly, daily, or every few hours: `cron(0 0/6 ? * * *)`. It may begin up to twenty minutes
later.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html"""

Offset = Annotated[str, Field(pattern=r"^-P(\d+D|T\d+[HM])$")]
"""A time before the run: `-P1D`, `-PT6H`."""


def seconds_between(schedule: str) -> int:
    """Seconds from one run to the next."""
    match = _SCHEDULE.fullmatch(schedule)
    if match is None:
        raise ValueError(f"{schedule} is no schedule of Model Monitor")
    if match[1] == "*":
        return HOUR
    return DAY if match[4] is None else int(match[4]) * HOUR


class MetricLimit(Config):
    """From where on a metric of a job is wrong; then somebody is told, and retraining may begin."""

    metric: Annotated[str, Field(min_length=1, max_length=255)]
    """Name of the metric: `feature_baseline_drift_age`, `f1`, `bias_metric_DPPL`."""

    above: float | None = None
    """Wrong is what is above it. Left out: `below` is given."""

    below: float | None = None
    """Wrong is what is below it. Left out: `above` is given."""

    dimensions: dict[str, str] = Field(default_factory=dict)
    """Dimensions of the metric beside the endpoint and the schedule: `{"Feature": "age"}`. Left out: none."""

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.above is None) == (self.below is None):
            got = "neither" if self.above is None else "both"
            raise ValueError(f"{self.metric}: got {got} of above and below; write one")
        return self


class Job(Config):
    """What all four jobs have."""

    constraints: In[S3Uri]
    """The baseline's `constraints.json` in S3, with which each run is compared."""

    limits: Annotated[dict[Annotated[str, AfterValidator(validate_logical_name)], MetricLimit], Field(min_length=1)]
    """Name of an alarm to its limit; without one nobody would hear of what the job finds."""

    schedule: Schedule = "cron(0 0 ? * * *)"
    """Left out: daily at midnight, UTC."""

    image: In[ImageUri] | None = None
    """Image of the job. Left out: AWS's prebuilt one, where the region is known to have it."""


class TakenApart(Config):
    """Where in a captured answer the parts are: an index of CSV, or a JSONPath."""

    inference: str | None = None
    """The predicted label. Left out: the whole answer."""

    probability: str | None = None
    """The probability. Left out: none is there."""


class Labelled(TakenApart):
    """For jobs that compare with the truth."""

    ground_truth: In[S3Uri]
    """Folder of the true labels, in folders by date and hour like captured data."""

    probability_threshold: Annotated[float, Field(gt=0, lt=1)] | None = None
    """From which probability on a prediction is positive. Left out: the inference says it."""

    start_offset: Offset | None = None
    """From how long before the run on data is compared, for labels that come late. Left out: since the last run."""

    end_offset: Offset | None = None
    """Until how long before the run. Left out: until the run."""


class DataQuality(Job):
    """Whether requests look like those of the training. Drift of a feature is `feature_baseline_drift_<feature>` with
    the dimension `Feature`; the baseline's constraints must have `emit_metrics` enabled."""

    statistics: In[S3Uri]
    """The baseline's `statistics.json` in S3."""

    preprocessor: In[S3Uri] | None = None
    """Script in S3 that makes a flat record of a captured one. Left out: records are flat."""


class ModelQuality(Job, Labelled):
    """Whether answers are right: `f1`, `accuracy`, `rmse` and the like, by the kind of problem."""

    problem: Literal["BinaryClassification", "MulticlassClassification", "Regression"]
    """What the model does."""

    preprocessor: In[S3Uri] | None = None
    """As for data quality. Left out: records are flat."""


class Bias(Job, Labelled):
    """Whether groups are treated alike: `bias_metric_DPPL` and the like, with the dimensions `BiasStage`, `Label`,
    `LabelValue`, `Facet` and `FacetValue`."""

    analysis: In[S3Uri]
    """The analysis configuration of SageMaker Clarify in S3."""

    features: str | None = None
    """Where the features are in a request. Left out: the whole request."""


class Explainability(Job, TakenApart):
    """Whether the same features decide as before: `feature_<name>`, with the dimensions `ExplainabilityMethod`,
    `Label` and `ValueType`.

    The job asks a shadow endpoint of its own, which it makes of the model and takes down again. So neither the job nor
    that model may be isolated from the network, and the network needs endpoints of `sagemaker.api` and
    `sagemaker.runtime`. Give a model without network isolation.
    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html
    """

    analysis: In[S3Uri]
    """The analysis configuration of SageMaker Clarify in S3; it names the model."""

    model_name: In[str]
    """Name of that model in SageMaker."""

    features: str | None = None
    """Where the features are in a request. Left out: the whole request."""


class Jobs(Config):
    """The jobs of one endpoint; at least one."""

    data_quality: DataQuality | None = None
    """Left out: requests are not watched."""
    model_quality: ModelQuality | None = None
    """Left out: answers are not compared with the truth."""
    bias: Bias | None = None
    """Left out: groups are not compared."""
    explainability: Explainability | None = None
    """Left out: attributions are not watched."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not list(self.chosen()):
            raise ValueError(f"no job; one of {', '.join(Jobs.model_fields)} is needed")
        return self

    def chosen(self) -> Iterator[tuple[str, Job]]:
        """Kind and job of those that are there."""
        return ((kind, job) for kind, job in self if job is not None)
