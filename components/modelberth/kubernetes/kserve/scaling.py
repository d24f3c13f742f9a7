"""How many pods, and what decides: the fields of a component, and the annotations that say who scales. Pure."""

import pulumi

from modelberth.core.rollout import Rolling
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.kserve.modes import Knative, Standard
from modelberth.kubernetes.kserve.parts import Step
from modelberth.kubernetes.kserve.scalers import Fixed, Hpa, Keda, Scaling, Trigger, UsageTrigger
from modelberth.kubernetes.manifest import Manifest, Place

CLASS = "serving.kserve.io/autoscalerClass"
KNATIVE_CLASS = "autoscaling.knative.dev/class"
RETENTION = "autoscaling.knative.dev/scale-to-zero-pod-retention-period"
"""Source: knative.dev/serving@v0.47.0:pkg/apis/autoscaling/register.go"""


def scaling_annotations(mode: Knative | Standard) -> dict[str, str]:
    """Who scales, on the InferenceService."""
    if isinstance(mode, Standard):
        return {CLASS: mode.scaling.by}
    usage = {KNATIVE_CLASS: "hpa.autoscaling.knative.dev"} if mode.metric == "cpu" else {}
    kept = {} if mode.retention_seconds is None else {RETENTION: f"{mode.retention_seconds}s"}
    return {**usage, **kept}


def predictor_scaling(mode: Knative | Standard, foundation: Foundation, place: Place, version: str) -> Manifest:
    """The fields of a predictor of one version."""
    if isinstance(mode, Knative):
        return _knative(mode)
    return {**_standard(mode.scaling, foundation, place, version), **strategy(mode.rolling)}


def step_scaling(mode: Knative | Standard, step: Step) -> Manifest:
    """The fields of a transformer or explainer: each scales by itself, on what it uses."""
    bounds: Manifest = {"minReplicas": step.min_replicas, "maxReplicas": step.max_replicas}
    if isinstance(mode, Knative):
        return {**bounds, "timeout": mode.timeout_seconds}
    if isinstance(mode.scaling, Keda):
        bounds["autoScaling"] = {"metrics": [_usage(UsageTrigger(of="cpu", target_percent=80))]}
    return {**bounds, **strategy(mode.rolling)}


def strategy(rolling: Rolling) -> Manifest:
    """How pods are replaced; Knative brings a new revision up beside the old one instead."""
    moved = {"maxSurge": rolling.surge, "maxUnavailable": rolling.unavailable}
    return {"deploymentStrategy": {"type": "RollingUpdate", "rollingUpdate": moved}}


def _knative(mode: Knative) -> Manifest:
    target = {} if mode.target is None else {"scaleTarget": mode.target}
    return {
        "minReplicas": mode.min_replicas,
        "maxReplicas": mode.max_replicas,
        "scaleMetric": mode.metric,
        **target,
        "containerConcurrency": mode.container_concurrency,
        "timeout": mode.timeout_seconds,
    }


def _standard(scaling: Scaling, foundation: Foundation, place: Place, version: str) -> Manifest:
    if isinstance(scaling, Fixed):
        return {"minReplicas": scaling.replicas, "maxReplicas": scaling.replicas}
    bounds = {"minReplicas": scaling.min_replicas, "maxReplicas": scaling.max_replicas}
    if isinstance(scaling, Hpa):
        return {**bounds, "scaleMetric": scaling.metric, "scaleTarget": scaling.target_percent}
    if not isinstance(scaling, Keda):
        return bounds
    behavior = {"behavior": {"scaleDown": {"stabilizationWindowSeconds": scaling.scale_down_seconds}}}
    metrics = [_trigger(each, foundation, place, version) for each in scaling.triggers]
    return {
        **bounds,
        "autoScaling": {"metrics": metrics, **({} if scaling.scale_down_seconds is None else behavior)},
    }


def _trigger(trigger: Trigger, foundation: Foundation, place: Place, version: str) -> Manifest:
    if isinstance(trigger, UsageTrigger):
        return _usage(trigger)
    address = "" if foundation.prometheus is None else foundation.prometheus.address
    metric = {"backend": "prometheus", "serverAddress": address, "query": _filled(trigger.query, place, version)}
    external = {"metric": metric, "target": {"type": "Value", "value": f"{trigger.threshold:.12g}"}}
    if trigger.authentication is not None:
        asked = {"authModes": trigger.authentication_mode, "authenticationRef": {"name": trigger.authentication}}
        external["authenticationRef"] = asked
    return {"type": "External", "external": external}


def _filled(query: str, place: Place, version: str) -> pulumi.Input[str]:
    known = query.replace("{service}", place.instance).replace("{version}", version)
    if isinstance(place.namespace, str):
        return known.replace("{namespace}", place.namespace)
    return pulumi.Output.from_input(place.namespace).apply(lambda namespace: known.replace("{namespace}", namespace))


def _usage(trigger: UsageTrigger) -> Manifest:
    target = {"type": "Utilization", "averageUtilization": trigger.target_percent}
    return {"type": "Resource", "resource": {"name": trigger.of, "target": target}}
