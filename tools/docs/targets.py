"""What each target has and can: the file of each concern, and which fields of a `Service` it honours or refuses."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from docs.answers import Answer, answers_of
from docs.samples import CONDITIONS, With
from modelberth.core.service import Translation
from modelberth.stack import targets

CONCERNS = {
    "endpoint": "the component",
    "portable": "a `Service` in its words",
    "scaling": "scaling",
    "rollout": "how versions change",
    "in_service": "after an update",
    "access": "who may call",
    "keys": "API keys",
    "rate_limit": "rate limit",
    "waf": "firewall",
    "monitoring": "metrics, alarms and logs",
    "dashboard": "dashboard",
    "capture": "requests that are kept",
    "encryption": "encryption",
    "registry": "model registry",
    "gateway": "gateway",
    "live": "what serves now",
    "network": "network",
    "identity": "roles",
    "budget": "budget",
}
"""Names of files, the same in every target, and what each is about. A file that a target lacks is a thing it lacks."""

FIELDS_OF = {
    "rollout": "rollout",
    "capture": "data.capture",
    "keys": "access.keys",
    "rate_limit": "access.rate",
    "waf": "access.public",
}
"""Concern to the field of a service that asks for it: what a kind refuses is not its own, whatever its product has."""

HONOURED, UNCHANGED = "honoured", "as left out"
COMPONENTS = Path("components")


def file_of(on: str, concern: str) -> Path | None:
    """Where a target answers for a concern: its own folder, its product's, its cloud's, or what stands in front."""
    for folder in folders_of(on):
        if not _in(folder, folder_of(on)) and not _honoured(on, FIELDS_OF.get(concern, "")):
            continue
        for path in (folder / f"{concern}.py", folder / concern):
            if path.is_file() or (path.is_dir() and any(path.glob("*.py"))):
                return path
    return None


def folders_of(on: str) -> Iterator[Path]:
    """The folders of a target, the nearest first."""
    own = folder_of(on)
    cloud = COMPONENTS / "modelberth" / targets.cloud_of(on)
    yield own
    yield from (folder for folder in own.parents if _in(folder, cloud))
    known = [folder_of(target) for target in targets.TARGETS]
    beside = (path for path in sorted(cloud.iterdir()) if path.is_dir())
    yield from (path for path in beside if not any(_in(folder, path) for folder in known))


def folder_of(on: str) -> Path:
    """The folder of a target's own files."""
    return COMPONENTS.joinpath(*targets.module_of(on).split(".")[:-1])


def _in(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder)


def _honoured(on: str, field: str) -> bool:
    answered = (verdict for leaf, verdict in verdicts(on).items() if _inside(leaf, field))
    return not field or any(HONOURED in verdict for verdict in answered)


@cache
def verdicts(on: str) -> Mapping[str, str]:
    """Path of each leaf field of `Service` to what the target does with it: asks its `translate`."""
    answered = groupby(answers_of(on), key=lambda answer: answer.field)
    return {"on": "chooses the target", **{field: _verdict(on, list(answers)) for field, answers in answered}}


def _verdict(on: str, answers: Sequence[Answer]) -> str:
    said = [(answer.value, _said(on, answer)) for answer in answers]
    if len({words for _, words in said}) == 1:
        return said[0][1]
    return "; ".join(f"{_shown(value)}: {words}" for value, words in said)


def _shown(value: object) -> str:
    if not isinstance(value, With):
        return f"`{json.dumps(value)}`"
    others = ", ".join(f"`{path}: {json.dumps(other)}`" for path, other in value.others.items())
    return f"`{json.dumps(value.value)}` with {others}"


def _said(on: str, answer: Answer) -> str:
    if answer.refusal is not None:
        return f"refused: {answer.refusal.why}; {answer.refusal.fix}"
    if not isinstance(answer.after, Translation):
        others = ", ".join(refusal.field for refusal in answer.after)
        raise SystemExit(f"docs: {on}: {answer.field} was changed, but what is refused is {others}")
    return HONOURED if answer.heard or answer.field in CONDITIONS else UNCHANGED


def outermost(found: Mapping[str, str]) -> dict[str, str]:
    """The verdicts, those of a whole group under the group's own name."""
    return {_widest(found, path): verdict for path, verdict in found.items()}


def _widest(found: Mapping[str, str], path: str) -> str:
    return next((group for group in _groups(path) if together(found, group)), path)


def _groups(path: str) -> list[str]:
    """The groups around a path and itself, the widest first; a list under its own name."""
    steps = path.split(".")
    return [".".join(steps[: count + 1]).removesuffix("[]") for count in range(len(steps))]


def together(found: Mapping[str, str], path: str) -> str:
    """The one verdict on everything at a path and beneath it; empty where there are several."""
    beneath = {verdict for leaf, verdict in found.items() if _inside(leaf, path)}
    return beneath.pop() if path and len(beneath) == 1 else ""


def _inside(leaf: str, path: str) -> bool:
    return f"{leaf}.".replace("[]", "").startswith(f"{path}.".replace("[]", ""))


def refused(found: Mapping[str, str]) -> list[str]:
    """The fields that are refused whatever stands in them, a group by its own name."""
    return list(dict.fromkeys(filter(None, (_outermost_refused(found, path) for path in found))))


def _outermost_refused(found: Mapping[str, str], path: str) -> str:
    return next((group for group in _groups(path) if _all_refused(found, group)), "")


def _all_refused(found: Mapping[str, str], group: str) -> bool:
    return all(verdict.startswith("refused") for leaf, verdict in found.items() if _inside(leaf, group))
