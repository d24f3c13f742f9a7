"""Engine, provider or API server killed in the middle of `up`: the next one recovers, nothing is lost or made twice.

`make test` runs two seeds, `make soak` twenty. A seed that fails is run again with MODELBERTH_SEED=<seed>. The control
plane is one of its own, so that its API server may be killed. The stack is this repository's with the service `iris`.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator

import psutil
import pytest
from clouds.kubernetes.contents import contents, identities
from environments import ADDONS, Workspace, alone, keys_in_cluster, known, ready, standing, weights
from kubernetes_workspace import WorkspaceFactory

from cluster import crds
from cluster.api import Api
from cluster.build import VARIABLE
from cluster.control_plane import Cluster, running

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

SHORT, FULL = 2, 20
FIRST = int(os.environ.get("MODELBERTH_SEED", "7"))
SEEDS = range(FIRST, FIRST + (FULL if os.environ.get("MODELBERTH_SOAK") else SHORT))
ENGINE, PROVIDER, API_SERVER = "engine", "provider", "API server"
PLUGIN = "clouds.kubernetes.plugin"
SLOW = [{"on": on, "do": "slow", "seconds": 0.3, "when": "after"} for on in ("create", "update", "delete")]
"""Nobody is told for a moment of what was just done, so that a kill meets operations in flight."""
FEWEST = {"first up": 20, "promotion": 5}
"""How many objects a run makes, changes or removes, at least."""


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster that nobody else uses."""
    own = {name: value for name, value in os.environ.items() if name != VARIABLE}
    with running(tmp_path_factory.mktemp("plane"), variables=own) as cluster:
        crds.install(cluster.api(), *ADDONS)
        yield cluster


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_next_up_recovers(kubernetes_workspace: WorkspaceFactory, mine: Cluster, seed: int) -> None:
    chance = random.Random(seed)
    victim, run = chance.choice((ENGINE, PROVIDER, API_SERVER)), chance.choice((*FEWEST, "first up"))
    after = chance.randint(1, FEWEST[run])
    print(f"seed {seed}: {victim} killed after {after} objects of a {run}")
    place = alone(kubernetes_workspace, "iris", kubeconfig=mine.kubeconfig)
    split = {"1.0.0": 90, "1.1.0": 10}
    if run == "promotion":
        place.up()
        place.roll("iris", stable="1.1.0", candidate=None, weight=None)
        split = {"1.1.0": 100}
    check_recovered(place, mine, killed_up(place, mine, victim, after), split)


def test_api_server_that_is_restarted_in_the_middle_of_an_up(
    kubernetes_workspace: WorkspaceFactory, mine: Cluster
) -> None:
    place = alone(kubernetes_workspace, "iris", kubeconfig=mine.kubeconfig)
    ended = killed_up(place, mine, API_SERVER, 10)
    check_recovered(place, mine, ended, {"1.0.0": 90, "1.1.0": 10})


def check_recovered(place: Workspace, cluster: Cluster, ended: int, split: dict[str, int]) -> None:
    """The next `up` after one that ended so: everything is there, once, and what was there has stayed."""
    api = cluster.api()
    before = uids(place, api)
    print(f"the run ended with {ended}: {len(before)} objects, of which the state knows {len(known(place))}")
    place.faults.write()
    place.pulumi("cancel", "--yes", "--stack", place.stack)
    place.up("--refresh")
    now = uids(place, api)
    kept = {name: uid for name, uid in before.items() if name in now}
    assert kept.items() <= now.items(), "what was made is kept, not made anew"
    assert standing(place, api) == known(place)
    splits = weights(place, api, "iris")
    assert splits and all(found == split for found in splits)
    assert keys_in_cluster(place, api, "iris") == place.outputs()["api_keys"]["iris"]
    pods = ready(place, api)
    assert pods.keys() == split.keys() and min(pods.values()) >= 1
    place.up("--expect-no-changes")
    place.destroy()
    assert contents(api, place.namespace) == []
    api.close()


def uids(place: Workspace, api: Api) -> dict[str, str]:
    """`Kind/name` of each object that the program has made to its uid."""
    return identities(api, place.namespace, owned=False)


def killed_up(place: Workspace, cluster: Cluster, victim: str, after: int) -> int:
    """`pulumi up` in which something is killed when so many objects are made or changed. Returns how it ended."""
    place.faults.write(*SLOW)
    command = ["pulumi", "up", "--stack", place.stack, "--yes", "--skip-preview", "--non-interactive"]
    with (place.folder / "killed.log").open("w") as log:
        runner = subprocess.Popen(command, cwd=place.folder, env=place.environment, stdout=log, stderr=log)
        try:
            while runner.poll() is None and place.faults.happened() < after:
                time.sleep(0.02)
            assert runner.poll() is None, f"it had ended before the kill: {(place.folder / 'killed.log').read_text()}"
            _kill(runner, cluster, victim)
            ended = runner.wait(timeout=300)
        finally:
            if runner.poll() is None:
                runner.send_signal(signal.SIGKILL)
                runner.wait(timeout=10)
    assert ended != 0 or victim == API_SERVER, "what was killed cannot have gone on"
    _until_quiet(place)
    return ended


def _kill(runner: subprocess.Popen[bytes], cluster: Cluster, victim: str) -> None:
    if victim == ENGINE:
        runner.kill()
    elif victim == API_SERVER:
        cluster.restart_api_server(seconds=120)
    else:
        children = psutil.Process(runner.pid).children(recursive=True)
        providers = [process for process in children if PLUGIN in process.cmdline()]
        assert providers, "no provider is running"
        for process in providers:
            process.kill()


def _until_quiet(place: Workspace, seconds: float = 60) -> None:
    """Wait until what a dead engine had started is gone: language host, program, providers."""
    end, home = time.monotonic() + seconds, place.environment["PULUMI_HOME"]
    while any((one.info["environ"] or {}).get("PULUMI_HOME") == home for one in psutil.process_iter(["environ"])):
        assert time.monotonic() < end, "processes of the dead engine are still there"
        time.sleep(0.1)
