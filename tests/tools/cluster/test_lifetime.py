"""A control plane ends with those who use it, however they end, and survives the death of its API server."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cluster.control_plane import TOOLS, running
from cluster.servers import ServerError

from .manifests import config_map

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

USER = """
import sys, time
from pathlib import Path
from cluster.control_plane import running
with running(Path(sys.argv[1])) as cluster:
    print(*cluster.pids.values(), flush=True)
    sys.stdin.read()
"""


def alive(pid):
    """Whether the process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids, seconds=30):
    end = time.monotonic() + seconds
    while left := [pid for pid in pids if alive(pid)]:
        if time.monotonic() > end:
            return left
        time.sleep(0.05)
    return []


@pytest.fixture
def user(tmp_path):
    started = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", USER, str(tmp_path / "plane")],
            env={**os.environ, "PYTHONPATH": str(TOOLS)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def pids_of(process):
    pids = [int(word) for word in process.stdout.readline().split()]
    assert len(pids) == 5
    return pids


def test_processes_of_a_run_share_one_and_the_last_to_leave_ends_it(user):
    first, second = user(), user()
    pids = pids_of(first)
    assert pids_of(second) == pids
    first.communicate("leave")
    time.sleep(1)
    assert all(alive(pid) for pid in pids)
    second.communicate("leave")
    assert gone(pids) == []


def test_everything_ends_when_its_only_user_is_killed_and_the_next_one_starts_anew(user):
    killed = user()
    pids = pids_of(killed)
    killed.kill()
    following = pids_of(user())  # at once: while the old one is still ending
    assert gone(pids) == []
    assert all(alive(pid) for pid in following)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_everything_ends_when_its_keeper_is_killed_and_the_next_one_starts_anew(user, tmp_path):
    pids = pids_of(user())
    keeper = int(Path(f"/proc/{pids[0]}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(keeper, signal.SIGKILL)
    assert gone(pids) == []
    assert all(alive(pid) for pid in pids_of(user()))


def test_an_api_server_that_is_killed_comes_back_with_its_data(tmp_path):
    with running(tmp_path / "plane") as cluster:
        api, before = cluster.api(), cluster.pids
        api.create(config_map("default", key="kept"))
        cluster.restart_api_server()
        assert api.get("v1", "ConfigMap", "settings", "default")["data"] == {"key": "kept"}
        after = cluster.pids
        assert after.pop("kube-apiserver") != before.pop("kube-apiserver")
        assert after == before
    assert gone(before.values()) == []
    end = time.monotonic() + 30  # removed after the last program has ended
    while (tmp_path / "plane/etcd").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_program_that_fails_is_named_with_the_last_lines_of_its_log(tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"):
        (programs / name).write_text(f"#!/bin/sh\necho {name} cannot go on >&2\nexit 3\n")
        (programs / name).chmod(0o755)
    with (
        pytest.raises(ServerError, match=r"(?s)did not start.*(etcd|kube-apiserver) ended with exit code 3"),
        running(tmp_path / "plane", variables={"KUBEBUILDER_ASSETS": str(programs)}),
    ):
        pass
