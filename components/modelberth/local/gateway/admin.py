"""Envoy's admin interface, on a unix socket: what it took, what it refused, what it serves."""

import http.client
import json
import socket
from pathlib import Path
from typing import Any

from modelberth.core.errors import ModelberthError
from modelberth.local.gateway.discovery import Json
from modelberth.local.gateway.files import admin_socket_in

TIMEOUT = 5.0


class NotRunningError(ModelberthError):
    """No gateway answers on the admin socket."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def ask(directory: Path, path: str) -> str:
    """The answer of the admin interface to GET. Raises `NotRunningError` where there is none."""
    admin_socket = admin_socket_in(directory)
    if admin_socket is None:
        raise NotRunningError(f"{directory}: no gateway was set up here; run `pulumi up`")
    connection = _UnixConnection(admin_socket)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException) as error:
        raise NotRunningError(
            f"{directory}: the gateway does not answer ({error}); run `pulumi up --refresh`"
        ) from None
    finally:
        connection.close()


def ask_json(directory: Path, path: str) -> Json:
    """The answer as JSON."""
    return json.loads(ask(directory, path))


def stats(directory: Path) -> dict[str, Any]:
    """Counters, gauges and texts by name."""
    lines = (line.partition(": ") for line in ask(directory, "/stats").splitlines())
    return {name: value.strip('"') for name, _, value in lines}


def hosts(directory: Path) -> dict[str, Json]:
    """Version to its server as Envoy sees it: address and health."""
    found = ask_json(directory, "/clusters?format=json").get("cluster_statuses", [])
    return {status["name"]: status["host_statuses"][0] for status in found if status.get("host_statuses")}
