"""A server on loopback that answers what it is asked for, and ports that nobody has."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from modelberth.local.ports import is_free


@pytest.fixture
def server_port():
    """Port of a server in this process that answers with the status in its path."""

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


@pytest.fixture
def span():
    """Five ports in a row that are free now, away from those of real stacks."""
    for start in range(21000, 30000, 5):
        if all(is_free(port) for port in range(start, start + 5)):
            return range(start, start + 5)
    raise AssertionError("no five free ports in a row")
