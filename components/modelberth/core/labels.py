"""The labels that every resource carries, in the words and characters of each cloud: `render(labels, "gcp")`.

Labels are for finding resources and for their bill, not for identity: where a cloud lacks a character, a hyphen stands
in its place (`1.4.0` is `1-4-0` on Google Cloud). A text that is too long ends in a hash: two long texts stay two. They
are plain text in consoles, bills and logs: no secret belongs in them.
"""

import hashlib
import re
from collections import Counter
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, Fault, closest

KUBERNETES_PREFIX = "modelberth.dev/"
HASH_LENGTH = 8

Text = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A label's value: one line of 1 to 256 characters."""

_DOMAIN = r"[a-z][a-z0-9-]*[a-z0-9](\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
Key = Annotated[
    str, StringConstraints(max_length=120, pattern=rf"^({_DOMAIN}/)?[A-Za-z]([A-Za-z0-9._-]*[A-Za-z0-9])?$")
]
"""A label's key: letters, digits, `.`, `_` and `-`, a letter first; a domain and `/` may stand before it."""


Classification = Literal["public", "internal", "confidential", "restricted"]
"""How sensitive data is; the most sensitive last."""


class Labels(Config):
    """What a resource is for and who answers for it."""

    owner: Text
    """The team that answers for it."""

    environment: Text
    """Where it stands: dev, staging, prod."""

    cost_centre: Text
    """Who pays."""

    service: Text
    """The service that it belongs to. For what several services share (a network, a key): `shared`."""

    model: Text
    """The model that it serves. For what several models share: `shared`."""

    version: Text
    """The model's version. For what outlives a version: `shared`."""

    data_classification: Classification
    """How sensitive the data is that passes through it."""

    extra: dict[Key, Text] = Field(default_factory=dict)
    """Labels of your own, added to these. Left out: none."""

    @model_validator(mode="after")
    def _extra_adds(self) -> "Labels":
        taken = sorted(self.extra.keys() & _required(self).keys())
        if taken:
            raise ValueError(
                f"extra has {', '.join(taken)}, which the labels set themselves; write it as their own field"
            )
        return self


REQUIRED = tuple(name.replace("_", "-") for name in Labels.model_fields if name != "extra")
"""The keys that every resource carries."""


class LabelRule(Config):
    """What one cloud accepts as labels."""

    key_max: int | None = None
    """Characters of a key, at most, without its prefix. None: no limit."""

    value_max: int | None = None
    """Characters of a value, at most. None: no limit."""

    count_max: int | None = None
    """Labels of one resource, at most. None: no limit."""

    key_refused: str | None = None
    """What a key must not hold: a regular expression of one character. None: it may hold all that `Key` allows."""

    value_refused: str | None = None
    """What a value must not hold, likewise. None: it may hold all that `Text` allows."""

    lower_case: bool = False
    """Whether capital letters are refused."""

    same_case: bool = False
    """Whether keys that differ in their case alone are one key."""

    refused_edges: str = ""
    """Characters that a key or a value must not begin or end with."""

    reserved: tuple[str, ...] = ()
    """Beginnings of keys that the cloud keeps for itself, in lower case."""

    reserved_values: tuple[str, ...] = ()
    """Beginnings of values that it keeps for itself, in lower case."""

    prefix: str = ""
    """What is put before a key that brings no prefix of its own."""

    source: str
    """Where the rule is written."""


RULES: MappingProxyType[str, LabelRule] = MappingProxyType(
    {
        "aws": LabelRule(
            # 128 in most services, 127 in EC2; the characters that all services take, some take more.
            key_max=127,
            value_max=256,
            count_max=50,
            value_refused=r"[^A-Za-z0-9 _.:/=+@-]",
            reserved_values=("aws:",),
            source="https://docs.aws.amazon.com/personalize/latest/dg/personalize-managing-tags.html",
        ),
        "azure": LabelRule(
            # 512 but for storage accounts.
            key_max=128,
            value_max=256,
            count_max=50,
            key_refused=r"[<>%&\\?/]",
            same_case=True,
            reserved=("microsoft", "azure", "windows"),
            source="https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations",
        ),
        "docker": LabelRule(
            reserved=("com.docker.", "io.docker.", "org.dockerproject."),
            source="https://docs.docker.com/engine/manage-resources/labels/",
        ),
        "gcp": LabelRule(
            key_max=63,
            value_max=63,
            count_max=64,
            key_refused=r"[^a-z0-9_-]",
            value_refused=r"[^a-z0-9_-]",
            lower_case=True,
            source="https://docs.cloud.google.com/resource-manager/docs/labels-overview#requirements",
        ),
        "kubernetes": LabelRule(
            key_max=63,
            value_max=63,
            value_refused=r"[^A-Za-z0-9_.-]",
            refused_edges="_.-",
            reserved=("kubernetes.io/", "k8s.io/"),
            prefix=KUBERNETES_PREFIX,
            source="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set",
        ),
        "local": LabelRule(source="decided here: nothing on a plain machine limits them"),
    }
)
"""What each cloud accepts."""


