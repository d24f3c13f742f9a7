"""A real supervisord in a directory with spaces in its path: it keeps a program up, and its end leaves nothing."""

import stat
import sys
import time

import psutil
import pytest

from modelberth.core.errors import ModelberthError
from modelberth.local import supervisord
from modelberth.local.ports import is_free
from modelberth.local.processes import answers, marked

SERVE = (
    "import http.server, os, sys; print(os.environ['WORD'], flush=True); "
    "handler = type('H', (http.server.BaseHTTPRequestHandler,), {'log_message': lambda *_: None, "
    "'do_GET': lambda self: "
    "(self.send_response(200), self.send_header('Content-Length', '0'), self.end_headers())}); "
    "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), handler).serve_forever()"
)


@pytest.fixture
def directory(tmp_path):
    """A directory with spaces in its path; whatever runs for it ends with the test."""
    place = tmp_path / "my own pl\u00e4ce"
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        supervisord.stop(place)
        assert list(marked(place)) == []


@pytest.fixture
def port():
    return next(port for port in range(25000, 30000) if is_free(port))


def eventually(true, patience=20):
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def serve(directory, port):
    ready = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-c", SERVE, str(port)]
    supervisord.run_program(directory, "iris-1", command, {"WORD": "100% \u00fc, good"}, ready)
    eventually(lambda: answers(ready))


def test_a_program_is_kept_up_and_forgotten(directory, port):
    first = supervisord.start(directory)
    assert supervisord.start(directory) == first
    serve(directory, port)
    assert supervisord.names(directory, "iris-") == ["iris-1"]
    assert supervisord.last_lines(directory, "iris-1", 1) == ["100% \u00fc, good"]
    killed = supervisord.pid_of(directory, "iris-1")
    psutil.Process(killed).kill()
    eventually(lambda: supervisord.pid_of(directory, "iris-1") not in (0, killed))
    supervisord.remove_program(directory, "iris-1")
    assert (supervisord.state_of(directory, "iris-1"), supervisord.names(directory)) == ("ABSENT", [])


def test_a_replaced_supervisor_finds_its_programs_again(directory, port):
    killed = supervisord.start(directory)
    serve(directory, port)
    psutil.Process(killed).kill()
    eventually(lambda: supervisord.supervisor_pid(directory) is None)
    assert supervisord.start(directory) != killed
    assert answers(f"http://127.0.0.1:{port}/")
    assert supervisord.state_of(directory, "iris-1") in ("STARTING", "RUNNING")


def test_its_files_are_for_this_user_only_and_no_draft_is_left(directory, port):
    supervisord.start(directory)
    serve(directory, port)
    files = [directory / name for name in ("supervisord.conf", "programs/iris-1.ini", "logs/iris-1.log")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert sorted(path.name for path in (directory / "programs").iterdir()) == ["iris-1.ini"]


def test_without_a_supervisor_nothing_is_started_and_what_to_do_is_said(directory):
    with pytest.raises(ModelberthError) as error:
        supervisord.run_program(directory, "iris-1", [sys.executable], {}, "http://127.0.0.1:1/")
    assert str(error.value) == (
        f"iris-1: no supervisor answers in {directory}; run `pulumi up --refresh`, which starts it"
    )
    assert list(directory.iterdir()) == []
