"""How many: numbers that rules on scaling compare with a limit."""

from collections.abc import Iterator
from math import isfinite

from modelberth_policies.subject import Subject


def count(subject: Subject, path: str) -> float | None:
    """The number at `path`, also one that is written as a text, as annotations are; None for anything else."""
    value = subject.value(path)
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and isfinite(number) else None


def above(subject: Subject, path: str, limit: float, times: int = 1) -> Iterator[str]:
    """Says so where the maximum at `path`, taken so many times, is left out, is no number, or is above `limit`."""
    found = count(subject, path)
    if found is None:
        yield f"has no maximum ({path} is {subject.show(path)})"
    elif found * times > limit:
        how = path if times == 1 else f"{times} times {path}"
        yield f"may grow to {found * times:g} ({how}); the most is {limit:g}"


def never_zero(subject: Subject, path: str, left_out: float = 0) -> Iterator[str]:
    """Says so where the minimum at `path` is not 0. `left_out`: what it is where nobody says."""
    found = count(subject, path) if subject.present(path) else left_out
    if found != 0:
        yield f"never goes down to 0 ({path} is {subject.show(path)})"