def render(labels: Labels, target: str) -> dict[str, str]:
    """The labels in a target's keys and values, sorted by key; `target` is a key of `RULES`.

    Raises `ConfigError` for a reserved key, two keys that become one, or more labels than the target takes.
    """
    if target not in RULES:
        what = f"got {target!r}, allowed are {', '.join(sorted(RULES))}"
        raise ConfigError([Fault("target", what, closest(target, RULES))], source="labels")
    rule = RULES[target]
    given = _required(labels) | labels.extra
    faults = [*_reserved(given, rule, target), *_merged(given, rule, target), *_too_many(given, rule, target)]
    if faults:
        raise ConfigError(faults, source="labels")
    return dict(sorted((_key(key, rule), _value(value, rule)) for key, value in given.items()))


def _required(labels: Labels) -> dict[str, str]:
    return {key: getattr(labels, key.replace("-", "_")) for key in REQUIRED}


def _key(key: str, rule: LabelRule) -> str:
    domain, slash, name = key.rpartition("/") if rule.prefix else ("", "", key)
    return (f"{domain}/" if slash else rule.prefix) + _fitted(name, rule.key_refused, rule.key_max, rule)


def _value(value: str, rule: LabelRule) -> str:
    return _fitted(value, rule.value_refused, rule.value_max, rule)


def _fitted(text: str, refused: str | None, longest: int | None, rule: LabelRule) -> str:
    fitted = text.lower() if rule.lower_case else text
    fitted = re.sub(refused, "-", fitted) if refused else fitted
    fitted = fitted.strip(rule.refused_edges) if rule.refused_edges else fitted
    if longest is None or len(fitted) <= longest:
        return fitted
    tail = hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH]
    return f"{fitted[: longest - HASH_LENGTH - 1]}-{tail}"


def _reserved(given: dict[str, str], rule: LabelRule, target: str) -> list[Fault]:
    keys = [key for key in given if _is_reserved(key.lower(), rule)]
    values = [key for key, value in given.items() if value.lower().startswith(rule.reserved_values)]
    what = f"{target} keeps %s that begin with {', '.join(rule.reserved + rule.reserved_values)} for itself"
    return [
        *(Fault(f"extra.{key}", what % "keys", "choose another key") for key in keys),
        *(Fault(key, what % "values", "choose another value") for key in values),
    ]


def _is_reserved(key: str, rule: LabelRule) -> bool:
    # On Kubernetes the subdomains of a reserved domain are reserved too: app.kubernetes.io/name.
    return key.startswith(rule.reserved) or (bool(rule.prefix) and any(f".{word}" in key for word in rule.reserved))


def _merged(given: dict[str, str], rule: LabelRule, target: str) -> list[Fault]:
    rendered = {key: _key(key, rule).lower() if rule.same_case else _key(key, rule) for key in given}
    count = Counter(rendered.values())
    return [
        Fault(f"extra.{key}", f"on {target} it becomes {name!r}, as another key does", "rename one of them")
        for key, name in rendered.items()
        if count[name] > 1 and key not in REQUIRED
    ]


def _too_many(given: dict[str, str], rule: LabelRule, target: str) -> list[Fault]:
    if rule.count_max is None or len(given) <= rule.count_max:
        return []
    what = f"{len(given)} labels with the required {len(REQUIRED)}, allowed on {target} are {rule.count_max}"
    return [Fault("extra", what, "remove some")]
