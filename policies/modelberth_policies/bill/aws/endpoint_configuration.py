"""The configuration of a SageMaker endpoint, whichever resource makes it, in one form. Configurations cost nothing
themselves: the endpoint that uses one does."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from modelberth_policies.bill.item import Item, KnownLater, NotPriceable, Values
from modelberth_policies.resources import MISSING, UNKNOWN, Plan, Resource, Secret, parted, read_text

CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
CLOUD_CONTROL = "aws:cloudcontrol/resource:Resource"
CONFIGURATION_TYPE = "AWS::SageMaker::EndpointConfig"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an endpoint is to run."""

    resource: Resource
    words: Values
    """In the words of the provider's own resource: `productionVariants[0].instanceType`."""

    @property
    def variants(self) -> list[Values]:
        """What it serves from, shadows after the others."""
        return [*self.words.each("productionVariants"), *self.words.each("shadowProductionVariants")]

    @property
    def asynchronous(self) -> bool:
        """Whether requests wait in a queue."""
        return self.words.has("asyncInferenceConfig")


def configuration_of(endpoint: Item) -> Configuration:
    """The configuration that an endpoint names. Raises `NotPriceable` where the plan does not hold it."""
    known = endpoint.around.once(_by_name_and_urn)
    depends = endpoint.resource.property_dependencies.get("endpointConfigName", ())
    name, _ = read_text(endpoint.whole, "endpointConfigName")
    by_name = known.get(name) if isinstance(name, str) else None
    by_dependency = [known[urn] for urn in depends if urn in known]
    if by_name is None and not by_dependency:
        raise NotPriceable("its endpoint configuration is not in this plan")
    # Of two, the one made last: an update makes the new one before the old one goes.
    _, chosen = by_name or max(by_dependency, key=itemgetter(0))
    return Configuration(chosen, _words(chosen))


def _by_name_and_urn(plan: Plan) -> Mapping[str, tuple[int, Resource]]:
    """Name or URN → place in the plan, and the configuration; of two with one name, the last."""
    found = list(enumerate(_configurations(plan)))
    return {key: (place, each) for place, each in found for key in (_name_of(each), each.urn) if key is not None}


def _configurations(plan: Plan) -> list[Resource]:
    made = [found for found in plan.of_type(CLOUD_CONTROL) if found.get("typeName") == CONFIGURATION_TYPE]
    return [*plan.of_type(CONFIGURATION), *made]


def _name_of(resource: Resource) -> str | None:
    if resource.type == CONFIGURATION:
        found, _ = read_text(resource.inputs, "name")
    else:
        try:
            found, _ = read_text(document_of(resource).whole, "endpointConfigName")
        except NotPriceable:
            return None
    return found if isinstance(found, str) else None


def _words(resource: Resource) -> Values:
    return Values(resource.inputs) if resource.type == CONFIGURATION else document_of(resource)


def document_of(resource: Resource) -> Values:
    """The desired state of a Cloud Control resource, in the words of the provider's own resources."""
    text, secret = read_text(resource.inputs, "desiredState")
    if secret or isinstance(text, Secret):
        raise NotPriceable("desiredState is a secret")
    if text is UNKNOWN or text is MISSING:
        raise KnownLater("desiredState")
    try:
        document = json.loads(text)
    except (TypeError, ValueError):
        raise NotPriceable("desiredState is no JSON document") from None
    return Values(_lowered(parted(document)), "desiredState")


def _lowered(value: Any) -> Any:
    """`MemorySizeInMB` as `memorySizeInMb`, at any depth."""
    if isinstance(value, Mapping):
        return {_name(key): _lowered(item) for key, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


def _name(word: str) -> str:
    plain = re.sub(r"(?<=[a-z])([A-Z])([A-Z]+)", lambda found: found[1] + found[2].lower(), word)
    return plain[:1].lower() + plain[1:]
