"""How a serverless endpoint scales: memory, requests at once, and how many of them are kept warm."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.aws.sagemaker.autoscaling import (
    AutoscalingArgs,
    Schedule,
    refuse_contradictions,
    refuse_none,
    variant_id,
)
from modelberth.aws.sagemaker.scaling_policy import DEFAULT_COOLDOWN_SECONDS, InUse, Tracking
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.quantities import Seconds

MEMORY_SIZES_MB = (1024, 2048, 3072, 4096, 5120, 6144)
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html"""

MOST_CONCURRENT = 200
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html"""


def _possible(size: int) -> int:
    if size not in MEMORY_SIZES_MB:
        next_ = next((larger for larger in MEMORY_SIZES_MB if larger > size), MEMORY_SIZES_MB[-1])
        raise ValueError(f"got {size}; allowed: {', '.join(map(str, MEMORY_SIZES_MB))}; write {next_}")
    return size


MemorySizeMb = Annotated[int, AfterValidator(_possible)]
"""Memory in MB, in steps of 1024 up to 6144. Processor cores come in proportion."""

MaxConcurrency = Annotated[int, Field(ge=1, le=MOST_CONCURRENT)]
"""Requests that are answered at once, at most; further ones are throttled. 1 to 200."""


class ProvisionedConcurrencyUtilization(Config):
    """Keep the share of the warm capacity that is in use."""

    target: InUse
    """`70%`."""


class ProvisionedConcurrency(Config):
    """How many requests at once find a warm instance, so that they wait for no cold start. They cost while idle."""

    min_capacity: MaxConcurrency
    """Floor, and what an update sets it back to. Warm capacity does not go down to 0: leave all of it out instead."""
    max_capacity: MaxConcurrency
    """Ceiling, `max_concurrency` at most."""
    utilization: ProvisionedConcurrencyUtilization | None = None
    """Left out: not tracked, `min_capacity` holds but for the schedule."""
    schedule: Schedule = ()
    """Other floors and ceilings from points in time on, in UTC. Left out: none."""
    scale_in_cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds between two reductions. Left out: 5 minutes."""
    scale_out_cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds between two increases. Left out: 5 minutes."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        signals = {"utilization": self.utilization}
        refuse_contradictions(self.min_capacity, self.max_capacity, self.schedule, signals)
        refuse_none(self.schedule, "provisioned concurrency")
        return self

    @property
    def scales(self) -> bool:
        """Whether anything moves it."""
        return self.min_capacity != self.max_capacity or bool(self.schedule)

    def check(self, max_concurrency: int) -> None:
        """Raises `ValueError` where more is kept warm than may be answered at once."""
        for ceiling in (self.max_capacity, *(entry.max for entry in self.schedule)):
            if ceiling > max_concurrency:
                raise ValueError(
                    f"provisioned concurrency goes up to {ceiling}, above max_concurrency {max_concurrency}; raise "
                    "max_concurrency or lower it"
                )


def autoscaling_args(
    endpoint_name: In[str], variant: str, provisioned: ProvisionedConcurrency, labels: Labels | None = None
) -> AutoscalingArgs:
    """The scaling of the warm capacity of a serverless variant; needed where `provisioned.scales`."""
    utilization = provisioned.utilization
    tracking = None
    if utilization is not None:
        tracking = Tracking(
            # A share, not percent. Source: the API's own metric; aws-cdk tracks it at 0.9.
            metric="SageMakerVariantProvisionedConcurrencyUtilization",
            target=utilization.target,
            scale_in_cooldown=provisioned.scale_in_cooldown,
            scale_out_cooldown=provisioned.scale_out_cooldown,
        )
    return AutoscalingArgs(
        resource_id=variant_id(endpoint_name, variant),
        dimension="sagemaker:variant:DesiredProvisionedConcurrency",
        min_capacity=provisioned.min_capacity,
        max_capacity=provisioned.max_capacity,
        tracking=tracking,
        schedule=provisioned.schedule,
        labels=labels,
    )
