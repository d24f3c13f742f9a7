"""Resources that go through Cloud Control: the CloudFormation schema of a type says what its properties may be.

The schemas are those that cfn-lint carries; `AWS::SageMaker::InferenceComponent` and the like.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from .outputs import Place, Words
from .rules import (
    CLOUD_CONTROL,
    CONFIG,
    ENDPOINT,
    INFERENCE_COMPONENT,
    MODEL,
    ROLE,
    RefusedError,
    refuse_creation,
    refuse_deletion,
)
from .store import Cloud, Resource

ENDPOINT_CONFIG = "AWS::SageMaker::EndpointConfig"
REGION = "us-east-1"
"""Every type exists here; what a region lacks is not the stand-in's business."""


@cache
def schema(type_name: str) -> dict[str, Any] | None:
    """The CloudFormation schema of a type; None for a type that does not exist."""
    folder = _schemas()
    known = json.loads((folder / "providers" / f"{REGION}.json").read_text())
    return json.loads((folder / "resources" / f"{known[type_name]}.json").read_text()) if type_name in known else None


def _schemas() -> Path:
    import importlib.util

    found = importlib.util.find_spec("cfnlint")  # importing it takes three seconds
    if found is None or found.origin is None:
        raise RuntimeError("cfn-lint is not installed: the stand-in AWS takes the schemas of Cloud Control from it")
    return Path(found.origin).parent / "data/schemas"


def faults(inputs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with `typeName` and `desiredState`."""
    type_name, desired = inputs.get("typeName"), inputs.get("desiredState")
    if not isinstance(type_name, str) or not isinstance(desired, str) or UNKNOWN in (type_name, desired):
        return
    found = schema(type_name)
    if found is None:
        yield "typeName", f"CloudFormation has no type {type_name}"
        return
    try:
        model = json.loads(desired)
    except json.JSONDecodeError as error:
        yield "desiredState", f"is no JSON: {error}"
        return
    yield from _model_faults(found, model)


def _model_faults(found: dict[str, Any], model: Any) -> Iterator[tuple[str, str]]:
    import jsonschema
    from jsonschema.validators import extend

    checked = extend(jsonschema.Draft7Validator, {"pattern": _pattern})
    for error in checked(found).iter_errors(model):
        path = ".".join(map(str, ["desiredState", *error.absolute_path]))
        yield path, error.message
    for pointer in found.get("readOnlyProperties", []):
        name = pointer.removeprefix("/properties/")
        if name in model:
            yield f"desiredState.{name}", "is read-only"


def _pattern(validator: Any, pattern: str, text: Any, _schema: Any) -> Iterator[Any]:
    """The patterns of tags are no Python's: `\\p{L}`."""
    import jsonschema
    import regex

    if validator.is_type(text, "string") and regex.search(pattern, text) is None:
        yield jsonschema.ValidationError(f"{text!r} does not match {pattern!r}")


def replaced_by(old: str, new: str, type_name: str) -> bool:
    """Whether a change of `desiredState` touches what can only be given at creation."""
    found = schema(type_name)
    if found is None or UNKNOWN in (old, new):
        return False
    before, after = json.loads(old), json.loads(new)
    names = {pointer.split("/")[2] for pointer in found.get("createOnlyProperties", [])}
    return any(before.get(name) != after.get(name) for name in names)


def identified(inputs: dict[str, Any], place: Place, seed: str) -> dict[str, Any]:
    """The identifier of a new resource and its model with what the service adds, as `properties` shows them."""
    type_name, model = inputs["typeName"], json.loads(inputs["desiredState"])
    words = Words({}, seed)
    keys = [pointer.removeprefix("/properties/") for pointer in (schema(type_name) or {})["primaryIdentifier"]]
    for key in keys:
        model.setdefault(key, _made_up(key, type_name, model, place, words))
    return {"identifier": "|".join(model[key] for key in keys), "properties": _shown(type_name, model)}


def _made_up(key: str, type_name: str, model: dict[str, Any], place: Place, words: Words) -> str:
    _, service, kind = type_name.split("::")
    kebab = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).lower()
    if not key.endswith("Arn"):
        return f"{kebab}-{words['h12']}"
    name = model.setdefault(f"{key.removesuffix('Arn')}Name", f"{kebab}-{words['h12']}")
    return f"arn:{place.partition}:{service.lower()}:{place.region}:{place.account}:{kebab}/{name}"


