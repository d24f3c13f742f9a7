"""The CLI as the tools run it: its words pass, its failure is the tool's own."""

import os

import pytest
from command import pulumi


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """A program named `pulumi` with this text."""

    def write(text):
        (tmp_path / "pulumi").write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "pulumi").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return write


def test_what_it_says_is_handed_back_or_passed_through(engine, capfd):
    engine('echo "$@"')
    assert pulumi("stack", "ls", capture=True) == "stack ls\n"
    assert capfd.readouterr().out == ""
    assert pulumi("up", "--yes") == ""
    assert capfd.readouterr().out == "up --yes\n"


def test_a_failure_ends_the_tool_with_the_same_code(engine):
    engine("echo why >&2; exit 7")
    with pytest.raises(SystemExit) as error:
        pulumi("up")
    assert error.value.code == 7


def test_a_captured_failure_is_said(engine):
    engine("echo out; echo why >&2; exit 7")
    with pytest.raises(SystemExit) as error:
        pulumi("up", capture=True)
    assert error.value.code == "why\nout"
