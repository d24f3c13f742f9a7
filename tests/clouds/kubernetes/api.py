"""The few requests that the provider makes of an API server."""

import json
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import urllib3

from clouds.wire import RefusedError, Values

from .kubeconfig import Cluster

CONNECT_SECONDS = 2.0
"""How long an address may take to answer before the cluster counts as unreachable."""
ANSWER_SECONDS = 60.0
CONNECTIONS = 32
APPLY = "application/apply-patch+yaml"
JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"


class ApiError(RefusedError):
    """The API server's own refusal."""

    def __init__(self, status: int, answer: Values) -> None:
        super().__init__(answer.get("message") or f"the API server answered {status}")
        self.status = status
        details = answer.get("details") or {}
        self.causes = [(one.get("field", ""), one.get("message", "")) for one in details.get("causes") or []]
        """What is wrong with which field, where the server says it that finely."""

        self.reason = answer.get("reason", "")


class UnreachableError(RefusedError):
    """Nobody answered at the cluster's address."""


@dataclass(frozen=True)
class Kind:
    """How the API server calls the objects of a kind."""

    root: str
    """`/api/v1` or `/apis/<group>/<version>`."""

    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str | None = None) -> str:
        """Of one object, or of all in a namespace."""
        within = f"/namespaces/{quote(namespace)}" if self.namespaced and namespace else ""
        return f"{self.root}{within}/{self.plural}" + (f"/{quote(name)}" if name else "")


class Api:
    """One cluster. Safe to use from several threads."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
        tls: dict[str, Any] = {"ssl_context": cluster.tls} if cluster.tls is not None else {}
        self._pool = urllib3.PoolManager(maxsize=CONNECTIONS, timeout=timeout, retries=False, **tls)
        self._kinds: dict[tuple[str, str], Kind] = {}
        self._lock = threading.Lock()

    def call(self, method: str, path: str, body: Any = None, content: str = JSON, **query: Any) -> Values:
        """One request. Raises ApiError, UnreachableError."""
        headers = {**self.cluster.headers, "Accept": JSON, "Content-Type": content}
        fields = "&".join(f"{name}={quote(str(value))}" for name, value in query.items() if value is not None)
        url = f"{self.cluster.server}{path}" + (f"?{fields}" if fields else "")
        data = None if body is None else json.dumps(body)
        try:
            answer = self._pool.request(method, url, body=data, headers=headers)
        except urllib3.exceptions.HTTPError as fault:
            raise UnreachableError(f"{self.cluster.server}: {_why(fault)}") from None
        found = _parsed(answer.data)
        if answer.status >= 400:
            raise ApiError(answer.status, found)
        return found

    def kind(self, api_version: str, kind: str) -> Kind | None:
        """How objects of a kind are called; None where the server knows no such kind (yet)."""
        with self._lock:
            if (api_version, kind) not in self._kinds:
                self._kinds.update(self._discovered(api_version))
            return self._kinds.get((api_version, kind))

    def _discovered(self, api_version: str) -> dict[tuple[str, str], Kind]:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            found = self.call("GET", root)
        except ApiError as fault:
            if fault.status == 404:
                return {}
            raise
        own = [one for one in found["resources"] if "/" not in one["name"]]
        return {(api_version, one["kind"]): Kind(root, one["name"], one["namespaced"]) for one in own}

    def version(self) -> str:
        """The server's version: what shows that it is there."""
        return self.call("GET", "/version")["gitVersion"]


def _parsed(data: bytes) -> Values:
    try:
        found = json.loads(data) if data else {}
    except json.JSONDecodeError:
        return {"message": data.decode(errors="replace")[:500]}
    return found if isinstance(found, dict) else {"message": str(found)}


def _why(fault: Exception) -> str:
    """The last sentence of urllib3's nested messages."""
    return str(fault).rpartition(": ")[2] or type(fault).__name__
