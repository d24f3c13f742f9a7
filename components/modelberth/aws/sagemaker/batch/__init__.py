"""Scheduled batch transform: a folder of records in S3 becomes a folder of predictions, at set times.

No target of a `Service`. A service says who calls, how many answer and how fast an answer must be; a batch run is
called by nobody, answers nobody, and ends. So there is no `portable.py` here, and `on: aws:sagemaker/batch` does not
exist: `BatchTransform` is used in a program of one's own, beside a service or without one.
"""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.aws.sagemaker.batch.config import BatchTransformArgs
    from modelberth.aws.sagemaker.batch.transform import BatchTransform

__all__ = [
    "BatchTransform",
    "BatchTransformArgs",
]

__getattr__ = lazily(
    __name__,
    {
        "config": ("BatchTransformArgs",),
        "transform": ("BatchTransform",),
    },
)
