"""How the number of pods follows the load: a HorizontalPodAutoscaler, or KEDA's ScaledObject, never both.

What KEDA's webhook refuses is refused here, because a schema alone does not hold it. Sources:
github.com/kedacore/keda/v2@v2.18.1:apis/keda/v1alpha1/scaledobject_webhook.go and scaledobject_types.go
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from modelberth.core.config import Config
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.foundation import Foundation, needs
from modelberth.kubernetes.horizontal import (
    Behavior,
    ExternalMetric,
    PodsMetric,
    Utilization,
    behavior_of,
    external_metric,
    pods_metric,
    resource_metric,
)
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.triggers import Asked, Trigger, trigger_of

GIVES_WAY = {"validations.keda.sh/hpa-ownership": "false"}
"""Lets KEDA take over: the engine makes what is new before it removes what was, and KEDA's webhook would refuse a
ScaledObject while there is a HorizontalPodAutoscaler of the same pods."""


class Fallback(Config):
    """How many pods there are while KEDA gets no answer."""

    failures: Annotated[int, Field(ge=0)] = 3
    """After how many failures in a row. Left out: 3."""

    replicas: Annotated[int, Field(ge=0)]
    """How many pods then."""


class Keda(Config):
    """Scaling by KEDA: by queries, queues and the clock, and down to none."""

    triggers: tuple[Trigger, ...] = ()
    """What it looks at; the one that wants the most pods wins. Left out: `cpu` and `memory` beside it alone."""

    polling: Annotated[Seconds, Field(ge=1)] = 30
    """How often it looks. Left out: every 30 seconds."""

    cooldown: Seconds | None = None
    """How long after the last activity the last pod goes. Left out: 5 minutes. Only for what scales to zero."""

    idle_replicas: Literal[0] | None = None
    """0: none while nothing is active, `min_replicas` as soon as something is. Left out: `min_replicas` always.
    KEDA takes no other number: https://keda.sh/docs/2.18/reference/scaledobject-spec/#idlereplicacount"""

    fallback: Fallback | None = None
    """Pods while a trigger cannot be asked. Left out: their number stays as it is."""


