"""What the components cost: whole cold processes against the same resources by hand, imports, and time per resource."""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from measure import HERE, Spent, heading, in_turn, line, paired_ratio, spent

from modelberth_policies.resources import Plan
from modelberth_policies.sources.program import plan

SERVICES = (1, 10, 40)
ROUNDS = 5
IMPORTED = ("modelberth", "modelberth.core.service", "modelberth.local", "modelberth.stack.compose")
IMPORT_ROUNDS = 5
RESOURCES = (100, 1000)
RESOURCE_ROUNDS = 3
COMPONENT, BY_HAND = CONTENDERS = "component", "by_hand"


def planned(folder: Path, program: str, **config: int) -> Plan:
    """The plan of one of the programs here, made in a process of its own."""
    # One folder for all programs, because the components write its path into their resources.
    (folder / "Pulumi.yaml").write_text(f"name: bench\nruntime: python\nmain: {HERE / 'programs' / program}.py\n")
    return plan(folder, "bench", config=config, python=sys.executable)


def check_alike(folder: Path) -> None:
    """Raises where the two programs do not make the same resources: the ratio would mean nothing."""
    seen = [
        {
            resource.urn: (resource.inputs, resource.outputs, resource.parent, resource.dependencies)
            for resource in planned(folder, program, services=2).resources
        }
        for program in CONTENDERS
    ]
    ours, hand_made = seen
    differing = sorted(urn for urn in ours.keys() | hand_made.keys() if ours.get(urn) != hand_made.get(urn))
    if differing:
        raise RuntimeError(f"programs/by_hand.py must make what the components make; it differs in {differing}")


def overhead(folder: Path) -> None:
    """The component against the same resources by hand."""
    check_alike(folder)
    line(f"whole process, {ROUNDS} rounds", "wall s", "by hand s", "wall ratio", "CPU ratio")
    for services in SERVICES:
        count = len(planned(folder, COMPONENT, services=services).resources)
        work = {name: partial(spent, partial(planned, folder, name, services=services)) for name in CONTENDERS}
        found = in_turn(work, ROUNDS)
        walls = [[each.wall for each in found[name]] for name in CONTENDERS]
        seconds = (f"{statistics.median(values):.3f}" for values in walls)
        ratios = (f"{_ratio(found[COMPONENT], found[BY_HAND], clock):.3f}" for clock in ("wall", "cpu"))
        line(f"{services} services ({count} resources)", *seconds, *ratios)


def _ratio(ours: Sequence[Spent], peers: Sequence[Spent], clock: str) -> float:
    return paired_ratio([getattr(each, clock) for each in ours], [getattr(each, clock) for each in peers])


def import_seconds(module: str) -> tuple[float, float]:
    """Seconds of importing pulumi and pydantic, and then of this module, in a new process."""
    code = (
        "import time; a = time.perf_counter(); import pulumi, pydantic; b = time.perf_counter(); "
        f"import {module}; print(b - a, time.perf_counter() - b)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    first, second = done.stdout.split()
    return float(first), float(second)


def imports() -> None:
    """Each module, beyond what everybody who uses it has imported anyway."""
    found = in_turn({module: partial(import_seconds, module) for module in IMPORTED}, IMPORT_ROUNDS)
    line(f"import, {IMPORT_ROUNDS} rounds", "ms beyond", "of pulumi's")
    for module, times in found.items():
        beyond = statistics.median(second for _, second in times)
        ratio = statistics.median(second / first for first, second in times)
        line(module, f"{beyond * 1000:.1f}", f"{ratio:.3f}")
    line("pulumi and pydantic", f"{statistics.median(f for times in found.values() for f, _ in times) * 1000:.0f}", "1")


def per_resource(folder: Path) -> None:
    """The plan of a program that does nothing but make resources."""
    work = {
        str(count): partial(spent, partial(planned, folder, "resources", resources=count)) for count in (0, *RESOURCES)
    }
    found = in_turn(work, RESOURCE_ROUNDS)
    wall = {count: statistics.median(each.wall for each in times) for count, times in found.items()}
    line(f"plan in process, {RESOURCE_ROUNDS} rounds", "wall s", "ms / resource")
    line("no resource", f"{wall['0']:.3f}")
    for count in RESOURCES:
        each = (wall[str(count)] - wall["0"]) / count
        line(f"{count} resources", f"{wall[str(count)]:.3f}", f"{each * 1000:.2f}")


def main() -> None:
    """Measures and prints."""
    heading("component: in process, without engine")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        overhead(folder)
        per_resource(folder)
    imports()


if __name__ == "__main__":
    main()
