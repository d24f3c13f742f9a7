"""The command loads what it was asked for, and tells its user's faults in one line."""

import subprocess
import sys

import pytest

from modelberth.cli import main
from modelberth.cli.errors import CommandError
from modelberth.core.errors import ModelberthError


def test_a_check_does_not_wait_for_the_sdk():
    code = "import sys; from modelberth.cli.main import commands; commands(['check']); print('pulumi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main.main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(f"\n    {name} " in said for name in main.NAMES)


def test_an_unknown_command_gets_the_known_ones(capsys):
    with pytest.raises(SystemExit) as ended:
        main.main(["chekc"])
    assert ended.value.code == 2
    assert "'check', 'explain', 'pin', 'prices', 'rollout', 'schema'" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [CommandError, ModelberthError])
def test_a_fault_is_one_line_and_exit_2(capsys, monkeypatch, kind):
    def run(_):
        raise kind("write it so")

    monkeypatch.setattr("modelberth.cli.prices.run", run)
    with pytest.raises(SystemExit) as ended:
        main.main(["prices"])
    assert (ended.value.code, capsys.readouterr().err) == (2, "modelberth: write it so\n")


def test_a_fault_of_our_own_is_not_hidden(monkeypatch):
    def run(_):
        raise KeyError("ours")

    monkeypatch.setattr("modelberth.cli.prices.run", run)
    with pytest.raises(KeyError):
        main.main(["prices"])
