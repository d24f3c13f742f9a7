"""A small client of the Kubernetes API for tests: what is refused is an exception with the server's own words."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx

from .access import Access

Manifest = dict[str, Any]

CLUSTER_ROOTS = {"v1": "/api/v1"}
SECONDS_OF_A_REQUEST = 30
SECONDS_BETWEEN_LOOKS = 0.05
ATTEMPTS = 20
"""How often a busy server is asked."""


class Refused(Exception):  # noqa: N818
    """The API server refused a request."""

    def __init__(self, status: int, message: str) -> None:
        """`status`: HTTP's; `message`: the server's own."""
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class NotServed(Exception):  # noqa: N818
    """The API server has no such kind: its CRD is not installed, or the apiVersion is another."""


class _Patient(httpx.HTTPTransport):
    """Asks again what the server was too busy for: for seconds after a definition is installed, it says 429."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(ATTEMPTS):
            answer = super().handle_request(request)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return answer
            answer.close()
            time.sleep(min(float(answer.headers.get("Retry-After", 1)), SECONDS_OF_A_REQUEST))
        return super().handle_request(request)


class Api:
    """One API server. Connections are kept open, so a dry run costs milliseconds; usable from several threads."""

    def __init__(self, access: Access) -> None:
        """Connects when the first request is sent."""
        headers = {} if access.token is None else {"Authorization": f"Bearer {access.token}"}
        # The environment's proxies have nothing to do with a server on loopback.
        self.http = httpx.Client(
            base_url=access.url,
            transport=_Patient(verify=access.context(), limits=httpx.Limits(keepalive_expiry=300), trust_env=False),
            headers=headers,
            timeout=SECONDS_OF_A_REQUEST,
            trust_env=False,
        )
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}

    def create(self, manifest: Manifest, dry_run: bool = False) -> Manifest:
        """POST with fieldValidation=Strict; gives the object as the server has completed it.

        `dry_run`: everything is checked and defaulted, nothing is kept. Raises Refused.
        """
        return self.created(manifest, dry_run).json()

    def created(self, manifest: Manifest, dry_run: bool = False) -> httpx.Response:
        """As `create`, with the whole answer: its `Warning` headers hold what Pod Security warns of."""
        path = self.path(manifest["apiVersion"], manifest["kind"], namespace_of(manifest))
        return self._send("POST", path, _options(dry_run) | {"fieldValidation": "Strict"}, manifest)

    def apply(
        self, manifest: Manifest, dry_run: bool = False, manager: str = "modelberth-tests", force: bool = True
    ) -> Manifest:
        """Server-side apply as the field manager `manager`; gives the object. Raises Refused.

        `force`: fields that another manager holds are taken over; without it they are a conflict (409).
        """
        path = self._path_of(manifest)
        query = {"fieldManager": manager, "force": str(force).lower(), "fieldValidation": "Strict"}
        kind = "application/apply-patch+yaml"  # JSON is YAML
        return self._send("PATCH", path, _options(dry_run) | query, manifest, kind).json()

    def patch(
        self, manifest: Manifest, subresource: str = "", kind: str = "application/strategic-merge-patch+json"
    ) -> Manifest:
        """Merges `manifest`, which names its object, into what is there. `subresource`: for example `status`."""
        path = "/".join(filter(None, [self._path_of(manifest), subresource]))
        return self._send("PATCH", path, {}, manifest, kind).json()

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Manifest:
        """One object. Raises Refused with status 404 where there is none."""
        return self._send("GET", f"{self.path(api_version, kind, namespace)}/{name}").json()

    def list(self, api_version: str, kind: str, namespace: str | None = None, **query: str) -> list[Manifest]:
        """All objects of a kind: of one namespace or, left out, of all. `query`: for example labelSelector="app=x"."""
        items = self._send("GET", self.path(api_version, kind, namespace), query).json()["items"]
        return [{"apiVersion": api_version, "kind": kind, **item} for item in items or []]

    def delete(self, api_version: str, kind: str, name: str, namespace: str | None = None, **options: Any) -> None:
        """Asks for an object's end and does not wait for it. `options`: of DeleteOptions, such as gracePeriodSeconds=0.

        Raises Refused with status 404 where there is none.
        """
        path = f"{self.path(api_version, kind, namespace)}/{name}"
        self._send("DELETE", path, body={"propagationPolicy": "Background", **options})

    def wait_for(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        until: Callable[[Manifest | None], bool] = lambda found: found is not None,
        seconds: float = 30,
    ) -> Manifest | None:
        """The object as soon as `until` holds for it; `until` is handed None while there is no such object.

        Raises TimeoutError with the object's last status after `seconds`.
        """
        look = partial(self.found, api_version, kind, name, namespace)
        end = time.monotonic() + seconds
        while not until(last := look()):
            if time.monotonic() > end:
                state = "is not there" if last is None else f"has status {last.get('status')}"
                raise TimeoutError(f"{kind} {name} is not as wanted after {seconds:.0f} s: it {state}")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return last

    def found(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Manifest | None:
        """The object, or None where there is none."""
        try:
            return self.get(api_version, kind, name, namespace)
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return None

    def path(self, api_version: str, kind: str, namespace: str | None = None) -> str:
        """Path of a kind's objects. A namespace is left out where the kind has none. Raises NotServed."""
        plural, namespaced = self._served(api_version, kind)
        place = f"/namespaces/{namespace}" if namespaced and namespace is not None else ""
        return f"{_root(api_version)}{place}/{plural}"

    def has_namespaces(self, api_version: str, kind: str) -> bool:
        """Whether objects of the kind lie in namespaces. Raises NotServed."""
        return self._served(api_version, kind)[1]

    def close(self) -> None:
        """Closes the connections."""
        self.http.close()

    def _path_of(self, manifest: Manifest) -> str:
        place = self.path(manifest["apiVersion"], manifest["kind"], namespace_of(manifest))
        return f"{place}/{manifest['metadata']['name']}"

    def _served(self, api_version: str, kind: str) -> tuple[str, bool]:
        if kind not in self._kinds.get(api_version, {}):
            self._kinds[api_version] = self._discover(api_version)
        if kind not in self._kinds[api_version]:
            have = ", ".join(sorted(self._kinds[api_version])) or "nothing: is its CRD installed?"
            raise NotServed(f"the API server does not serve {kind} of {api_version}; of that it serves {have}")
        return self._kinds[api_version][kind]

    def _discover(self, api_version: str) -> dict[str, tuple[str, bool]]:
        try:
            answer = self._send("GET", _root(api_version)).json()
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return {}
        return {
            item["kind"]: (item["name"], item["namespaced"])
            for item in answer["resources"]
            if "/" not in item["name"]  # those are subresources
        }

    def _send(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Manifest | None = None,
        kind: str = "application/json",
    ) -> httpx.Response:
        headers = {} if body is None else {"Content-Type": kind}
        answer = self.http.request(method, path, params=query, json=body, headers=headers)
        if answer.is_error:
            raise Refused(answer.status_code, _message(answer))
        return answer


def namespace_of(manifest: Manifest) -> str:
    """The namespace that a manifest names; `default` where it names none, as with kubectl."""
    return manifest.get("metadata", {}).get("namespace", "default")


def _root(api_version: str) -> str:
    return CLUSTER_ROOTS.get(api_version, f"/apis/{api_version}")


def _options(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _message(answer: httpx.Response) -> str:
    try:
        return answer.json()["message"]
    except (ValueError, KeyError, TypeError):
        return answer.text.strip()
