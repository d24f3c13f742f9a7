"""Whose process it is, whether it listens, whether it answers: asked of real processes and a real server."""

import os
import subprocess
import sys

import psutil
import pytest

from modelberth.local.ports import is_free
from modelberth.local.processes import MARK, answers, end_all, environment_of, listens, marked

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
LISTEN = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); "
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"


@pytest.fixture
def run():
    """Start Python with some code; all that was started ends with the test."""
    started = []

    def start(*code, environment=None):
        process = subprocess.Popen(
            [sys.executable, "-c", *code],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.communicate()


@pytest.fixture
def free_port():
    return next(port for port in range(21000, 30000) if is_free(port))


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_proxy_of_the_shell_is_not_asked(monkeypatch, server_port, free_port, name):
    for known in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(known, raising=False)
    monkeypatch.setenv(name, f"http://127.0.0.1:{free_port}")
    assert answers(f"http://127.0.0.1:{server_port}/200")


@pytest.mark.parametrize(("status", "ready"), [(200, True), (204, False), (404, False), (503, False)])
def test_only_200_is_an_answer(server_port, status, ready):
    assert answers(f"http://127.0.0.1:{server_port}/{status}") is ready


def test_where_nobody_listens_nobody_answers(free_port):
    assert not answers(f"http://127.0.0.1:{free_port}/")


def test_a_process_listens_on_its_own_port_and_no_other(run, server_port):
    process, port = run(f"{LISTEN}time.sleep(60)")
    assert listens(process.pid, int(port))
    assert not listens(process.pid, server_port)
    assert listens(os.getpid(), server_port)


def test_a_child_listens_for_its_parent_and_a_stranger_does_not(run):
    parent, port = run(PARENT, f"{LISTEN}import sys; sys.stdin.read()")
    stranger, _ = run(SLEEP)
    assert listens(parent.pid, int(port))
    assert not listens(stranger.pid, int(port))


def test_a_connection_out_is_no_listener(server_port, run):
    code = f"import socket, time; s = socket.create_connection(('127.0.0.1', {server_port})); print(1, flush=True); "
    process, _ = run(f"{code}time.sleep(60)")
    assert not listens(process.pid, server_port)


def test_a_process_that_is_gone_listens_nowhere(run):
    process, port = run(f"{LISTEN}time.sleep(0)")
    process.wait(timeout=10)
    assert not listens(process.pid, int(port))


def test_the_marked_processes_of_one_directory_are_found_and_ended(tmp_path, run):
    mine, _ = run(SLEEP, environment={MARK: str(tmp_path)})
    other, _ = run(SLEEP, environment={MARK: f"{tmp_path}-2"})
    plain, _ = run(SLEEP)
    assert [process.pid for process in marked(tmp_path)] == [mine.pid]
    assert end_all(tmp_path) == [mine.pid]
    assert not psutil.pid_exists(mine.pid)
    assert (other.poll(), plain.poll()) == (None, None)
    assert list(marked(tmp_path)) == []


def test_what_does_not_end_when_asked_is_killed(tmp_path, run):
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
    process, _ = run(deaf, environment={MARK: str(tmp_path)})
    assert end_all(tmp_path, patience=0.2) == [process.pid]
    assert not psutil.pid_exists(process.pid)


def test_programs_inherit_the_place_and_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    environment = environment_of(tmp_path)
    assert environment[MARK] == str(tmp_path)
    assert environment.keys() <= {"PATH", "HOME", "LANG", "TMPDIR", "TZ", MARK}
