"""Watching what a model is asked and answers: data quality, model quality, bias and feature attribution, on schedules.

AWS closed SageMaker Model Monitor to new customers on 2026-07-30; accounts that used it before go on as before. Source:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-availability-change.html
"""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.aws.sagemaker.model_monitor.config import ModelMonitorArgs
    from modelberth.aws.sagemaker.model_monitor.monitor import ModelMonitor

__all__ = [
    "ModelMonitor",
    "ModelMonitorArgs",
]

__getattr__ = lazily(
    __name__,
    {
        "config": ("ModelMonitorArgs",),
        "monitor": ("ModelMonitor",),
    },
)
