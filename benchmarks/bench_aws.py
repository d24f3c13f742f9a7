"""What the AWS components cost: whole cold processes against pulumi_aws by hand, with the CDK's L2 beside them."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from aws_plans import BY_HAND, COMPONENT, CONTENDERS, components, differing, planned
from environments import environment
from measure import HERE, Spent, heading, in_turn, line, paired_ratio, spent

SERVICES = (1, 10, 40)
ROUNDS = 3
CDK = "cdk"
CDK_HOME = HERE / CDK
IMPORT_ROUNDS = 5
USED = "iam.Role, aws.kms.Grant, aws.cloudwatch.LogGroup, aws.sagemaker.Model, aws.appautoscaling.Policy"
"""What a program by hand has imported of pulumi_aws, which imports each of its modules on first use."""


def check_alike(folder: Path) -> None:
    """Raises where the two programs do not make the same resources: the ratio would mean nothing."""
    ours, by_hand = (planned(folder, program, 2) for program in CONTENDERS)
    if found := differing(ours, by_hand):
        raise RuntimeError(f"programs/aws_by_hand.py must make what the components make; it differs in {found}")
    if ours.outputs != by_hand.outputs:
        raise RuntimeError(f"programs/aws_by_hand.py exports {by_hand.outputs}, the components {ours.outputs}")


def resources(folder: Path) -> None:
    """How many resources the components are themselves."""
    found, by_hand = (planned(folder, program, 1) for program in CONTENDERS)
    line("resources of one service", "components", "by hand", "more")
    more = len(found.resources) - len(by_hand.resources)
    line(f"{len(components(found))} components", str(len(found.resources)), str(len(by_hand.resources)), str(more))


def cdk() -> Path | None:
    """The Python of the CDK's own environment. None where it cannot be made."""
    if shutil.which("node") is None:
        line("no CDK: node is not installed")
        return None
    home = environment(CDK)
    return None if home is None else home / "bin" / "python"


def synthesise(python: Path, folder: Path, services: int) -> None:
    """The template of as many services, in a process of its own."""
    # The CDK says on each start that it no longer tests this version of node, where that is so.
    quiet = {**os.environ, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"}
    told = [python, CDK_HOME / "services.py", str(services), folder / CDK]
    done = subprocess.run(told, capture_output=True, text=True, env=quiet)
    if done.returncode:
        raise RuntimeError(f"benchmarks/cdk/services.py failed: {done.stderr[-2000:]}")


def overhead(folder: Path, python: Path | None) -> None:
    """The components against the same resources by hand, and the CDK."""
    line(f"whole process, {ROUNDS} rounds", "wall s", "CPU s", "wall / by hand", "CPU / by hand")
    for services in SERVICES:
        work: dict[str, Callable[[], Spent]] = {
            name: partial(spent, partial(planned, folder, name, services)) for name in CONTENDERS
        }
        if python is not None:
            work[CDK] = partial(spent, partial(synthesise, python, folder, services))
        found = in_turn(work, ROUNDS)
        for name in work:
            _row(f"{name}, {services}", found, name)


def _row(title: str, found: Mapping[str, Sequence[Spent]], name: str) -> None:
    clocks = ("wall", "cpu")
    values = {clock: [getattr(each, clock) for each in found[name]] for clock in clocks}
    peers = {clock: [getattr(each, clock) for each in found[BY_HAND]] for clock in clocks}
    seconds = (f"{statistics.median(values[clock]):.2f}" for clock in clocks)
    ratios = (f"{paired_ratio(values[clock], peers[clock]):.2f}" for clock in clocks)
    line(title, *seconds, *ratios)


def import_seconds() -> tuple[float, float]:
    """CPU seconds of importing what a program by hand imports, and then our endpoint, in a new process."""
    code = (
        "import time; a = time.process_time(); import pulumi, pulumi_aws as aws; "
        f"aws.{USED}; b = time.process_time(); "
        "import modelberth.aws.sagemaker.realtime.endpoint; print(b - a, time.process_time() - b)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    first, second = done.stdout.split()
    return float(first), float(second)


def imports() -> None:
    """What the library costs before it makes a single resource; it is in the ratios above."""
    found = in_turn({COMPONENT: import_seconds}, IMPORT_ROUNDS)[COMPONENT]
    line(f"import, {IMPORT_ROUNDS} rounds", "CPU ms")
    line("pulumi, pulumi_aws as used by hand", f"{statistics.median(first for first, _ in found) * 1000:.0f}")
    line("our endpoint beyond them", f"{statistics.median(second for _, second in found) * 1000:.0f}")


def main() -> None:
    """Measures and prints."""
    heading("AWS: in process, without engine")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        check_alike(folder)
        resources(folder)
        imports()
        overhead(folder, cdk())


if __name__ == "__main__":
    main()
