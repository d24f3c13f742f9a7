"""A client that speaks to the gateway's socket byte by byte, so that a test can send what no library would."""

import hashlib
import json
import socket
import ssl
from dataclasses import dataclass

KEY = "web-key-0123456789abcdef"
OTHER_KEY = "batch-key-0123456789abcdef"
OLD, NEW = "1.4.0", "1.5.0-rc.1"


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)


class Wire:
    """One TLS connection that is kept open."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        plain = socket.create_connection(("127.0.0.1", port), timeout=10)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = context.wrap_socket(plain, server_hostname="localhost")
        self.buffer = b""

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, request: bytes) -> Answer:
        self.sock.sendall(request)
        return self.receive()

    def receive(self) -> Answer:
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        while len(self.buffer) < length:
            self._more()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(int(first.split()[1]), headers, body)

    def _more(self) -> None:
        got = self.sock.recv(65536)
        if not got:
            raise ConnectionError("the gateway closed the connection")
        self.buffer += got


def request(
    path: str = "/predict", *lines: str, method: str = "POST", key: str | None = KEY, body: bytes | None = b"{}"
) -> bytes:
    """A request as it goes over the wire. `body` None: the caller writes the length itself."""
    head = [f"{method} {path} HTTP/1.1", "host: localhost", *lines]
    head += [f"x-api-key: {key}"] if key is not None else []
    head += [f"content-length: {len(body)}"] if body is not None else []
    return "\r\n".join([*head, "", ""]).encode("latin-1") + (body or b"")
