"""Reading the parts of a resource one by one, so that an unknown one does not hide what the others are."""

from collections.abc import Callable, Iterable, Iterator

from modelberth_policies.subject import Subject, Undeterminable


def of_each(parts: Iterable[Subject], check: Callable[[Subject], Iterable[str]]) -> Iterator[str]:
    """All that the check says of the parts; `Undeterminable` comes last, if one of them is."""
    unknown: Undeterminable | None = None
    for part in parts:
        try:
            yield from check(part)
        except Undeterminable as undeterminable:
            unknown = undeterminable
    if unknown is not None:
        raise unknown


def known(subject: Subject, path: str = "") -> str:
    """The text at `path`; none where another resource will give it, which is never one of the words that rules know."""
    return "" if subject.computed(path) else subject.text(path)