def _shown(type_name: str, model: dict[str, Any]) -> str:
    if type_name != INFERENCE_COMPONENT:
        return json.dumps(model)
    copies = (model.get("RuntimeConfig") or {}).get("CopyCount", 0)
    runtime = {"CurrentCopyCount": copies, "DesiredCopyCount": copies}
    return json.dumps({**model, "InferenceComponentStatus": "InService", "RuntimeConfig": runtime})


def created(cloud: Cloud, new: Resource) -> None:
    """Keep the model of a new resource. Raises RefusedError where what it refers to does not exist."""
    _refuse_references(cloud, new.properties)
    new.live = {"model": json.loads(new.properties["properties"])}
    if new.properties["typeName"] == ENDPOINT_CONFIG:
        twin = _twin(new)
        refuse_creation(cloud, twin)
        cloud.resources.append(twin)


def deleted(cloud: Cloud, old: Resource) -> None:
    """Raises RefusedError where an endpoint still uses the configuration."""
    twin = cloud.one(CONFIG, arn=old.live["model"].get("EndpointConfigArn"))
    if twin is not None and old.properties["typeName"] == ENDPOINT_CONFIG:
        refuse_deletion(cloud, twin)
        cloud.remove(twin)


def _twin(new: Resource) -> Resource:
    """The configuration as the provider's own resource would have it: endpoints refer to either."""
    model = new.live["model"]
    words = {"name": model["EndpointConfigName"], "arn": model["EndpointConfigArn"]}
    variants, network = _small(model["ProductionVariants"]), _small(model.get("VpcConfig", {}))
    properties = {**words, "productionVariants": variants, "vpcConfig": network}
    return Resource(CONFIG, words["name"], new.region, "", properties)


def _small(value: Any) -> Any:
    """CloudFormation's names with a small first letter are the provider's."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _small(one) for key, one in value.items()}
    return [_small(one) for one in value] if isinstance(value, list) else value


def updated(cloud: Cloud, old: Resource, news: dict[str, Any]) -> None:
    """Change what can be changed; the identifier stays."""
    _refuse_references(cloud, news)
    model = {**old.live["model"], **json.loads(news["desiredState"])}
    old.properties = {**news, "properties": _shown(news["typeName"], model)}
    old.live = {"model": json.loads(old.properties["properties"])}


def _refuse_references(cloud: Cloud, properties: dict[str, Any]) -> None:
    model = json.loads(properties["desiredState"])
    role = model.get("RoleArn")
    if role is not None and cloud.one(ROLE, arn=role) is None:
        raise RefusedError(f"InvalidRequest: role {role} does not exist.")
    if properties["typeName"] == INFERENCE_COMPONENT:
        _refuse_component(cloud, model)


def _refuse_component(cloud: Cloud, model: dict[str, Any]) -> None:
    endpoint = cloud.one(ENDPOINT, name=model["EndpointName"])
    if endpoint is None:
        raise RefusedError(f'NotFound: could not find endpoint "{model["EndpointName"]}".')
    variant = model.get("VariantName")
    if variant is not None and variant not in endpoint.live["variants"]:
        raise RefusedError(f"InvalidRequest: endpoint {endpoint.id} has no variant {variant}.")
    specification = model.get("Specification") or {}
    name, over = specification.get("ModelName"), specification.get("BaseInferenceComponentName")
    if name is not None and cloud.one(MODEL, name=name) is None:
        raise RefusedError(f'InvalidRequest: could not find model "{name}".')
    if over is not None and component(cloud, over) is None:
        raise RefusedError(f'InvalidRequest: could not find inference component "{over}".')


def component(cloud: Cloud, name: str) -> Resource | None:
    """The inference component of this name."""
    components = cloud.of(CLOUD_CONTROL, typeName=INFERENCE_COMPONENT)
    return next((one for one in components if one.live["model"]["InferenceComponentName"] == name), None)
