"""Batch inference: Jobs and CronJobs, in queues of Kueue where there are any. For a Ray cluster see `ray`."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.kubernetes.batch.config import BatchInferenceArgs, Schedule, Shards, Timing
    from modelberth.kubernetes.batch.inference import BatchInference

__all__ = ["BatchInference", "BatchInferenceArgs", "Schedule", "Shards", "Timing"]

__getattr__ = lazily(
    __name__,
    {"config": ("BatchInferenceArgs", "Schedule", "Shards", "Timing"), "inference": ("BatchInference",)},
)
