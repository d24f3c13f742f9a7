"""The two AWS programs as plans, and whether they make the same: what the benchmark times and a test holds."""

import json
import sys
from pathlib import Path
from typing import Any

from modelberth_policies.resources import Plan, Resource
from modelberth_policies.sources.program import plan

COMPONENT, BY_HAND = CONTENDERS = "aws_component", "aws_by_hand"
PROGRAMS = Path(__file__).parent / "programs"

Key = tuple[str, str]
"""Type and name."""


def planned(folder: Path, program: str, services: int) -> Plan:
    """The plan of one of the programs, made in a process of its own."""
    project = folder / program
    project.mkdir(exist_ok=True)
    (project / "Pulumi.yaml").write_text(f"name: bench\nruntime: python\nmain: {PROGRAMS / program}.py\n")
    return plan(project, "bench", config={"services": services}, python=sys.executable)


def components(found: Plan) -> list[Resource]:
    """The component resources of a plan."""
    return [resource for resource in found.resources if resource.type.startswith("modelberth:index:")]


def differing(ours: Plan, by_hand: Plan) -> list[Key]:
    """Resources that only one plan makes, or that differ in inputs, options, or what they wait for."""
    mine, others = _made(ours), _made(by_hand)
    return sorted(key for key in mine.keys() | others.keys() if mine.get(key) != others.get(key))


def _made(found: Plan) -> dict[Key, tuple[Any, ...]]:
    by_urn = {resource.urn: resource for resource in found.resources}
    inside = {resource.urn for resource in components(found)}
    return {
        (each.type, each.name): (_read(each.inputs), each.options, _waits_for(each, by_urn))
        for each in found.resources
        if each.urn not in inside
    }


def _waits_for(resource: Resource, by_urn: dict[str, Resource]) -> set[Key]:
    """What it depends on, and what the components around it depend on: the engine has it wait for these as well."""
    keys: set[Key] = set()
    around: Resource | None = resource
    while around is not None:
        keys |= {(by_urn[urn].type, by_urn[urn].name) for urn in around.dependencies}
        around = by_urn.get(around.parent or "")
    return keys


def _read(value: Any) -> Any:
    """With documents as what they say: the order of their words is no difference."""
    if isinstance(value, str) and value.startswith("{"):
        return json.loads(value)
    if isinstance(value, dict):
        return {key: _read(item) for key, item in value.items()}
    return [_read(item) for item in value] if isinstance(value, list) else value
