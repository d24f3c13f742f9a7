"""The two ways in which KServe runs an InferenceService. A field stands only in the one that heeds it.

What each becomes: kserve/kserve@v0.16.0:pkg/controller/v1beta1/inferenceservice/reconcilers.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from modelberth.core.config import Config
from modelberth.core.rollout import Rolling
from modelberth.kubernetes.kserve.scalers import Ceiling, Fixed, Floor, Scaling, check_bounds
from modelberth.kubernetes.names import DnsLabel

Feature = Literal[
    "podspec-affinity",
    "podspec-init-containers",
    "podspec-nodeselector",
    "podspec-priorityclassname",
    "podspec-securitycontext",
    "podspec-tolerations",
    "podspec-topologyspreadconstraints",
    "podspec-volumes-image",
]
"""What Knative lets a pod say only where its ConfigMap `config-features` enables `kubernetes.<feature>`.
Source: knative.dev/serving@v0.47.0:pkg/apis/serving/fieldmask.go"""


class Knative(Config):
    """Knative runs the pods: down to none, and on the number of requests."""

    kind: Literal["knative"] = "knative"
    """Which mode this is."""

    min_replicas: Floor = 1
    """Pods that are always there. 0: none while nobody asks; the first request then waits for the model, or is answered
    with 400 (kserve#2882), and a gateway that reaches pods directly finds none. Left out: 1."""

    max_replicas: Ceiling = 1
    """Ceiling. Left out: 1."""

    metric: Literal["concurrency", "rps", "cpu"] = "concurrency"
    """What decides: requests in flight or per second and pod, or cores that pods use, which needs Knative's HPA
    extension and a pod at least. Not memory: Knative wants MiB of it, and KServe's webhook refuses more than 100.
    Source: kserve/kserve@v0.16.0:pkg/apis/serving/v1beta1/inference_service_validation.go. Left out: concurrency."""

    target: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    """What of it is aimed at in each pod: requests, or percent of the requested cores. Left out: Knative's own, 100
    requests in flight, 200 per second, 70 percent.
    Source: knative.dev/serving@v0.47.0:config/core/configmaps/autoscaler.yaml"""

    container_concurrency: Annotated[int, Field(ge=0, le=1000)] = 0
    """Requests that a pod works on at once; further ones wait before it. 0: no limit. Left out: 0. The most is
    Knative's. Source: knative.dev/serving@v0.47.0:pkg/apis/config/defaults.go, container-concurrency-max-limit."""

    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 300
    """How long a request may take, and a pod that is told to stop may go on. Left out: 5 minutes; the most is
    Knative's. Source: the same, max-revision-timeout-seconds."""

    retention_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    """How long the last pod stays after the last request. Left out: Knative's own, none."""

    features: tuple[Feature, ...] = ()
    """What the cluster's `config-features` enables. What a pod needs and is not named is refused; the spread over zones
    is then left out. Left out: nothing, as Knative is installed."""

    ingress_namespace: DnsLabel = "istio-system"
    """Where the pods of its cluster-local gateway are: they alone, and Knative, ask model servers. Left out:
    istio-system; Kourier's are in kourier-system."""

    system_namespace: DnsLabel = "knative-serving"
    """Where Knative itself is. Left out: knative-serving."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        check_bounds(self.min_replicas, self.max_replicas)
        self._check_target()
        if self.metric == "cpu" and self.min_replicas == 0:
            raise ValueError("min_replicas is 0 and metric cpu, on which Knative scales to 1 at least; write 1")
        if self.retention_seconds is not None and self.min_replicas > 0:
            why = f"min_replicas is {self.min_replicas}, so the last pod always stays"
            raise ValueError(f"retention_seconds is {self.retention_seconds} and {why}; leave it out, or write 0 there")
        return self

    def _check_target(self) -> None:
        if self.metric == "cpu" and self.target is not None and self.target > 100:
            raise ValueError(f"target is {self.target} percent of the requested cores, above 100; lower target")
        limit = self.container_concurrency
        if self.metric == "concurrency" and 0 < limit < (self.target or 0):
            why = f"above container_concurrency {limit}, so it is never reached"
            raise ValueError(f"target is {self.target}, {why}; lower target")


class Standard(Config):
    """Plain Deployments and Services, made by KServe; older versions call it RawDeployment."""

    kind: Literal["standard"] = "standard"
    """Which mode this is."""

    scaling: Scaling = Fixed()
    """How many pods. Left out: one."""

    rolling: Rolling = Rolling()
    """How pods are replaced when something else than the version changes. Left out: one more at a time, none less."""


Mode = Annotated[Knative | Standard, Field(discriminator="kind")]

ANNOTATIONS: Mapping[str, str] = {"knative": "Knative", "standard": "Standard"}
"""Mode to the value of its annotation. Source: kserve/kserve@v0.16.0:pkg/constants/constants.go"""
