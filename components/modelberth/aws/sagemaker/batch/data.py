"""What goes into a batch transform and what comes out of it: folders, formats, batches, filters."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.aws.encryption import KeyArn
from modelberth.aws.ids import shaped
from modelberth.core.config import Config, In

DATE = "{date}"
"""In a folder: the day for which the run is scheduled, in UTC: `2026-11-21`."""

# Neither what means something in a policy (*, ?, $) nor what ends a text in an expression (').
_KEY = r"([A-Za-z0-9!_.()=+@-]|\{date\})+"

DatedFolder = Annotated[
    str,
    shaped(
        rf"s3://[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9]/({_KEY}/)*",
        "a folder; write s3://<bucket>/<folder>/, and {date} where the day of the run stands",
    ),
    Field(max_length=1024),
]
"""A folder in S3, the same for each run or one for each day: `s3://bucket/scores/{date}/`."""

ContentType = Annotated[
    str,
    shaped(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+(; ?[A-Za-z0-9=._-]+)*", "a media type; write one like text/csv"),
    Field(max_length=256),
]
"""A media type."""


def standing(uri: str) -> str:
    """The folder above all days: `s3://bucket/scores/` of `s3://bucket/scores/{date}/`."""
    return uri if DATE not in uri else f"{uri.partition(DATE)[0].rpartition('/')[0]}/"


class TransformInput(Config):
    """The records."""

    uri: In[DatedFolder]
    """Their folder: `s3://bucket/records/{date}/`. All objects below it are taken; without `{date}` all of them again
    in each run."""

    content_type: ContentType
    """What they are: `text/csv`, `application/jsonlines`. The container gets it with each request."""

    split_type: Literal["None", "Line", "RecordIO", "TFRecord"] = "None"
    """How an object is split into records. Left out: it is not, and goes into one request as a whole."""

    compression_type: Literal["None", "Gzip"] = "None"
    """How objects are compressed; SageMaker unpacks them. Left out: they are not."""

    key: In[KeyArn] | None = None
    """ARN of the key that they are encrypted with. Left out: the foundation's, or the provider's."""


class TransformOutput(Config):
    """The predictions: for each object of the input one of the same name with `.out` at its end."""

    uri: In[DatedFolder]
    """Their folder: `s3://bucket/scores/{date}/`. Without `{date}` each run overwrites the one before."""

    accept: ContentType | None = None
    """What they are to be. Left out: what the container answers with."""

    assemble_with: Literal["None", "Line"] = "None"
    """What stands between the records of one object. Left out: nothing."""

    key: In[KeyArn] | None = None
    """ARN of the key that they are encrypted with. Left out: the foundation's, or the provider's."""


MOST_PAYLOAD_MB = 100
"""Of one request, and of all requests that one instance works on at a time.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html"""

PAYLOAD_MB = 6
"""SageMaker's own choice, by the same source."""


class Batching(Config):
    """How records become requests to the container."""

    strategy: Literal["MultiRecord", "SingleRecord"] | None = None
    """Whether a request holds as many records as fit, or one. Left out: SageMaker's choice."""

    max_payload_mb: Annotated[int, Field(ge=0, le=MOST_PAYLOAD_MB)] | None = None
    """Size of a request at most, in MB; a record must fit. 0: as large as it is, in chunks, where the container can do
    that. Left out: 6."""

    max_concurrent_transforms: Annotated[int, Field(ge=0)] | None = None
    """Requests to one instance at a time. Left out, or 0: what the container's `/execution-parameters` says, else 1."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        payload = PAYLOAD_MB if self.max_payload_mb is None else self.max_payload_mb
        together = payload * (self.max_concurrent_transforms or 0)
        if together > MOST_PAYLOAD_MB:
            default = ", SageMaker's default," if self.max_payload_mb is None else ""
            raise ValueError(
                f"max_concurrent_transforms {self.max_concurrent_transforms} of {payload} MB{default} are {together} "
                f"MB, and SageMaker takes {MOST_PAYLOAD_MB} together; lower one of them"
            )
        return self


_NAME = r"[A-Za-z0-9_-]+"
_PATH = re.compile(
    rf"\$(\.{_NAME}|\.\*|\.?\['{_NAME}'(,\s?'{_NAME}')*\]|\[-?\d+(,-?\d+)*(,-?\d*:-?\d*)?\]|\[-?\d*:-?\d*\]|\[\*\])*"
)
_NAMED = re.compile(r"\.[A-Za-z_]|'")


def _json_path(text: str) -> str:
    if not _PATH.fullmatch(text):
        raise ValueError(
            "not a path that SageMaker knows; write $, and after it .name, .*, ['a','b'], [1], [1,3] or [1:3]"
        )
    return text


JsonPath = Annotated[str, Field(max_length=63), AfterValidator(_json_path)]
"""A path in SageMaker's subset of JSONPath.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html"""

FORMATS = ("text/csv", "application/json", "application/jsonlines")
"""What can be filtered and joined, by the same source."""


class DataProcessing(Config):
    """Which part of a record the model sees, and what of the record stands beside its prediction."""

    input_filter: JsonPath = "$"
    """The part that goes to the model: `$[1:]`, `$.features`. Left out: all of it."""

    join_source: Literal["Input", "None"] = "None"
    """Whether the record is joined with its prediction. Left out: no."""

    output_filter: JsonPath = "$"
    """The part that is written, of the two where they are joined: `$[0,-1]`, `$['id','SageMakerOutput']`. Left out: all
    of it."""


def fault(
    source: TransformInput, result: TransformOutput, batching: Batching, processing: DataProcessing | None
) -> str:
    """What contradicts itself, in one sentence; empty where nothing does."""
    if batching.strategy is not None and source.split_type == "None":
        return (
            f"batching.strategy is {batching.strategy}, and input.split_type None leaves no records to count; write "
            "Line, RecordIO or TFRecord, or leave the strategy out"
        )
    if isinstance(source.uri, str) and isinstance(result.uri, str) and result.uri.startswith(source.uri):
        return (
            f"output.uri {result.uri} is in the folder of the input, so that the next run would take predictions for "
            "records; write another folder"
        )
    return "" if processing is None else _filtered(source, result, processing)


def _filtered(source: TransformInput, result: TransformOutput, processing: DataProcessing) -> str:
    for field, type_ in (("input.content_type", source.content_type), ("output.accept", result.accept)):
        if type_ not in FORMATS:
            got = "is left out" if type_ is None else f"is {type_}"
            return f"data_processing: {field} {got}, and SageMaker filters {', '.join(FORMATS)} only; write one of them"
    if "text/csv" in (source.content_type, result.accept):
        if (source.split_type, result.assemble_with) != ("Line", "Line"):
            return "data_processing: CSV is filtered by lines; write Line for input.split_type and output.assemble_with"
        return _indexed(source, result, processing)
    if (source.split_type == "Line") != (result.assemble_with == "Line"):
        return (
            f"data_processing: input.split_type is {source.split_type}, output.assemble_with {result.assemble_with}; "
            "records are joined again as they were split, write Line or None for both"
        )
    return ""


def _indexed(source: TransformInput, result: TransformOutput, processing: DataProcessing) -> str:
    filters = {
        "input_filter": processing.input_filter if source.content_type == "text/csv" else "$",
        "output_filter": processing.output_filter if result.accept == "text/csv" else "$",
    }
    named = [field for field, path in filters.items() if _NAMED.search(path)]
    if not named:
        return ""
    return f"data_processing.{named[0]} names an attribute, and a CSV record has columns; write numbers: $[0], $[1:]"
