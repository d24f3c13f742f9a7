"""Tags and labels of a resource, those that its provider adds to all included."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth_policies.subject import Stack, Subject

_WHERE = ("tags", "labels", "userLabels", "metadata.labels")
_DEFAULTS = ("defaultTags.tags", "defaultLabels")
"""Of an explicit provider. Those of a default provider stand in the stack's configuration, which no plan holds."""


def tags_of(subject: Subject, stack: Stack) -> Mapping[str, Any]:
    """Tag → value; a value that is unknown or secret stays so. Raises `Undeterminable` where the tags are unknown."""
    found: dict[str, Any] = {}
    for part in _sources(subject, stack):
        found.update(part)
    return found


def _sources(subject: Subject, stack: Stack) -> Iterator[Mapping[str, Any]]:
    provider = stack.plan.get(subject.resource.options.provider)
    places = [] if provider is None else [(Subject(provider, subject.limits), path) for path in _DEFAULTS]
    for owner, path in [*places, *((subject, path) for path in _WHERE)]:
        tags = owner.value(path)
        if isinstance(tags, Mapping):
            yield tags
        elif isinstance(tags, list):  # Auto Scaling writes them as a list
            yield {item["key"]: item.get("value") for item in tags if isinstance(item, Mapping) and "key" in item}


CLASSIFICATIONS = ("data-classification", "data_classification", "dataclassification", "DataClassification")
"""Keys under which a resource says how sensitive its data is."""


def classification_of(subject: Subject, stack: Stack) -> str | None:
    """How sensitive its data is, in lower case, by its tag; None where it has none."""
    tags = tags_of(subject, stack)
    found = next((tags[key] for key in CLASSIFICATIONS if key in tags), None)
    return found.lower() if isinstance(found, str) else None
