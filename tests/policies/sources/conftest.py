"""A project in a folder of its own; what its program started ends with the test."""

import os
import signal
import sys
import textwrap
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent)]

HEAD = "import pulumi\nfrom pulumi import CustomResource, Output, ResourceOptions\n"


def alive(pid):
    """True for a process that still runs; one that waits to be reaped by its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def started(root):
    file = root / "pids"
    return [int(pid) for pid in file.read_text().split()] if file.is_file() else []


@pytest.fixture
def project(tmp_path):
    """Writes a project: the program, and further files by name."""

    def write(program, files=None, settings="name: p\nruntime: python\n"):
        contents = {"Pulumi.yaml": settings, "__main__.py": HEAD + textwrap.dedent(program), **(files or {})}
        for name, text in contents.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(textwrap.dedent(text))
        return tmp_path

    yield write
    for pid in started(tmp_path):
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def left_running(tmp_path):
    """The processes, of those whose ids the program wrote to `pids`, that still run."""

    def read():
        pids = started(tmp_path)
        assert pids, "the program started nothing, so nothing was tested"
        return [pid for pid in pids if alive(pid)]

    return read
