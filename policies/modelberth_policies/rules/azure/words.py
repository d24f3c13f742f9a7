"""What an Azure resource says, as Azure reads it: `disabled` and `Disabled` are the same word."""

from collections.abc import Iterator, Mapping

from modelberth_policies.subject import Subject


def says(subject: Subject, path: str, *words: str) -> bool:
    """Whether one of the words stands at `path`."""
    return subject.text(path).lower() in [word.lower() for word in words]


def is_gpu(size: str) -> bool:
    """Whether a size of machine is of the N series (NC, ND, NV, …), which has accelerators."""
    return size.lower().startswith("standard_n")


def named(subject: Subject, path: str) -> Iterator[Subject]:
    """The values of the mapping at `path`, as parts."""
    holder = subject.at(path)
    if isinstance(holder.whole, Mapping):
        for name, value in holder.whole.items():
            where = f'{holder.path}["{name}"]'
            yield Subject(subject.resource, subject.limits, {} if value is None else value, where, secret=holder.secret)
