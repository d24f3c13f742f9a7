"""A model server's name and its readiness: the same definition is the same program; ready is its own answer."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelberth.core.errors import ModelberthError
from modelberth.local import server, supervisord
from modelberth.local.server import ModelServerArgs, _Provider, address_of, program_name, wait_until_ready
from modelberth.models.digest import digest_of

DEFINITION = {"service": "iris", "version": "1.0.0", "command": ["a", "{port}"], "environment": {"A": "1"}}


def test_the_same_definition_has_the_same_name_in_any_order():
    name = program_name("iris", "1.0.0", DEFINITION)
    assert name.startswith("iris-1.0.0-")
    assert program_name("iris", "1.0.0", dict(reversed(DEFINITION.items()))) == name
    assert program_name("iris", "1.0.0", {**DEFINITION, "__provider": "x"}) == name


@pytest.mark.parametrize("change", [{"command": ["b"]}, {"environment": {}}, {"digest": "sha256:x"}])
def test_another_definition_has_another_name(change):
    assert program_name("iris", "1.0.0", {**DEFINITION, **change}) != program_name("iris", "1.0.0", DEFINITION)


@pytest.mark.parametrize(
    "change", ["directory", "service", "uri", "version", "digest", "command", "environment", "ready_path"]
)
def test_a_change_of_what_runs_is_a_new_process_ready_before_the_old_one_ends(change):
    diff = _Provider().diff("id", {**DEFINITION, change: "old"}, {**DEFINITION, change: "new"})
    assert diff.replaces == [change]
    assert not diff.delete_before_replace


def test_every_input_of_a_server_is_a_new_process_or_reaches_no_process():
    words = {"directory", "service", "command", "environment", "ready_path"}
    assert words <= set(ModelServerArgs.model_fields) & set(_Provider.replace_on)


@pytest.fixture
def supervisor(monkeypatch):
    """What supervisord says of every program: a state, a process id, a log."""
    says = {"state": "RUNNING", "pid": os.getpid(), "lines": []}
    monkeypatch.setattr(supervisord, "state_of", lambda *_: says["state"])
    monkeypatch.setattr(supervisord, "pid_of", lambda *_: says["pid"])
    monkeypatch.setattr(supervisord, "last_lines", lambda *_: says["lines"])
    monkeypatch.setattr(server._comes_back, "__defaults__", (0.1,))
    return says


@pytest.fixture
def stranger():
    """A process that listens nowhere."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def recorded(tmp_path, server_port):
    """The outputs of a server that was made before, with its model's files."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model/MLmodel").write_text("flavors")
    return {
        "directory": str(tmp_path), "port": float(server_port), "files": str(tmp_path / "model"),
        "digest": digest_of(tmp_path / "model"), "ready_path": "/200",
    }  # fmt: skip


def is_there(props):
    return _Provider().read("iris-1", props).id == "iris-1"


@pytest.mark.parametrize("state", ["STARTING", "RUNNING", "BACKOFF"])
def test_a_refresh_finds_a_server_that_answers_on_its_own_port(recorded, supervisor, state):
    supervisor["state"] = state
    assert is_there(recorded)


@pytest.mark.parametrize("state", ["ABSENT", "STOPPED", "FATAL", "EXITED"])
def test_a_refresh_misses_a_server_that_nobody_keeps_up(recorded, supervisor, state):
    supervisor["state"] = state
    assert not is_there(recorded)


def test_a_refresh_misses_a_server_that_is_not_ready(recorded, supervisor):
    assert not is_there({**recorded, "ready_path": "/503"})


def test_a_refresh_misses_a_server_on_whose_port_another_program_answers(recorded, supervisor, stranger):
    supervisor["pid"] = stranger
    assert not is_there(recorded)


@pytest.mark.parametrize("change", ["altered", "added", "removed"])
def test_a_refresh_misses_a_server_whose_files_are_not_those_that_were_pinned(recorded, supervisor, change):
    file = Path(recorded["files"]) / ("other" if change == "added" else "MLmodel")
    file.unlink() if change == "removed" else file.write_text("evil")
    assert not is_there(recorded)


def test_ready_is_the_answer_of_the_programs_own_process(tmp_path, server_port, supervisor):
    wait_until_ready(tmp_path, "iris-1", server_port, address_of(server_port, "/200"), patience=5)


def test_another_programs_answer_is_not_ready(tmp_path, server_port, supervisor, stranger):
    supervisor.update(pid=stranger, lines=["loading", "address in use"])
    with pytest.raises(ModelberthError) as error:
        wait_until_ready(tmp_path, "iris-1", server_port, address_of(server_port, "/200"), patience=0.2)
    assert str(error.value) == "model server iris-1 is not ready after 0.2 s; it says: loading / address in use"


def test_a_program_that_ends_again_and_again_is_given_up_at_once(tmp_path, server_port, supervisor, monkeypatch):
    pids = itertools.count(4_000_000)
    monkeypatch.setattr(supervisord, "pid_of", lambda *_: next(pids))
    with pytest.raises(ModelberthError) as error:
        wait_until_ready(tmp_path, "iris-1", server_port, address_of(server_port, "/503"), patience=30)
    assert str(error.value) == "model server iris-1 ends as soon as it starts; it says: nothing"
