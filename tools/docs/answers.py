"""What a target answers when one field of a `Service` changes: asks its own `translate`, without engine or cloud."""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from docs.fields import rows_of
from docs.samples import AROUND, BARE, PINS, SAMPLES, Values, With
from docs.surroundings import FOUNDATIONS, OF_TARGET
from modelberth.core.service import Refusal, Service, Translation, Unsupported
from modelberth.models.reference import parse
from modelberth.stack import compose, targets
from modelberth.stack.config import labels_of, parse_stack, shared_labels
from modelberth_policies.sources.program import run_in_process

Outcome = Translation | tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target makes of one value of one field."""

    field: str
    value: Any
    """As it stands in the table."""
    before: Outcome
    """Without the value, all else being equal."""
    after: Outcome
    """With it."""

    @property
    def refusal(self) -> Refusal | None:
        """The refusal that names the field, a group around it or what is in it."""
        refused = () if isinstance(self.after, Translation) else self.after
        return next((one for one in refused if meet(one.field, self.field)), None)

    @property
    def heard(self) -> bool:
        """Whether the translation changed, or the field was refused by name."""
        if isinstance(self.after, Translation):
            return self.after != self.before
        return self.refusal is not None


def leaves() -> list[str]:
    """The paths of all fields of a service that hold no further fields, but for the one that names the target."""
    return [row.path for row in rows_of(Service) if row.leaf and row.path != "on"]


def answers_of(on: str, target: Any = None) -> list[Answer]:
    """The answers of a target to every value in the table. `target`: another one in its place."""
    return answers_to(on, [(field, value) for field in leaves() for value in values_of(on, field)], target)


def answers_to(on: str, tries: Iterable[tuple[str, Any]], target: Any = None) -> list[Answer]:
    """The answers of a target to fields and values, each tried alone; all in one program, as a plan is made."""
    found: list[Answer] = []

    def program() -> None:
        foundation = foundation_of(on)
        asked = targets.load(on) if target is None else target
        for field, value in tries:
            bare = around(on, field)
            before = outcome(service_of(on, bare), asked, foundation)
            after = outcome(service_of(on, {**bare, **_set(field, value)}), asked, foundation)
            found.append(Answer(field, value, before, after))

    run_in_process(program)
    return found


def foundation_of(on: str) -> Any:
    """The foundation of a target's cloud, to be made in a program."""
    cloud = targets.cloud_of(on)
    labels = shared_labels(parse_stack(_stack(service_of(on, BARE)), "docs"), "docs")
    given = {**FOUNDATIONS.get(cloud, {}), **OF_TARGET[on].foundation}
    return targets.load(on).foundation(cloud, given, labels)


def values_of(on: str, field: str) -> tuple[Any, ...]:
    """The values with which a field is tried."""
    known = {**SAMPLES, **OF_TARGET[on].values}
    if field not in known:
        raise SystemExit(f"docs: no value for the field {field} and {on}; add one to tools/docs/samples.py")
    return known[field]


def around(on: str, field: str) -> dict[str, Any]:
    """What stands around a field, each part set at its own path."""
    both = (AROUND, OF_TARGET[on].around)
    parts = [part for table in both for start, part in table.items() if _dot(field).startswith(_dot(start))]
    return {path: value for part in (BARE, OF_TARGET[on].bare, *parts) for path, value in part.items()}


def _dot(path: str) -> str:
    return f"{path.replace('[]', '')}."


def meet(refused: str, field: str) -> bool:
    """Whether a refusal is about a field: names it, a group around it, or what is in it."""
    named, asked = f"{re.sub(r'[.][0-9]+', '', refused)}.", _dot(field)
    return asked.startswith(named) or named.startswith(asked)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, With) else value


def _set(field: str, value: Any) -> Values:
    return {**(value.others if isinstance(value, With) else {}), field: _plain(value)}


def service_of(on: str, values: Values) -> dict[str, Any]:
    """A plain service with a value at each path; what is set last stands."""
    result: dict[str, Any] = {"on": on}
    for path, value in values.items():
        _put(result, path.split("."), deepcopy(value))
    return result


def _put(place: dict[str, Any], steps: list[str], value: Any) -> None:
    name, *rest = steps
    if not rest:
        place[name.removesuffix("[]")] = value
        return
    for inner in _inside(place, name):
        _put(inner, rest, value)


def _inside(place: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    if name.endswith("[]"):
        yield from place.setdefault(name.removesuffix("[]"), [{}])
    else:
        yield place.setdefault(name, {})


def outcome(service: Mapping[str, Any], target: Any, foundation: Any) -> Outcome:
    """The translation with native words over it, or the refusals."""
    environment = compose.read("docs", _stack(service), {}, PINS)
    chosen, traffic = environment.config.services["sample"], environment.traffic["sample"]
    labels = labels_of(environment.config, "docs", "sample", parse(chosen.model.uri).name, traffic.stable.version)
    result = target.translate(chosen, traffic, labels, foundation)
    return result.refusals if isinstance(result, Unsupported) else compose.native_over(result, chosen)


def _stack(service: Mapping[str, Any]) -> dict[str, Any]:
    cloud = targets.cloud_of(service["on"])
    foundation = {"foundation": {cloud: FOUNDATIONS[cloud]}} if cloud in FOUNDATIONS else {}
    return {"owner": "docs", "cost_centre": "docs", "services": {"sample": service}, **foundation}
