"""What AWS refuses: references to what does not exist, taken names, deleting what is in use, a few rules by type."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from clouds.wire import RefusedError

from .outputs import format_of
from .store import Cloud, Resource

MODEL = "aws:sagemaker/model:Model"
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
ROLE = "aws:iam/role:Role"
SCALING_POLICY = "aws:appautoscaling/policy:Policy"
SCALING_TARGET = "aws:appautoscaling/target:Target"
CLOUD_CONTROL = "aws:cloudcontrol/resource:Resource"
INFERENCE_COMPONENT = "AWS::SageMaker::InferenceComponent"

MISSING = {
    MODEL: 'ValidationException: Could not find model "{value}".',
    CONFIG: 'ValidationException: Could not find endpoint configuration "{value}".',
    ROLE: "ValidationException: Could not assume role {value}. Please ensure that the role exists and allows the "
    "service to assume the role.",
}
TAKEN = {
    CONFIG: 'ValidationException: Cannot create already existing endpoint configuration "{arn}".',
    MODEL: 'ValidationException: Cannot create already existing model "{arn}".',
    ENDPOINT: 'ValidationException: Cannot create already existing endpoint "{arn}".',
    ROLE: "EntityAlreadyExists: Role with name {id} already exists.",
}


def values(properties: Any, path: str) -> Iterator[Any]:
    """What stands at a path such as `productionVariants[].modelName`; nothing where a step is missing."""
    step, _, rest = path.partition(".")
    found = properties.get(step.removesuffix("[]")) if isinstance(properties, dict) else None
    for value in found or [] if step.endswith("[]") else [found]:
        if value is not None:
            yield from values(value, rest) if rest else [value]


def refuse_creation(cloud: Cloud, new: Resource) -> None:
    """Raises RefusedError where AWS would not create this."""
    refuse_references(cloud, new)
    twin = taken(cloud, new)
    if twin is not None and not format_of(new.type).put:
        kind = new.type.rpartition(":")[2]
        message = TAKEN.get(new.type, "{kind}AlreadyExists: {kind} {id} already exists.")
        raise RefusedError(message.format(kind=kind, id=twin.id, arn=twin.properties.get("arn", twin.id)))


def refuse_references(cloud: Cloud, new: Resource) -> None:
    """Raises RefusedError where this names something that does not exist."""
    for path, target in format_of(new.type).refers.items():
        kind, _, name = f"aws:{target}".rpartition(".")
        for value in values(new.properties, path):
            if not any(one.properties.get(name) == value for one in cloud.of(kind)):
                message = MISSING.get(kind, "ResourceNotFoundException: {path}: no {kind} {value} exists.")
                raise RefusedError(message.format(path=path, kind=kind.rpartition(":")[2], value=value))
    for rule in RULES.get(new.type, ()):
        rule(cloud, new.properties)


def taken(cloud: Cloud, new: Resource) -> Resource | None:
    """The live resource that has the identity of a new one."""
    unique = format_of(new.type).unique
    if unique is None:
        return cloud.by_id(new.type, new.region, new.id)
    same = {name: new.properties.get(name) for name in unique}
    return next((one for one in cloud.of(new.type, **same) if one.region == new.region), None) if same else None


def refuse_deletion(cloud: Cloud, old: Resource) -> None:
    """Raises RefusedError where another resource still uses this."""
    for name, holders in format_of(old.type).held_by.items():
        for holder in [holders] if isinstance(holders, str) else holders:
            kind, _, path = f"aws:{holder}".partition(".")
            for user in cloud.of(kind):
                if old.properties.get(name) in values(user.properties, path):
                    own, other = old.type.rpartition(":")[2], kind.rpartition(":")[2]
                    raise RefusedError(f"ResourceInUse: {own} {old.id} is in use by {other} {user.id}.")


def _alarms_exist(cloud: Cloud, endpoint: Mapping[str, Any]) -> None:
    for name in values(endpoint, "deploymentConfig.autoRollbackConfiguration.alarms[].alarmName"):
        if cloud.one(ALARM, name=name) is None and cloud.one(COMPOSITE_ALARM, alarmName=name) is None:
            raise RefusedError(f"ValidationException: Could not find CloudWatch alarm {name} of the rollback.")


def _variant_exists(cloud: Cloud, target: Mapping[str, Any]) -> None:
    if target["serviceNamespace"] != "sagemaker":
        return
    found = re.fullmatch(r"endpoint/(.+)/variant/(.+)|inference-component/(.+)", target["resourceId"])
    if found is None or not (_has_component(cloud, found[3]) if found[3] else _has_variant(cloud, found[1], found[2])):
        raise RefusedError(f"ValidationException: SageMaker resource {target['resourceId']} does not exist.")


def _has_variant(cloud: Cloud, endpoint: str, variant: str) -> bool:
    live = cloud.one(ENDPOINT, name=endpoint)
    return live is not None and variant in live.live["variants"]


def _has_component(cloud: Cloud, name: str) -> bool:
    components = cloud.of(CLOUD_CONTROL, typeName=INFERENCE_COMPONENT)
    return any(one.live["model"]["InferenceComponentName"] == name for one in components)


def _bounds(cloud: Cloud, target: Mapping[str, Any]) -> None:
    least, most = target["minCapacity"], target["maxCapacity"]
    if least > most:
        raise RefusedError(f"ValidationException: Maximum capacity {most} is less than minimum capacity {least}.")


Rule = Callable[[Cloud, Mapping[str, Any]], None]

RULES: dict[str, tuple[Rule, ...]] = {ENDPOINT: (_alarms_exist,), SCALING_TARGET: (_variant_exists, _bounds)}
"""By type: what else AWS looks at before it creates or updates. SageMaker's own rules of an update: `endpoints.py`."""
