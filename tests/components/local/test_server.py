"""A model server's name and its readiness: the same definition is the same program; only a 200 is ready."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from modelberth.local.processes import answers
from modelberth.local.server import ModelServerArgs, _Provider, address_of, program_name

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
def server_port():
    """A server on loopback that answers with the status in its path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(int(self.path[1:]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("status", "ready"), [(200, True), (204, False), (404, False), (503, False)])
def test_only_200_is_ready(server_port, status, ready):
    assert answers(address_of(server_port, f"/{status}")) is ready


def test_a_port_where_nobody_listens_is_not_ready():
    from modelberth.local.ports import is_free

    port = next(port for port in range(21000, 30000) if is_free(port))
    assert not answers(address_of(port, "/"))
