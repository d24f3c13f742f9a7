"""Which resource means which other: by property dependency where a name is still to come, else by the name itself."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from modelberth_policies.resources import GAP, reveal
from modelberth_policies.subject import Stack, Subject, Undeterminable

T = TypeVar("T")


def known_text(subject: Subject, path: str) -> str | None:
    """The text at `path`, empty where there is none; None where any of it is unknown."""
    try:
        text = subject.text(path)
    except Undeterminable:
        return None
    return None if GAP in text else text


def is_written(subject: Subject, path: str) -> bool:
    """Whether the program writes anything at `path`, also what is known in part, or only later."""
    return subject.show(path) not in ("unset", "''")


def keys_of(subject: Subject, path: str, part: Callable[[str], str] = str) -> tuple[str, ...]:
    """What the input at `path` may be looked up by: its text (`part` of it), else what it was computed from."""
    text = known_text(subject, path)
    if text is None:
        return subject.dependencies(path)
    return (part(text),) if text else ()


def own_keys(target: Subject, identity: str = "name") -> tuple[str, ...]:
    """What others may mean a resource by: its URN, and its name where that is known."""
    given = known_text(target, identity) or reveal(target.resource.outputs.get(identity))
    return (target.resource.urn, given) if isinstance(given, str) and given else (target.resource.urn,)


def indexed(subjects: Iterable[Subject], keys: Callable[[Subject], Iterable[str]]) -> Mapping[str, list[Subject]]:
    """Key to the subjects that have it."""
    found: dict[str, list[Subject]] = {}
    for subject in subjects:
        for key in dict.fromkeys(keys(subject)):
            found.setdefault(key, []).append(subject)
    return found


def looked_up(index: Mapping[str, list[Subject]], keys: Iterable[str]) -> list[Subject]:
    """What stands under any of the keys, each resource once."""
    found = {(each.resource.urn, each.path): each for key in keys for each in index.get(key, ())}
    return list(found.values())


def per_stack(build: Callable[[Stack], T]) -> Callable[[Stack], T]:
    """Builds it once for each stack, so that a rule's cost does not grow with the number of resources."""
    kept: WeakKeyDictionary[Stack, T] = WeakKeyDictionary()

    @wraps(build)
    def of(stack: Stack) -> T:
        if stack not in kept:
            kept[stack] = build(stack)
        return kept[stack]

    return of
