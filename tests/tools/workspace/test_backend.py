"""The backend of a checkout: made once and whole, used by one `make` at a time, freed of dead locks only."""

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import backend
import psutil
import pytest

BEGAN = datetime.fromtimestamp(psutil.Process().create_time()).astimezone()
LATER, EARLIER = (BEGAN + timedelta(hours=1)).isoformat(), (BEGAN - timedelta(hours=1)).isoformat()


@pytest.fixture
def cli(monkeypatch):
    """What the CLI was asked; it answers with the text in `said`."""

    class Cli:
        def __init__(self):
            self.calls, self.said = [], ""

        def __call__(self, *arguments, capture=False):
            self.calls.append(arguments)
            return self.said

    found = Cli()
    monkeypatch.setattr(backend, "pulumi", found)
    return found


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An own backend's folder, not made yet."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'home' / 'state'}")
    return tmp_path / "home"


@pytest.fixture(scope="session")
def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(timeout=30)
    return process.pid


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_it_makes_what_is_not_there_for_this_user_only(home, cli):
    backend.prepare("dev", home)
    assert (mode(home), mode(home / "passphrase")) == (0o700, 0o600)
    assert len((home / "passphrase").read_text()) >= 43  # 256 random bits
    assert sorted(path.name for path in home.iterdir()) == ["passphrase", "state"]
    assert cli.calls == [("stack", "select", "--create", "dev")]


def test_it_makes_the_passphrase_once(home, cli):
    backend.prepare("dev", home)
    first = (home / "passphrase").read_text()
    backend.prepare("dev", home)
    assert (home / "passphrase").read_text() == first


def test_it_makes_the_stack_once(home, cli):
    made = home / "state/.pulumi/stacks/modelberth/dev.json"
    made.parent.mkdir(parents=True)
    made.write_text("{}")
    backend.prepare("dev", home)
    assert cli.calls == []


def test_a_passphrase_that_was_made_meanwhile_is_kept(home, monkeypatch):
    home.mkdir()
    file, real = home / "passphrase", backend.secrets.token_urlsafe

    def late(count):
        file.write_text("of another make")
        return real(count)

    monkeypatch.setattr(backend.secrets, "token_urlsafe", late)
    backend._make_passphrase(file)
    assert file.read_text() == "of another make"
    assert list(home.iterdir()) == [file]


def test_an_end_in_the_middle_leaves_no_part_of_a_passphrase(home, monkeypatch):
    home.mkdir()

    def killed(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(backend.Path, "hardlink_to", killed)
    with pytest.raises(KeyboardInterrupt):
        backend._make_passphrase(home / "passphrase")
    assert not (home / "passphrase").exists()


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("file:///srv/state", Path("/srv/state/.pulumi")),
        ("file://~", None),
        ("file://./state", None),
        ("s3://bucket", None),
        ("https://api.pulumi.com", None),
        ("", None),
    ],
)
def test_the_own_state_is_a_folder_with_an_absolute_path(monkeypatch, address, folder):
    monkeypatch.setenv("PULUMI_BACKEND_URL", address)
    assert backend.own_state() == folder


def test_without_an_address_there_is_no_own_state(monkeypatch):
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    assert backend.own_state() is None
    assert backend.dead_locks("dev") == []


def test_another_backend_is_asked_through_the_cli(monkeypatch, cli):
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")
    cli.said = json.dumps([{"name": "dev", "current": True}])
    assert [backend.exists(stack) for stack in ("dev", "prod")] == [True, False]
    assert cli.calls == [("stack", "ls", "--json")] * 2


LOCKS = {
    "a dead process": ({"pid": "dead"}, True),
    "a dead process of another machine": ({"pid": "dead", "hostname": "elsewhere"}, False),
    "a process that lives": ({}, False),
    "a process that lives, on another machine": ({"hostname": "elsewhere", "timestamp": EARLIER}, False),
    "a number that another process has by now": ({"timestamp": EARLIER}, True),
    "a number in a text": ({"pid": str(os.getpid())}, False),
    "the engine's nanoseconds": ({"timestamp": LATER[:19] + ".123456789" + LATER[-6:]}, False),
    "no number": ({"pid": None}, False),
    "no time": ({"timestamp": None}, False),
}


def lock_in(home, content, stack="dev"):
    folder = home / "state/.pulumi/locks/organization/modelberth" / stack
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{len(list(folder.iterdir()))}.json"
    file.write_text(content)
    return file


@pytest.mark.parametrize(("holder", "dead"), LOCKS.values(), ids=LOCKS)
def test_a_lock_is_dead_when_its_holder_is_surely_gone(home, dead_pid, holder, dead):
    whole = {"pid": os.getpid(), "hostname": socket.gethostname(), "username": "u", "timestamp": LATER, **holder}
    whole["pid"] = dead_pid if whole["pid"] == "dead" else whole["pid"]
    content = {name: value for name, value in whole.items() if value is not None}
    lock = lock_in(home, json.dumps(content))
    assert backend.dead_locks("dev") == ([lock] if dead else [])


@pytest.mark.parametrize("content", ["", "{", '{"pid": 1', "{}"])
def test_a_lock_that_cannot_be_read_is_left_alone(home, content):
    lock_in(home, content)
    assert backend.dead_locks("dev") == []


def test_locks_of_other_stacks_are_left_alone(home, dead_pid):
    content = json.dumps({"pid": dead_pid, "hostname": socket.gethostname(), "timestamp": EARLIER})
    mine, _ = lock_in(home, content), lock_in(home, content, "prod")
    alive = lock_in(home, json.dumps({"pid": os.getpid(), "hostname": socket.gethostname(), "timestamp": LATER}))
    assert backend.dead_locks("dev") == [mine]
    assert alive.exists()


def test_a_second_make_waits_for_the_first_and_says_so(tmp_path, capsys):
    home, order = tmp_path / "home", []

    def second():
        with backend.exclusive(home):
            order.append("second")

    waiting = threading.Thread(target=second)
    with backend.exclusive(home):
        waiting.start()
        waiting.join(timeout=0.3)
        order.append("first")
    waiting.join(timeout=10)
    assert order == ["first", "second"]
    assert capsys.readouterr().out == "waiting for another make in this checkout\n"


def test_a_make_that_failed_lets_the_next_one_in_without_a_word(tmp_path, capsys):
    with pytest.raises(ZeroDivisionError), backend.exclusive(tmp_path):
        raise ZeroDivisionError
    with backend.exclusive(tmp_path):
        assert capsys.readouterr().out == ""
