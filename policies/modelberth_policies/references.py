"""Which resource means which other: by property dependency where a name is still to come, else by the name itself."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelberth_policies.properties import read, reveal

if TYPE_CHECKING:
    from modelberth_policies.subject import Subject


def keys_of(subject: "Subject", path: str) -> Iterator[str]:
    """What the input at `path` may mean: what it was computed from, and its text."""
    yield from subject.dependencies(path)
    found = reveal(read(subject.whole, path))
    if isinstance(found, str) and found:
        yield found


def own_keys(target: "Subject", identities: tuple[str, ...]) -> list[str]:
    """What others may mean a resource by, each once: its URN, its names, its id and ARN."""
    read_here = [(target.whole, identity) for identity in identities]
    found = [reveal(read(owner, key)) for owner, key in [*read_here, *((target.resource.outputs, key) for key in _IDS)]]
    return list(dict.fromkeys([target.resource.urn, *(each for each in found if isinstance(each, str) and each)]))


_IDS = ("id", "arn")
