"""Which objects a label selector selects."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth_policies.resources import MISSING
from modelberth_policies.rules.kubernetes.namespaces import namespace_of
from modelberth_policies.subject import Stack, Subject


def selects(selector: Subject, labels: Subject) -> bool:
    """Whether a selector (`matchLabels`, `matchExpressions`) fits the labels. An empty one fits all."""
    wanted = selector.value("matchLabels", {})
    if isinstance(wanted, Mapping):
        for key in wanted:
            if of(labels, key) != of(selector.at("matchLabels"), key):
                return False
    return all(_fits(each, labels) for each in selector.each("matchExpressions"))


def is_empty(selector: Subject) -> bool:
    """Whether a selector fits everything."""
    return not selector.present("matchLabels") and not selector.present("matchExpressions")


def of(labels: Subject, key: Any) -> Any:
    """The label of this key; `MISSING` where there is none. Raises `Undeterminable` where it is unknown."""
    found = labels.whole.get(key) if isinstance(labels.whole, Mapping) and isinstance(key, str) else MISSING
    part = MISSING if found is None else found
    return Subject(labels.resource, labels.limits, part, f'{labels.path}["{key}"]').value()


def names(owner: Subject, path: str, target: Subject, stack: Stack) -> bool:
    """Whether the name at `path` is that of `target`. Raises `Undeterminable` where nobody can tell."""
    if stack.refers(owner, path, target, "metadata.name"):
        return True
    if owner.computed(path):
        return False
    given = owner.value(path)
    return given is not MISSING and given == target.value("metadata.name")


def in_same_namespace(one: Subject, other: Subject, stack: Stack) -> bool:
    """Whether two objects are in the same namespace, known or not."""
    return namespace_of(one, stack) == namespace_of(other, stack)


def _fits(expression: Subject, labels: Subject) -> bool:
    found = of(labels, expression.value("key"))
    values = list(_texts(expression))
    match expression.value("operator"):
        case "In":
            return found in values
        case "NotIn":
            return found not in values
        case "Exists":
            return found is not MISSING
        case "DoesNotExist":
            return found is MISSING
        case _:
            return False


def _texts(expression: Subject) -> Iterator[Any]:
    for each in expression.each("values"):
        yield each.value()
