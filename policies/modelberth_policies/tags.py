"""Tags and labels of a resource, those that its provider adds to all included."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth_policies.resources import UNKNOWN, Partial, read, reveal
from modelberth_policies.subject import Stack, Subject, Undeterminable

_WHERE = ("tags", "labels", "userLabels", "metadata.labels")
_DEFAULTS = ("defaultTags.tags", "defaultLabels")
"""Of a provider."""


def tags_of(subject: Subject, stack: Stack) -> Mapping[str, Any]:
    """Tag → value; a value that is unknown or secret stays so. Raises `Undeterminable` where the tags are unknown."""
    found: dict[str, Any] = {}
    for part in _sources(subject, stack):
        found.update(part)
    return found


def _sources(subject: Subject, stack: Stack) -> Iterator[Mapping[str, Any]]:
    provider = stack.plan.provider(subject.resource)
    places = [(provider, path) for path in _DEFAULTS] + [(subject.resource.inputs, path) for path in _WHERE]
    for owner, path in places:
        tags = read(owner, path)
        if tags is UNKNOWN:
            raise Undeterminable(path)
        tags = reveal(tags)
        if isinstance(tags, Mapping):
            yield tags
        elif isinstance(tags, list):  # Auto Scaling writes them as a list
            yield {item["key"]: item.get("value") for item in tags if isinstance(item, Mapping) and "key" in item}


CLASSIFICATIONS = ("data-classification", "data_classification", "dataclassification", "DataClassification")
"""Keys under which a resource says how sensitive its data is; Kubernetes' may have a prefix, `acme.com/`."""


def classification_of(subject: Subject, stack: Stack) -> str | None:
    """How sensitive its data is, in lower case, by its tag; None where it has none. Undeterminable if it is unknown."""
    tags = tags_of(subject, stack)
    plain = {key.rpartition("/")[2]: key for key in tags if isinstance(key, str)}
    key = next((plain[key] for key in CLASSIFICATIONS if key in plain), "")
    found = tags.get(key)
    if found is UNKNOWN or isinstance(found, Partial):
        raise Undeterminable(key)
    return found.lower() if isinstance(found, str) else None
