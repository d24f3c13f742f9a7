"""What SageMaker does with an inference component that it is asked to change itself, and not through Cloud Control."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from . import cloudcontrol
from .rules import ALARM, MODEL, RefusedError
from .store import Cloud, Resource

Answer = dict[str, Any]


def _component(asked: Mapping[str, Any], cloud: Cloud) -> Resource:
    name = asked["InferenceComponentName"]
    found = cloudcontrol.component(cloud, name)
    if found is None:
        raise RefusedError(f'ValidationException: Could not find inference component "{name}".')
    return found


def updated(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    """Another specification; with an alarm of the guard in ALARM the old one stays, and the call succeeds."""
    found = _component(asked, cloud)
    specification = asked["Specification"]
    if cloud.one(MODEL, name=specification["ModelName"]) is None:
        raise RefusedError(f'ValidationException: Could not find model "{specification["ModelName"]}".')
    tripped = _tripped(asked.get("DeploymentConfig") or {}, cloud)
    if tripped:
        reason = f"Deployment was rolled back because of alarms in ALARM state: {', '.join(tripped)}"
        return _shown(found, {"FailureReason": reason})
    model = {word: value for word, value in found.live["model"].items() if word != "FailureReason"}
    found.live = {"model": model}
    return _shown(found, {"Specification": specification})


def _tripped(guard: Mapping[str, Any], cloud: Cloud) -> list[str]:
    names = [one["AlarmName"] for one in guard.get("AutoRollbackConfiguration", {}).get("Alarms", [])]
    alarms = [(name, cloud.one(ALARM, name=name)) for name in names]
    missing = [name for name, alarm in alarms if alarm is None]
    if missing:
        raise RefusedError(f"ValidationException: Could not find CloudWatch alarm {missing[0]} of the rollback.")
    return [name for name, alarm in alarms if alarm is not None and alarm.live.get("state") == "ALARM"]


def resized(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    """Another number of copies."""
    copies = asked["DesiredRuntimeConfig"]["CopyCount"]
    return _shown(_component(asked, cloud), {"RuntimeConfig": {"CurrentCopyCount": copies, "DesiredCopyCount": copies}})


def _shown(found: Resource, changed: Mapping[str, Any]) -> Answer:
    found.live["model"] = {**found.live["model"], **changed}
    found.properties["properties"] = json.dumps(found.live["model"])
    return {"InferenceComponentArn": found.live["model"]["InferenceComponentArn"]}


def tagged(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    """Further tags."""
    tags = {**_tags(asked, cloud), **{tag["Key"]: tag["Value"] for tag in asked["Tags"]}}
    return {"Tags": _keep(asked, cloud, tags)}


def untagged(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    """Fewer tags."""
    _keep(asked, cloud, {key: value for key, value in _tags(asked, cloud).items() if key not in asked["TagKeys"]})
    return {}


def _by_arn(asked: Mapping[str, Any], cloud: Cloud) -> Resource:
    return _component({"InferenceComponentName": asked["ResourceArn"].rpartition("/")[2]}, cloud)


def _tags(asked: Mapping[str, Any], cloud: Cloud) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in _by_arn(asked, cloud).live["model"].get("Tags", [])}


def _keep(asked: Mapping[str, Any], cloud: Cloud, tags: Mapping[str, str]) -> list[dict[str, str]]:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    _shown(_by_arn(asked, cloud), {"Tags": listed})
    return listed


CHANGES: dict[tuple[str, str], Callable[[Mapping[str, Any], Cloud], Answer]] = {
    ("sagemaker", "UpdateInferenceComponent"): updated,
    ("sagemaker", "UpdateInferenceComponentRuntimeConfig"): resized,
    ("sagemaker", "AddTags"): tagged,
    ("sagemaker", "DeleteTags"): untagged,
}
"""What boto3 may change."""
