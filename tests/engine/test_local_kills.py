"""Killed at a random moment, the next `make up` recovers: nothing lost, nothing left over.

`make soak` runs 20 seeds; `make test` a few. A seed that fails is run again with MODELBERTH_SEED=<seed>.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from traffic import Client

from modelberth.local.registry import is_intact
from workspace import REPOSITORY, Workspace

pytestmark = [pytest.mark.engine, pytest.mark.server]

SHORT, FULL = 3, 20
FIRST = int(os.environ.get("MODELBERTH_SEED", "1"))
SEEDS = range(FIRST, FIRST + (FULL if os.environ.get("MODELBERTH_SOAK") else SHORT))
VICTIMS = ("pulumi", "pulumi-resource-pulumi-python", "modelberth.serving", "envoy")


@pytest.fixture
def fresh(engine: dict[str, str], registry: Path, tmp_path: Path) -> Iterator[Workspace]:
    place = Workspace(tmp_path, engine, registry)
    try:
        yield place
    finally:
        place.end()


def make_up(workspace: Workspace) -> str:
    """What `make up` runs once everything is installed."""
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "tools/workspace/up.py"), "local"],
        cwd=workspace.folder, env=workspace.environment, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_next_up_recovers(fresh: Workspace, seed: int) -> None:
    chance = random.Random(seed)
    update = chance.random() < 0.5
    if update:
        fresh.roll(candidate=None)
        make_up(fresh)
        fresh.roll(candidate="1.1.0", weight=20)
    victim = chance.choice(VICTIMS[:2])
    after = chance.uniform(0.3, 6.0)
    print(f"seed {seed}: {victim} killed {after:.1f} s into {'an update' if update else 'a first up'}")
    _killed_up(fresh, victim, after)

    make_up(fresh)
    outputs = fresh.outputs()
    client = Client(outputs["endpoints"]["iris"], outputs["api_keys"]["iris"]["web"])
    assert client.predict()[0] == 200
    assert is_intact(fresh.runtime)
    assert _serving(fresh) == {"1.0.0": 1, "1.1.0": 1}
    assert len([process for process in fresh.processes() if process.name() == "envoy"]) == 1
    fresh.up("--skip-preview", "--refresh", "--expect-no-changes")
    fresh.pulumi("destroy", "--stack", "local", "--yes", "--skip-preview")
    assert fresh.processes() == []


def _killed_up(workspace: Workspace, victim: str, after: float) -> None:
    command = [sys.executable, str(REPOSITORY / "tools/workspace/up.py"), "local"]
    output = (workspace.folder / "killed.log").open("w")
    runner = subprocess.Popen(command, cwd=workspace.folder, env=workspace.environment, stdout=output, stderr=output)
    try:
        time.sleep(after)
        for process in psutil.Process(runner.pid).children(recursive=True):
            _kill_if(process, victim)
        runner.wait(timeout=120)
    finally:
        if runner.poll() is None:
            runner.send_signal(signal.SIGKILL)
            runner.wait(timeout=10)
    _until_quiet(workspace)


def _kill_if(process: psutil.Process, victim: str) -> None:
    try:
        if process.name() == victim or any(part.endswith(victim) for part in process.cmdline()[:3]):
            process.kill()
    except psutil.NoSuchProcess:
        pass


def _until_quiet(workspace: Workspace, seconds: float = 20) -> None:
    """Wait until what the dead engine had started is gone: language host, program, providers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        left = [
            process
            for process in psutil.process_iter(["cmdline", "environ"])
            if (process.info["environ"] or {}).get("PULUMI_HOME") == workspace.environment["PULUMI_HOME"]
        ]
        if not left:
            return
        time.sleep(0.1)
    raise AssertionError(f"still there after the engine's death: {[process.cmdline() for process in left]}")


def _serving(workspace: Workspace) -> dict[str, int]:
    counts: dict[str, int] = {}
    for process in workspace.processes():
        line = process.cmdline()
        if "modelberth.serving" in line:
            version = line[line.index("--version") + 1]
            counts[version] = counts.get(version, 0) + 1
    return counts
