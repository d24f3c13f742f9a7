"""What each target has and can: the file of each concern, and which fields of a `Service` it honours or refuses."""

import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from docs.fields import rows_of
from docs.samples import BARE, GROUPS, NATIVE, PINS, SAMPLES
from modelberth.core.config import Config
from modelberth.core.service import Refusal, Service, Unsupported
from modelberth.models.reference import parse
from modelberth.stack import compose, targets
from modelberth.stack.config import labels_of
from modelberth_policies.sources.program import run_in_process

CONCERNS = {
    "endpoint": "the component",
    "portable": "a `Service` in its words",
    "scaling": "scaling",
    "rollout": "split between versions",
    "access": "who may call",
    "keys": "API keys",
    "rate_limit": "rate limit",
    "monitoring": "metrics and access log",
    "encryption": "encryption",
    "registry": "model registry",
    "gateway": "gateway",
    "live": "what serves now",
    "network": "network",
    "identity": "roles",
    "budget": "budget",
}
"""Names of files, the same in every target, and what each is about. A file that a target lacks is a thing it lacks."""

HONOURED, UNCHANGED = "honoured", "as left out"
COMPONENTS = Path("components")


def file_of(on: str, concern: str) -> Path | None:
    """Where a target answers for a concern: in its own folder, its cloud's, or what stands in front of it."""
    own = COMPONENTS.joinpath(*targets.module_of(on).split(".")[:-1])
    cloud = COMPONENTS / "modelberth" / targets.cloud_of(on)
    for folder in (own, cloud, *(path for path in sorted(cloud.iterdir()) if path.is_dir())):
        for path in (folder / f"{concern}.py", folder / concern):
            if path.is_file() or (path.is_dir() and any(path.glob("*.py"))):
                return path
    return None


def verdicts(on: str) -> dict[str, str]:
    """Path of each leaf field of `Service`, a list being one, to what the target does with it: asks its `translate`."""
    found: dict[str, str] = {}

    def program() -> None:
        foundation = targets.load(on).foundation(targets.cloud_of(on), {})
        leaves = dict.fromkeys(row.path.partition("[]")[0] for row in rows_of(Service) if row.leaf)
        found.update({path: _verdict(on, path, foundation) for path in leaves})

    run_in_process(program)
    return found


def _verdict(on: str, path: str, foundation: Any) -> str:
    if path == "on":
        return "chooses the target"
    before = _changed({"on": on, **deepcopy(BARE)}, GROUPS, path)
    answers = [
        (value, _answer(_changed(before, {path: value}, path), before, path, foundation)) for value in _values(on, path)
    ]
    if len(answers) == 1:
        return answers[0][1]
    return "; ".join(f"`{json.dumps(value)}`: {answer}" for value, answer in answers)


def _values(on: str, path: str) -> tuple[Any, ...]:
    known = {**SAMPLES, "native": (NATIVE.get(on),)}
    if known.get(path, (None,)) == (None,):
        raise SystemExit(f"docs: no sample for the field {path} and the target {on}; add one to tools/docs/samples.py")
    return known[path]


def _changed(service: Mapping[str, Any], values: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The service with those values set that stand at the path or around it."""
    result = deepcopy(dict(service))
    for where, value in values.items():
        if path == where or path.startswith(f"{where}."):
            *groups, last = where.split(".")
            place = result
            for group in groups:
                place = place.setdefault(group, {})
            place[last] = deepcopy(value)
    return result


def _answer(service: Mapping[str, Any], before: Mapping[str, Any], path: str, foundation: Any) -> str:
    after = _translated(service, foundation)
    if isinstance(after, Config):
        return HONOURED if after != _translated(before, foundation) else UNCHANGED
    about = [refusal for refusal in after if _meet(refusal.field, path)]
    if not about:
        raise SystemExit(f"docs: {path} was changed, but what is refused is {', '.join(r.field for r in after)}")
    return f"refused: {about[0].why}; {about[0].fix}"


def _meet(field: str, path: str) -> bool:
    return f"{path}.".startswith(f"{field}.") or field.startswith(f"{path}.")


def _translated(service: Mapping[str, Any], foundation: Any) -> Config | tuple[Refusal, ...]:
    stack = {"owner": "docs", "cost_centre": "docs", "services": {"sample": service}}
    environment = compose.read("docs", stack, {}, PINS)
    chosen, traffic = environment.config.services["sample"], environment.traffic["sample"]
    labels = labels_of(environment.config, "docs", "sample", parse(chosen.model.uri).name, traffic.stable.version)
    result = targets.load(chosen.on).translate(chosen, traffic, labels, foundation)
    return result.refusals if isinstance(result, Unsupported) else compose.native_over(result, chosen)


def together(found: Mapping[str, str], path: str) -> str:
    """The one verdict on everything at a path and beneath it; empty where there are several."""
    beneath = {verdict for leaf, verdict in found.items() if f"{leaf}.".startswith(f"{path}.")}
    return beneath.pop() if path and len(beneath) == 1 else ""


def refused(found: Mapping[str, str]) -> list[str]:
    """The fields that are refused whatever stands in them, a group by its own name."""
    return list(dict.fromkeys(filter(None, (_outermost_refused(found, path) for path in found))))


def _outermost_refused(found: Mapping[str, str], path: str) -> str:
    steps = path.split(".")
    groups = [".".join(steps[: count + 1]) for count in range(len(steps))]
    return next((group for group in groups if _all_refused(found, group)), "")


def _all_refused(found: Mapping[str, str], group: str) -> bool:
    return all(verdict.startswith("refused") for leaf, verdict in found.items() if f"{leaf}.".startswith(f"{group}."))
