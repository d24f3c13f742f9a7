"""What surrounds every request: its id, its log line, its count, and an answer when something raises."""

import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from modelberth.serving.app import Serving
from modelberth.serving.refusal import Refusal, error_body, refusal_for

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_SANE_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_PATHS = frozenset({"/predict", "/healthz", "/readyz", "/metrics"})
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS = frozenset({"GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"})
# After these the body, or the rest of it, is not read: the connection cannot be used again.
_CLOSING = frozenset({408, 413})


@dataclass
class _Answer:
    status: int = 0


class Edge:
    """An ASGI application around another."""

    def __init__(self, app: App, serving: Serving, log: Any) -> None:
        self._app = app
        self._serving = serving
        self._log = log
        self._version = serving.settings.version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; what is no HTTP request is refused by not being answered."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        path = scope["path"] if scope["path"] in _PATHS else "other"
        request_id = _request_id(scope)
        answer = _Answer()
        predicting = path == "/predict"
        self._serving.in_flight += predicting
        try:
            await self._answer(scope, receive, self._stamped(send, request_id, answer), answer)
        finally:
            self._serving.in_flight -= predicting
            self._record(scope, path, request_id, answer.status, time.perf_counter() - started)

    def _stamped(self, send: Send, request_id: bytes, answer: _Answer) -> Send:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                headers = [*message["headers"], (b"x-request-id", request_id)]
                if self._serving.draining or answer.status in _CLOSING:
                    headers.append((b"connection", b"close"))
                message["headers"] = headers
            await send(message)

        return stamped

    async def _answer(self, scope: Scope, receive: Receive, send: Send, answer: _Answer) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as fault:
            scope["modelberth.fault"] = type(fault).__name__
            if answer.status:  # the answer is under way: all that is left is to close the connection
                raise
            await _respond(send, refusal_for(fault))

    def _record(self, scope: Scope, path: str, request_id: bytes, status: int, seconds: float) -> None:
        rows = scope.get("modelberth.rows", 0)
        self._serving.metrics.answered(path, status, seconds, rows)
        if path in _PROBES and status in (200, 503):
            return  # asked every second or so; the metrics count them
        if fault := scope.get("modelberth.fault"):
            self._log.error("request_failed", request_id=request_id.decode(), exception=fault)
        self._log.info(
            "request",
            request_id=request_id.decode(),
            method=scope["method"] if scope["method"] in _METHODS else "other",
            path=path,
            status=status,
            ms=round(seconds * 1000, 3),
            rows=rows,
            model_version=self._version,
        )


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return value
    return secrets.token_hex(16).encode()


async def _respond(send: Send, refusal: Refusal) -> None:
    body = error_body(refusal.code, refusal.message)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