class Autoscaling(Config):
    """Between how many pods, and what decides. With `keda` KEDA does it all, `cpu` and `memory` included."""

    min_replicas: Annotated[int, Field(ge=0)] = 1
    """Floor. 0 needs `keda`, and a trigger that is active without a pod. Left out: 1."""

    max_replicas: Annotated[int, Field(ge=1)]
    """Ceiling, and so the ceiling of the cost."""

    cpu: Utilization | None = None
    """Share of the requested cores that is aimed at. Left out: it decides nothing."""

    memory: Utilization | None = None
    """Share of the requested memory that is aimed at. Left out: it decides nothing."""

    pods: tuple[PodsMetric, ...] = ()
    """Numbers that pods give, by way of the `adapter`. Left out: none."""

    external: tuple[ExternalMetric, ...] = ()
    """Numbers from outside, by way of the `adapter`. Left out: none."""

    adapter: Annotated[str, Field(min_length=1)] | None = None
    """What answers for custom.metrics.k8s.io or external.metrics.k8s.io in the cluster: `prometheus-adapter`. Nothing
    does unless somebody installed it, so it is named here. Left out: nothing does."""

    behavior: Behavior | None = None
    """How fast their number may move. Left out: Kubernetes' own."""

    keda: Keda | None = None
    """Scaling by KEDA. Left out: a HorizontalPodAutoscaler does it."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = [why for met, why in (*_bounds(self), *_horizontal(self), *_keda(self)) if met]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


Rule = tuple[bool, str]
"""Whether something is wrong, and what."""


def _bounds(scaling: Autoscaling) -> Iterator[Rule]:
    low, high = scaling.min_replicas, scaling.max_replicas
    yield low > high, f"min_replicas is {low}, above max_replicas {high}; raise max_replicas or lower min_replicas"
    still = f"min_replicas and max_replicas are both {low}, so nothing moves; raise max_replicas, or write replicas"
    yield low == high and (scaling.keda is None or scaling.keda.idle_replicas is None), still


def _horizontal(scaling: Autoscaling) -> Iterator[Rule]:
    without = scaling.keda is None
    none = "min_replicas is 0, and a HorizontalPodAutoscaler keeps 1 or more; give keda, or write 1"
    yield without and scaling.min_replicas == 0, none
    measured = bool(scaling.pods or scaling.external)
    decides = scaling.cpu is not None or scaling.memory is not None or measured
    yield without and not decides, "nothing decides how many; give cpu, memory, pods, external or keda"
    kinds = " and ".join(name for name in ("pods", "external") if getattr(scaling, name))
    lacks = f"{kinds} are given, and nothing answers for such metrics; install an adapter and name it: adapter"
    yield without and measured and scaling.adapter is None, lacks
    yield scaling.adapter is not None and not measured, "adapter is given, and nothing asks it; give pods or external"
    twice = f"{kinds} and keda are both given; KEDA's webhook refuses a second autoscaler, write them as its triggers"
    yield not without and measured, twice


def _keda(scaling: Autoscaling) -> Iterator[Rule]:
    keda = scaling.keda
    if keda is None:
        return
    resources = scaling.cpu is not None or scaling.memory is not None
    yield not keda.triggers and not resources, "keda has no triggers; give one"
    only = "only cpu and memory decide, which say nothing of no pods"
    zero = scaling.min_replicas == 0 and not keda.triggers and resources
    yield zero, f"min_replicas is 0 and {only}: KEDA's webhook refuses it; give a trigger, or write 1"
    yield from _idle(scaling, keda)
    alone = keda.fallback is not None and not keda.triggers
    yield alone, f"keda.fallback is given and {only}: KEDA's webhook refuses it; give a trigger, or leave it out"
    many = keda.fallback is not None and keda.fallback.replicas > scaling.max_replicas
    yield many, f"keda.fallback.replicas is above max_replicas {scaling.max_replicas}, which holds; write no more"
    for cron in (trigger.cron for trigger in keda.triggers if trigger.cron is not None):
        got = f"a cron trigger wants {cron.replicas} pods"
        yield cron.replicas > scaling.max_replicas, f"{got}, above max_replicas {scaling.max_replicas}; raise that"
        idle = keda.idle_replicas is None and cron.replicas <= scaling.min_replicas
        yield idle, f"{got}, which min_replicas {scaling.min_replicas} says always; write more, or leave it out"


def _idle(scaling: Autoscaling, keda: Keda) -> Iterator[Rule]:
    low = scaling.min_replicas
    below = "keda.idle_replicas is 0 and so is min_replicas, where KEDA wants it below; leave it out"
    yield keda.idle_replicas is not None and low == 0, below
    resources = keda.idle_replicas is not None and not keda.triggers
    yield resources, "keda.idle_replicas is 0, and no trigger says when something is active; give one"
    awake = low > 0 and keda.idle_replicas is None
    ignored = f"only counts for what scales to zero, and min_replicas is {low}; leave it out, or write 0"
    yield awake and keda.cooldown is not None, f"keda.cooldown {ignored}"
    activated = any(trigger.activation is not None for trigger in keda.triggers)
    yield awake and activated, f"prometheus.activation {ignored}"


def to_zero(scaling: Autoscaling | None) -> bool:
    """Whether having no pod is in order."""
    if scaling is None:
        return False
    return scaling.min_replicas == 0 or (scaling.keda is not None and scaling.keda.idle_replicas == 0)


def lacking(scaling: Autoscaling | None, foundation: Foundation) -> str:
    """Why a cluster cannot scale like this, in one clause; empty where it can."""
    if scaling is None or scaling.keda is None:
        return ""
    asks = any(trigger.prometheus is not None for trigger in scaling.keda.triggers)
    if why := needs(foundation, "keda", "scaling.keda"):
        return why
    blind = "a prometheus trigger asks foundation.prometheus, which is left out; name it"
    return blind if asks and foundation.prometheus is None else ""


def autoscaler(
    name: str,
    target: Manifest,
    scaling: Autoscaling,
    place: Place,
    foundation: Foundation | None = None,
    version: str = "",
) -> Manifest:
    """The object that scales a target, a manifest of its own. Pure.

    `foundation` tells where Prometheus is, `version` what stands for `{version}` in a query; both are needed for
    triggers of that kind only.
    """
    reference = {"apiVersion": target["apiVersion"], "kind": target["kind"], "name": target["metadata"]["name"]}
    if scaling.keda is not None:
        server = None if foundation is None or foundation.prometheus is None else foundation.prometheus.address
        asked = Asked(server, {"namespace": place.namespace, "service": place.instance, "version": version})
        return manifest("ScaledObject", name, place, spec=_scaled_object(reference, scaling, scaling.keda, asked))
    resources = [resource_metric(kind, share) for kind, share in _resources(scaling)]
    metrics = [*resources, *map(pods_metric, scaling.pods), *map(external_metric, scaling.external)]
    bounds = {"minReplicas": scaling.min_replicas, "maxReplicas": scaling.max_replicas}
    behavior = {} if scaling.behavior is None else {"behavior": behavior_of(scaling.behavior)}
    spec = {"scaleTargetRef": reference, **bounds, "metrics": metrics, **behavior}
    return manifest("HorizontalPodAutoscaler", name, place, GIVES_WAY, spec=spec)


def _resources(scaling: Autoscaling) -> Iterator[tuple[Literal["cpu", "memory"], float]]:
    if scaling.cpu is not None:
        yield "cpu", scaling.cpu
    if scaling.memory is not None:
        yield "memory", scaling.memory


def _scaled_object(reference: Manifest, scaling: Autoscaling, keda: Keda, asked: Asked) -> dict[str, Any]:
    resources = [
        {"type": kind, "metricType": "Utilization", "metadata": {"value": str(round(share * 100))}}
        for kind, share in _resources(scaling)
    ]
    optional = {
        "cooldownPeriod": None if keda.cooldown is None else round(keda.cooldown),
        "idleReplicaCount": keda.idle_replicas,
        "advanced": _advanced(scaling.behavior),
        "fallback": _fallback(keda.fallback),
    }
    return {
        "scaleTargetRef": reference,
        "pollingInterval": round(keda.polling),
        "minReplicaCount": scaling.min_replicas,
        "maxReplicaCount": scaling.max_replicas,
        **{field: value for field, value in optional.items() if value is not None},
        "triggers": [*resources, *(trigger_of(trigger, asked) for trigger in keda.triggers)],
    }


def _advanced(behavior: Behavior | None) -> dict[str, Any] | None:
    return None if behavior is None else {"horizontalPodAutoscalerConfig": {"behavior": behavior_of(behavior)}}


def _fallback(fallback: Fallback | None) -> dict[str, int] | None:
    return None if fallback is None else {"failureThreshold": fallback.failures, "replicas": fallback.replicas}
