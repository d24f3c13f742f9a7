"""What may refer to anything: a rule that looks for who refers to a resource must not overlook it."""

from weakref import WeakKeyDictionary

from modelberth_policies.subject import Stack, Subject, Undeterminable

_FOUND: WeakKeyDictionary[Stack, dict[tuple[str, str], Subject | None]] = WeakKeyDictionary()
"""By type and path, so that a rule's cost does not grow with the number of resources."""


def no_unlinked(stack: Stack, type_: str, path: str) -> None:
    """Raises `Undeterminable` if the input at `path` of a resource of the type is unknown, and no resource gives it."""
    found = _FOUND.setdefault(stack, {})
    if (type_, path) not in found:
        found[type_, path] = next((each for each in stack.of_type(type_) if is_unlinked(each, path)), None)
    unlinked = found[type_, path]
    if unlinked is not None:
        raise Undeterminable(f"{path} of {unlinked.name}")


def not_unlinked(subject: Subject, path: str) -> None:
    """Raises `Undeterminable` if the input at `path` is unknown, and no resource gives it."""
    if is_unlinked(subject, path):
        raise Undeterminable(f"{subject.full(path)} of {subject.name}")


def is_unlinked(subject: Subject, path: str) -> bool:
    """Whether the input at `path`, or an item of the list there, is unknown and no resource gives it."""
    try:
        if isinstance(subject.value(path), list):
            for item in subject.each(path):
                item.value()
    except Undeterminable:
        return not subject.dependencies(path)
    return False
