"""What a published check is here: what it says in our words, what it reads, and when that is right."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from components.kubernetes.published_checks.pods import RUNS, Pod, containers_of, extra_containers_of, pods_of

from modelberth.kubernetes.manifest import Manifest


@dataclass(frozen=True)
class Subject:
    """One thing that a check reads."""

    part: Any
    """A container, the spec of a pod, or a whole object."""

    owner: Manifest
    """The object that it is of."""

    others: Sequence[Manifest]
    """All objects that are made together with it."""

    pod: Pod | None = None
    """The pod that it is, or is in. None: none, or one that only an operator knows."""

    @property
    def name(self) -> str:
        """How a finding names it."""
        where = "" if self.pod is None else self.pod.path
        return " ".join(
            filter(None, (self.owner["kind"], self.owner["metadata"]["name"], where, self.part.get("name")))
        )


Reads = Callable[[Sequence[Manifest]], Iterator[Subject]]


@dataclass(frozen=True, eq=False)
class Check:
    """A published check that we follow."""

    says: str
    """In one clause of our own."""

    reads: Reads
    """What it reads among the objects of a set."""

    holds: Callable[[Subject], bool]
    """Whether it is right."""

    breach: Mapping[str, Any] | Callable[[Subject], Subject]
    """A merge patch (RFC 7386) that makes what it reads wrong, or what makes all around it wrong."""

    kube_linter: tuple[str, ...] = ()
    """Its ids there."""

    polaris: tuple[str, ...] = ()
    """Its ids there."""

    @property
    def ids(self) -> tuple[str, ...]:
        """All of its ids, with their tools."""
        return (*(f"kube-linter:{each}" for each in self.kube_linter), *(f"polaris:{each}" for each in self.polaris))


def breached(subject: Subject, check: Check) -> Subject:
    """The same, made wrong."""
    if callable(check.breach):
        return check.breach(subject)
    part, pod = merged(subject.part, check.breach), subject.pod
    if pod is not None and subject.part is pod.spec:
        return replace(subject, part=part, pod=replace(pod, spec=part))
    return replace(subject, part=part, owner=part if subject.part is subject.owner else subject.owner)


def merged(target: Any, patch: Any) -> Any:
    """A merge patch on plain data: None takes away, mappings go deeper, all else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    kept = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        kept[key] = merged(kept.get(key), value)
        if value is None:
            del kept[key]
    return kept


def pods(objects: Sequence[Manifest]) -> Iterator[Subject]:
    """Every pod."""
    for owner in objects:
        yield from (Subject(pod.spec, owner, objects, pod) for pod in pods_of(owner))


def servers(objects: Sequence[Manifest]) -> Iterator[Subject]:
    """Every pod that goes on until it is told to stop."""
    return (each for each in pods(objects) if each.owner["kind"] not in RUNS)


def inits(objects: Sequence[Manifest]) -> Iterator[Subject]:
    """Every container that runs before the others."""
    for each in pods(objects):
        yield from (replace(each, part=container) for container in each.part.get("initContainers", ()))


def mains(objects: Sequence[Manifest]) -> Iterator[Subject]:
    """Every container of a pod that runs beside the others."""
    for each in pods(objects):
        yield from (replace(each, part=container) for container in containers_of(each.pod))


def serving(objects: Sequence[Manifest]) -> Iterator[Subject]:
    """Every container of a pod that goes on until it is told to stop."""
    return (each for each in mains(objects) if each.owner["kind"] not in RUNS)


def containers(objects: Sequence[Manifest]) -> Iterator[Subject]:
    """Every container: those of pods, those that run before, those that an operator adds."""
    yield from inits(objects)
    yield from mains(objects)
    for owner in objects:
        yield from (Subject(container, owner, objects) for container in extra_containers_of(owner))


def kinds(*names: str) -> Reads:
    """Every object of some kinds; of all kinds where none is named."""

    def read(objects: Sequence[Manifest]) -> Iterator[Subject]:
        return (Subject(each, each, objects) for each in objects if not names or each["kind"] in names)

    return read
