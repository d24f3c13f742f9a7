"""Engine or provider killed at a random moment: the next run recovers, nothing is lost, made twice or left over.

`make test` runs two seeds, `make soak` twenty. A seed that fails is run again with MODELBERTH_SEED=<seed>.

The stack is dev with a private service in a network that was there before: key and alias, registry, role, log group,
alarms, model, configuration, endpoint. `tools/workspace/adopt.py` finds each of these again. Of an API it does not find
the parts, of a network those that share their tags (security groups and their rules) or have none (a route table's
associations).
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest
import tagging
import yaml
from aws_workspace import REPOSITORY, AwsWorkspace, WorkspaceFactory
from deployments import SERVICE, Deployment, check_destroyed, check_settled

from modelberth.stack.files import read_yaml

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

SHORT, FULL = 2, 20
FIRST = int(os.environ.get("MODELBERTH_SEED", "5"))
SEEDS = range(FIRST, FIRST + (FULL if os.environ.get("MODELBERTH_SOAK") else SHORT))
ENGINE, PROVIDER = "engine", "provider"
PLUGIN = "clouds.aws.plugin"
SLOW = [{"on": on, "type": "aws:*", "do": "slow", "seconds": 0.3} for on in ("create", "update")]
"""AWS takes its time, so that a kill meets operations in flight."""
NETWORK = {
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "model_security_group_id": "sg-0123456789abcdef0",
}


@pytest.fixture(autouse=True)
def _tags_can_be_asked_for() -> Iterator[None]:
    with tagging.answered():
        yield


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_next_run_recovers(aws_workspace: WorkspaceFactory, seed: int) -> None:
    chance = random.Random(seed)
    dev = private_dev(aws_workspace)
    update = chance.random() < 0.3
    if update:
        dev.place.up()
        dev.roll(stable="1.1.0")
    victim, made = chance.choice((ENGINE, PROVIDER)), chance.randint(1, 2 if update else 18)
    print(f"seed {seed}: {victim} killed after {made} creations of {'an update' if update else 'a first up'}")
    _killed_up(dev.place, victim, made, chance.uniform(0, 0.1))
    orphans = [one.id for one in dev.place.orphans()]
    print(f"seed {seed}: {recover(dev.place)} (unknown to the stack: {orphans})")

    dev.place.cloud.faults()
    dev.place.up("--refresh")
    assert dev.serving() == {"1.1.0" if update else "1.0.0": 100}
    assert set(dev.models()) == {"1.1.0" if update else "1.0.0"}
    check_settled(dev)
    check_destroyed(dev)


def test_what_the_provider_made_is_adopted_and_what_is_somebody_elses_is_not(aws_workspace: WorkspaceFactory) -> None:
    dev = private_dev(aws_workspace)
    theirs = "dev-aws-registry"
    dev.place.cloud.add("aws:ecr/repository:Repository", theirs, name=theirs, tagsAll={"owner": "somebody else"})
    dev.place.cloud.faults({"on": "create", "type": "*:Key", "do": "die", "when": "after", "times": 1})
    assert "exited prematurely" in dev.place.fails()
    (key,) = dev.place.orphans()
    assert recover(dev.place).splitlines() == [f"adopt: adopted Key {key.id} as aws-key"]
    assert dev.place.orphans() == []
    assert f"Repository {theirs} already exists" in dev.place.fails()
    said = recover(dev.place).splitlines()
    assert said == [f"adopt: Repository {theirs} is not that of aws-registry: its tags or settings differ"]
    known = {resource["type"] for resource in dev.place.state()["deployment"]["resources"]}
    assert "aws:ecr/repository:Repository" not in known
    assert list(dev.place.cloud.live("ecr.Repository")) == [theirs]
    assert len(dev.place.cloud.live("kms.Key")) == 1


def private_dev(aws_workspace: WorkspaceFactory) -> Deployment:
    """Dev with nobody let in, so without an API, in a network that was there before."""
    place = aws_workspace("dev")
    content = dict(read_yaml(place.config))
    stack = content["config"]["modelberth:stack"]
    stack["services"][SERVICE]["access"] = {}
    stack["foundation"]["aws"]["network"] = NETWORK
    place.config.write_text(yaml.safe_dump(content))
    return Deployment(place)


def recover(place: AwsWorkspace) -> str:
    """What a person runs after an interrupted `up`."""
    command = [sys.executable, str(REPOSITORY / "tools/workspace/adopt.py"), place.stack]
    done = subprocess.run(
        command, cwd=place.folder, env=place.environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _killed_up(place: AwsWorkspace, victim: str, made: int, later: float) -> None:
    """`pulumi up`, of which a process is killed when so many things were made, and a moment later."""
    before = place.cloud.read().made
    place.cloud.faults(*SLOW)
    command = ["pulumi", "up", "--stack", place.stack, "--yes", "--skip-preview", "--non-interactive"]
    with (place.folder / "killed.log").open("w") as log:
        runner = subprocess.Popen(command, cwd=place.folder, env=place.environment, stdout=log, stderr=log)
        try:
            while runner.poll() is None and place.cloud.read().made < before + made:
                time.sleep(0.02)
            time.sleep(later)
            _kill(runner, victim)
            assert runner.wait(timeout=60) != 0, "it had ended before the kill"
        finally:
            if runner.poll() is None:
                runner.send_signal(signal.SIGKILL)
                runner.wait(timeout=10)
    _until_quiet(place)


def _kill(runner: subprocess.Popen[bytes], victim: str) -> None:
    if victim == ENGINE:
        runner.kill()
        return
    children = psutil.Process(runner.pid).children(recursive=True)
    providers = [process for process in children if PLUGIN in process.cmdline()]
    assert providers, "no provider is running"
    for process in providers:
        process.kill()


def _until_quiet(place: AwsWorkspace, seconds: float = 30) -> None:
    """Wait until what a dead engine had started is gone: language host, program, providers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        running = psutil.process_iter(["environ"])
        home = place.environment["PULUMI_HOME"]
        if not any((process.info["environ"] or {}).get("PULUMI_HOME") == home for process in running):
            return
        time.sleep(0.1)
    raise AssertionError("processes of the dead engine are still there")
