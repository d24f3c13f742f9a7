"""What the services answer to boto3, from the same cloud that the provider fills."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from . import cloudcontrol, inference, interfaces
from .endpoints import variant_name
from .outputs import NOW
from .rules import ALARM, COMPOSITE_ALARM, CONFIG, ENDPOINT, MODEL, RefusedError
from .store import Cloud, Resource

Answer = dict[str, Any]
TIME = datetime.fromisoformat(NOW).timestamp()


def answer(service: str, action: str, asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    """The answer to one call. Raises RefusedError for what does not exist and for an action that is not known here."""
    known = ACTIONS.get((service, action)) or CHANGES.get((service, action))
    if known is None:
        raise RefusedError(f"UnknownOperationException: the stand-in AWS does not answer {service} {action}")
    return known(asked, cloud)


def _identity(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    return {"UserId": "AIDASTANDIN", "Account": cloud.account, "Arn": f"arn:aws:iam::{cloud.account}:user/stand-in"}


def _assumed(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    role, session = asked["RoleArn"], asked["RoleSessionName"]
    arn = f"arn:aws:sts::{cloud.account}:assumed-role/{role.rpartition('/')[2]}/{session}"
    expiry = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    credentials = {"AccessKeyId": "ASIASTANDIN", "SecretAccessKey": "none", "SessionToken": "none"}
    credentials["Expiration"] = expiry
    return {"Credentials": credentials, "AssumedRoleUser": {"AssumedRoleId": f"AROASTANDIN:{session}", "Arn": arn}}


def _endpoint(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    found = _found(cloud, ENDPOINT, "endpoint", asked["EndpointName"])
    answer: Answer = {
        "EndpointName": found.properties["name"],
        "EndpointArn": found.properties["arn"],
        "EndpointConfigName": found.properties["endpointConfigName"],
        "EndpointStatus": found.live["status"],
        "ProductionVariants": [_live_variant(name, one) for name, one in found.live["variants"].items()],
        "CreationTime": TIME,
        "LastModifiedTime": TIME,
    }
    if "failureReason" in found.live:
        answer["FailureReason"] = found.live["failureReason"]
    return answer


def _live_variant(name: str, live: Mapping[str, Any]) -> Answer:
    weights = {"CurrentWeight": live["weight"], "DesiredWeight": live["weight"]}
    counts = {key: live["count"] for key in ("CurrentInstanceCount", "DesiredInstanceCount") if "count" in live}
    return {"VariantName": name, **weights, **counts}


def _endpoint_config(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    found = _found(cloud, CONFIG, "endpoint configuration", asked["EndpointConfigName"])
    return {
        "EndpointConfigName": found.properties["name"],
        "EndpointConfigArn": found.properties["arn"],
        "ProductionVariants": _capital(_named(found.properties["productionVariants"])),
        "CreationTime": TIME,
    }


def _named(variants: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [{**variant, "variantName": variant_name(index, dict(variant))} for index, variant in enumerate(variants)]


def _model(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    found = _found(cloud, MODEL, "model", asked["ModelName"])
    shown = {name: found.properties[name] for name in ("primaryContainer", "containers") if name in found.properties}
    return {
        "ModelName": found.properties["name"],
        "ModelArn": found.properties["arn"],
        "ExecutionRoleArn": found.properties["executionRoleArn"],
        "CreationTime": TIME,
        **_capital(shown),
    }


def _tags(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    owner = next((one for one in cloud.resources if one.properties.get("arn") == asked["ResourceArn"]), None)
    if owner is None:
        raise RefusedError(f'ValidationException: Could not find resource "{asked["ResourceArn"]}".')
    return {"Tags": [{"Key": key, "Value": value} for key, value in owner.properties.get("tagsAll", {}).items()]}


def _inference_component(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    name = asked["InferenceComponentName"]
    found = cloudcontrol.component(cloud, name)
    if found is None:
        raise RefusedError(f'ValidationException: Could not find inference component "{name}".')
    times = {"CreationTime": TIME, "LastModifiedTime": TIME}
    return {**found.live["model"], **times}


def _alarms(asked: Mapping[str, Any], cloud: Cloud) -> Answer:
    names, prefix = asked.get("AlarmNames"), asked.get("AlarmNamePrefix", "")
    kinds = {"MetricAlarms": (ALARM, "name"), "CompositeAlarms": (COMPOSITE_ALARM, "alarmName")}
    return {
        group: [
            _alarm(one.properties[name], one)
            for one in cloud.of(kind)
            if (not names or one.properties[name] in names) and one.properties[name].startswith(prefix)
        ]
        for group, (kind, name) in kinds.items()
    }


def _alarm(name: str, found: Resource) -> Answer:
    state = {"StateValue": found.live.get("state", "OK"), "StateReason": found.live.get("reason", "")}
    return {"AlarmName": name, "AlarmArn": found.properties["arn"], **state, "StateUpdatedTimestamp": TIME}


def _found(cloud: Cloud, kind: str, word: str, name: str) -> Resource:
    found = cloud.one(kind, name=name)
    if found is None:
        raise RefusedError(f'ValidationException: Could not find {word} "{name}".')
    return found


def _capital(value: Any) -> Any:
    """The provider's names of SageMaker's properties are SageMaker's own, with a small first letter."""
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: one if key == "environment" else _capital(one) for key, one in value.items()}
    return [_capital(one) for one in value] if isinstance(value, list) else value


ACTIONS: dict[tuple[str, str], Callable[[Mapping[str, Any], Cloud], Answer]] = {
    ("sts", "GetCallerIdentity"): _identity,
    ("sts", "AssumeRole"): _assumed,
    ("sagemaker", "DescribeEndpoint"): _endpoint,
    ("sagemaker", "DescribeEndpointConfig"): _endpoint_config,
    ("sagemaker", "DescribeModel"): _model,
    ("sagemaker", "DescribeInferenceComponent"): _inference_component,
    ("sagemaker", "ListTags"): _tags,
    ("cloudwatch", "DescribeAlarms"): _alarms,
}
CHANGES: dict[tuple[str, str], Callable[[Mapping[str, Any], Cloud], Answer]] = {
    **inference.CHANGES,
    ("ec2", "DescribeNetworkInterfaces"): interfaces.described,
}
"""Calls that may change what lies in the cloud."""
