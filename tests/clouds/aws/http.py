"""The services' HTTP side on loopback, for boto3 with AWS_ENDPOINT_URL.

`python -m clouds.aws.http FOLDER` serves a folder's cloud and prints its URL.
"""

import json
import sys
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from .answers import CHANGES, answer
from .rules import RefusedError
from .store import Store

JSON, XML = "application/x-amz-json-1.1", "text/xml"
VERSIONS = {"2011-06-15": "sts", "2016-11-15": "ec2"}
"""What a query calls its service."""
SERVICES = {"SageMaker": "sagemaker", "GraniteServiceVersion20100801": "cloudwatch"}


class Handler(BaseHTTPRequestHandler):
    """One call: JSON, or a query with an answer in XML (STS, EC2). That is what boto3 1.44 sends, to CloudWatch too."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one call of one service."""
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = self.headers.get("X-Amz-Target", "").split(".")
        if len(target) == 2:
            self._answer(JSON, SERVICES.get(target[0], target[0]), target[1], json.loads(content))
        else:
            asked = dict(urllib.parse.parse_qsl(content.decode()))
            service = VERSIONS.get(asked.get("Version", ""), "")
            self._answer(XML, service, asked.get("Action", ""), asked)

    def _store(self) -> Store:
        assert isinstance(self.server, Server)
        return self.server.store

    def _answer(self, form: str, service: str, action: str, asked: Mapping[str, Any]) -> None:
        try:
            self._send(200, form, _written(form, service, action, self._done(service, action, asked)))
        except RefusedError as refusal:
            code, _, message = str(refusal).partition(": ")
            self._send(400, form, _fault(form, service, code, message))

    def _done(self, service: str, action: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if (service, action) not in CHANGES:
            return answer(service, action, asked, self._store().read())
        with self._store().change() as cloud:
            return answer(service, action, asked, cloud)

    def _send(self, status: int, form: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", form)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: a test's output is its own."""


def _written(form: str, service: str, action: str, content: Mapping[str, Any]) -> bytes:
    if form == JSON:
        return json.dumps(content).encode()
    if service == "ec2":
        return f"<{action}Response>{_xml(content)}</{action}Response>".encode()
    result = f"<{action}Result>{_xml(content)}</{action}Result>"
    return f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{result}</{action}Response>'.encode()


def _fault(form: str, service: str, code: str, message: str) -> bytes:
    if form == XML:
        error = _xml({"Error": {"Type": "Sender", "Code": code, "Message": message}})
        if service == "ec2":
            return f"<Response><Errors>{error}</Errors></Response>".encode()
        return f"<ErrorResponse>{error}</ErrorResponse>".encode()
    return _written(form, service, "", {"__type": code, "message": message})


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(one)}</{name}>" for name, one in value.items())
    if isinstance(value, list):
        return "".join(f"<item>{_xml(one)}</item>" for one in value)
    return escape(str(value))


class Server(ThreadingHTTPServer):
    """Serves one cloud on a free port of loopback."""

    daemon_threads = True

    def __init__(self, store: Store) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.store = store

    @property
    def url(self) -> str:
        """What AWS_ENDPOINT_URL must say."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(store: Store) -> Iterator[str]:
    """The URL of a server that runs in a thread of this process while the block does."""
    with Server(store) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def main() -> None:
    """Serve the cloud in a folder until this process is ended."""
    with Server(Store(Path(sys.argv[1]))) as server:
        print(server.url, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
