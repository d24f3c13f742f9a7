"""Asking several things, of which some may be unknown: what is known decides first, what is not is said last."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from modelberth_policies.subject import Undeterminable

Item = TypeVar("Item")


def say_all(*sayings: Iterable[str]) -> Iterator[str]:
    """All messages of all sayings; then raises `Undeterminable` if one of them did."""
    unknown: Undeterminable | None = None
    for saying in sayings:
        try:
            yield from saying
        except Undeterminable as undeterminable:
            unknown = unknown or undeterminable
    if unknown is not None:
        raise unknown


def any_known(test: Callable[[Item], bool], items: Iterable[Item]) -> bool:
    """Whether the test holds for one item. Raises `Undeterminable` if it does for none, but one is unknown."""
    unknown: Undeterminable | None = None
    for item in items:
        try:
            if test(item):
                return True
        except Undeterminable as undeterminable:
            unknown = unknown or undeterminable
    if unknown is not None:
        raise unknown
    return False
