"""What sets the number of pods of plain Deployments: nothing, a HorizontalPodAutoscaler, KEDA, or somebody else."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config
from modelberth.kubernetes.names import DnsLabel

Floor = Annotated[int, Field(ge=0, le=2**31 - 1)]
Ceiling = Annotated[int, Field(ge=1, le=2**31 - 1)]
Percent = Annotated[int, Field(ge=1, le=100)]


def check_bounds(least: int, most: int) -> None:
    """Raises `ValueError` for a floor above its ceiling, as KServe's webhook does.

    Source: kserve/kserve@v0.16.0:pkg/apis/serving/v1beta1/component.go, validateReplicas.
    """
    if least > most:
        raise ValueError(
            f"min_replicas is {least}, above max_replicas {most}; raise max_replicas or lower min_replicas"
        )


class Fixed(Config):
    """As many pods as are said, always."""

    by: Literal["none"] = "none"
    """KServe's word for it."""

    replicas: Ceiling = 1
    """How many. Left out: 1."""


class Hpa(Config):
    """A HorizontalPodAutoscaler, on what pods use of what they asked for."""

    by: Literal["hpa"] = "hpa"
    """KServe's word for it."""

    min_replicas: Ceiling = 1
    """Floor. Left out: 1; a HorizontalPodAutoscaler knows no 0."""

    max_replicas: Ceiling
    """Ceiling."""

    metric: Literal["cpu", "memory"] = "cpu"
    """Of what. Left out: cpu."""

    target_percent: Percent = 80
    """Which share of the request is aimed at. Left out: 80.
    Source: kserve/kserve@v0.16.0:pkg/apis/serving/v1beta1/inference_service_validation.go,
    validateScalingHPACompExtension, which allows 1 to 100."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_bounds(self.min_replicas, self.max_replicas)
        return self


class UsageTrigger(Config):
    """What pods use, in percent of what they asked for."""

    of: Literal["cpu", "memory"]
    """Of what."""

    target_percent: Percent
    """Which share is aimed at."""


class PrometheusTrigger(Config):
    """The answer to a question to Prometheus."""

    of: Literal["prometheus"]
    """KServe's word for it."""

    query: Annotated[str, StringConstraints(min_length=1)]
    """PromQL that gives one number for all pods of a version together. `{namespace}`, `{service}` and `{version}` stand
    for theirs."""

    threshold: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """What of it one pod is there for."""

    authentication: DnsLabel | None = None
    """A TriggerAuthentication in the namespace. Left out: Prometheus asks nobody."""

    authentication_mode: Literal["bearer", "basic", "tls"] = "bearer"
    """What it holds. Left out: a token."""


Trigger = Annotated[UsageTrigger | PrometheusTrigger, Field(discriminator="of")]


class Keda(Config):
    """KEDA's ScaledObject: several triggers, of which the one that wants most pods decides."""

    by: Literal["keda"] = "keda"
    """KServe's word for it."""

    min_replicas: Floor = 1
    """Floor. 0: none while no trigger is above zero, and a request that finds no pod then fails. Left out: 1."""

    max_replicas: Ceiling
    """Ceiling."""

    triggers: Annotated[tuple[Trigger, ...], Field(min_length=1)]
    """What decides."""

    scale_down_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    """How long it waits before pods are taken away. Left out: as KServe or Kubernetes is configured, 5 minutes."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        check_bounds(self.min_replicas, self.max_replicas)
        if self.min_replicas == 0 and all(isinstance(each, UsageTrigger) for each in self.triggers):
            # Source: https://keda.sh/docs/2.18/scalers/cpu/
            raise ValueError("min_replicas is 0, and a pod that is not there uses nothing; add a prometheus trigger")
        return self


class External(Config):
    """Somebody else sets the number of pods; KServe leaves it alone."""

    by: Literal["external"] = "external"
    """KServe's word for it."""

    min_replicas: Ceiling = 1
    """What it is told to keep to: at least. Left out: 1."""

    max_replicas: Ceiling
    """And at most."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_bounds(self.min_replicas, self.max_replicas)
        return self


Scaling = Annotated[Fixed | Hpa | Keda | External, Field(discriminator="by")]
