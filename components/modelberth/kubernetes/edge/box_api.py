"""The API server of a box, asked by a pod on it: server-side apply over HTTPS with the standard library only.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod has its token, the certificate of the API server's authority, and the name of its namespace."""
SECONDS = 30
MANAGER = "modelberth-edge"

PATHS = {
    ("v1", "ConfigMap"): "configmaps",
    ("v1", "PersistentVolumeClaim"): "persistentvolumeclaims",
    ("v1", "Service"): "services",
    ("v1", "ServiceAccount"): "serviceaccounts",
    ("apps/v1", "Deployment"): "deployments",
    ("networking.k8s.io/v1", "NetworkPolicy"): "networkpolicies",
}
"""Kinds that a bundle may have, and their resource: what the role of the updater allows, and no more."""

Manifest = dict[str, Any]


class ApiError(Exception):
    """The API server refused something, or did not answer."""


@dataclass(frozen=True)
class BoxApi:
    """One namespace of one API server."""

    url: str
    namespace: str
    token: Path
    """Read anew for each request: the kubelet renews it."""
    authority: Path
    """Certificate (PEM) that the server's was signed with."""

    def apply(self, manifest: Manifest) -> None:
        """Makes an object what its manifest says, whatever it was before. Raises `ApiError`."""
        query = f"?fieldManager={MANAGER}&force=true&fieldValidation=Strict"
        self._ask("PATCH", self._path(manifest) + query, manifest, "application/apply-patch+yaml")

    def read(self, manifest: Manifest) -> Manifest | None:
        """An object as it is; of the manifest, kind and name are looked at. None: there is none."""
        return self._ask("GET", self._path(manifest))

    def delete(self, manifest: Manifest) -> None:
        """Removes an object, with what was made for it. One that is gone already is fine."""
        self._ask("DELETE", self._path(manifest), {"propagationPolicy": "Background"})

    def _path(self, manifest: Manifest) -> str:
        version, name = manifest["apiVersion"], manifest["metadata"]["name"]
        root = "api" if "/" not in version else "apis"
        return f"/{root}/{version}/namespaces/{self.namespace}/{PATHS[version, manifest['kind']]}/{name}"

    def _ask(
        self, method: str, path: str, body: Manifest | None = None, kind: str = "application/json"
    ) -> Manifest | None:
        headers = {"Authorization": f"Bearer {self.token.read_text().strip()}", "Content-Type": kind}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - always https
        try:
            trusted = ssl.create_default_context(cafile=str(self.authority))
            with urllib.request.urlopen(asked, timeout=SECONDS, context=trusted) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404 and method in ("GET", "DELETE"):
                return None
            raise ApiError(f"{method} {path}: {error.code}: {_message(error)}") from None
        except OSError as error:
            raise ApiError(f"{method} {path}: {error}") from None


def _message(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error).get("message", error.reason))
    except ValueError:
        return str(error.reason)
