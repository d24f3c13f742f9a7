"""What `modelberth check` costs: its rules in process, and the whole cold command beside the bare plan and its peers.

The peers: the same program through the SDK's mocks, and Checkov on what the CDK synthesises of the same services.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aws_plans import BY_HAND, PROGRAMS
from bench_aws import CDK, CDK_HOME, cdk, synthesise
from environments import environment
from measure import heading, in_turn, line
from rules_timed import rules_timed

SERVICES = 40
ROUNDS = 3
CHECK, PLAN, MOCKS, CHECKOV, BOTH = "check", "plan", "mocks", "checkov", "synth + checkov"
AIMS = {PLAN: 1.2, CHECKOV: 0.5, BOTH: 0.4}
BARE = "import sys; from modelberth_policies.sources.program import plan; print(len(plan(sys.argv[1], 'prod')))"
# Nothing is fetched while it runs: neither more checks nor modules.
CHECKOV_OPTIONS = ("--framework", "cloudformation", "--skip-download", "--soft-fail", "--quiet", "--compact")


@dataclass(frozen=True)
class Ran:
    """What one whole process took, with all that it started and waited for."""

    wall: float
    cpu: float
    peak: float
    """MiB of the largest process among them."""

    def __add__(self, after: "Ran") -> "Ran":
        return Ran(self.wall + after.wall, self.cpu + after.cpu, max(self.peak, after.peak))


def ran(command: Sequence[str | Path], out: Path) -> Ran:
    """Runs it and writes what it says to a file. Raises where it fails."""
    quiet = {**os.environ, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"}
    with out.open("wb") as said, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=errors, env=quiet)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        # Already waited for: without this, subprocess would look for it again.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {errors.read()[-2000:].decode()}")
    return Ran(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def project_in(folder: Path) -> Path:
    """A plain pulumi_aws project, as a team would have it checked."""
    project = folder / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(f"name: bench\nruntime: python\nmain: {PROGRAMS / BY_HAND}.py\n")
    (project / "Pulumi.prod.yaml").write_text(f"config:\n  aws:region: eu-central-1\n  bench:services: '{SERVICES}'\n")
    return project


def contenders(folder: Path, project: Path) -> dict[str, Callable[[], Ran]]:
    """Name → one run of it, which writes what it says to `folder/NAME`."""
    python = Path(sys.executable)
    checked = ["-m", "modelberth.cli.main", "check", "--project", project, "--stack", "prod", "--fail-on", "never"]
    commands: dict[str, list[str | Path]] = {
        CHECK: [python, *checked, "--format", "json"],
        PLAN: [python, "-c", BARE, project],
        MOCKS: [python, PROGRAMS / "with_mocks.py", PROGRAMS / f"{BY_HAND}.py", str(SERVICES)],
    }
    made, checkov = cdk(), environment("checkov")
    if made is not None:
        commands[CDK] = [made, CDK_HOME / "services.py", str(SERVICES), folder / "templates"]
    if made is not None and checkov is not None:
        synthesise(made, folder, SERVICES)
        templates = [word for file in sorted((folder / CDK).glob("*.template.json")) for word in ("-f", file)]
        commands[CHECKOV] = [checkov / "bin" / "checkov", *templates, *CHECKOV_OPTIONS, "--output", "json"]
    return {name: partial(ran, command, folder / f"{name}.out") for name, command in commands.items()}


def tell(folder: Path, names: Sequence[str]) -> None:
    """What each looked at. Raises where `check` and the mocks did not see the same program."""
    (stack,) = json.loads((folder / f"{CHECK}.out").read_text())["stacks"]
    planned, mocked = (int((folder / f"{name}.out").read_text()) for name in (PLAN, MOCKS))
    if not stack["resources"] == planned == mocked:
        raise RuntimeError(f"check sees {stack['resources']} resources, the plan {planned}, the mocks {mocked}")
    line("resources, rules, findings", *(str(each) for each in (planned, stack["rules"], len(stack["findings"]))))
    line("lines of the bill, without price", str(len(stack["bill"]["lines"])), str(len(stack["bill"]["unpriced"])))
    if CHECKOV in names:
        found = json.loads((folder / f"{CHECKOV}.out").read_text())["summary"]
        line("Checkov: resources, answers", str(found["resource_count"]), str(found["passed"] + found["failed"]))


def compare(found: Mapping[str, Sequence[Ran]]) -> None:
    """A row for each, and what `check` takes of it."""
    line(f"whole process, {ROUNDS} rounds", "wall s", "CPU s", "peak MiB", "check / it", "in CPU", "aim")
    for name, runs in found.items():
        wall, cpu, peak = (statistics.median(getattr(run, what) for run in runs) for what in ("wall", "cpu", "peak"))
        ratios = [_ratio(found[CHECK], runs, clock) for clock in ("wall", "cpu")]
        aim = f"{AIMS[name]:.2f}" if name in AIMS else ""
        line(name, f"{wall:.2f}", f"{cpu:.2f}", f"{peak:.0f}", *(f"{ratio:.2f}" for ratio in ratios), aim)


def _ratio(values: Sequence[Ran], others: Sequence[Ran], clock: str) -> float:
    pairs = zip(values, others, strict=True)
    return statistics.median(getattr(value, clock) / getattr(other, clock) for value, other in pairs)


def whole(folder: Path, project: Path) -> None:
    """The whole cold command beside its peers."""
    work = contenders(folder, project)
    found: dict[str, Sequence[Ran]] = {**in_turn(work, ROUNDS)}
    tell(folder, list(work))
    if CHECKOV in found:
        found[BOTH] = [one + other for one, other in zip(found[CDK], found[CHECKOV], strict=True)]
    compare(found)


def main() -> None:
    """Measures and prints."""
    heading("modelberth check")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        project = project_in(folder)
        rules_timed(project)
        whole(folder, project)


if __name__ == "__main__":
    main()
