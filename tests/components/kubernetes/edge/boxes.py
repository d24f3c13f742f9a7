"""A box for tests: a namespace of a real API server, entered as the updater's own service account; and a web server."""

import functools
import http.server
import json
import threading
from contextlib import contextmanager
from pathlib import Path

from components.kubernetes.edge.samples import FOUNDATION, IMAGE, IN_IMAGE, objects
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from modelberth.kubernetes.edge.bundle import bundle_of, write
from modelberth.kubernetes.edge.published import sign
from modelberth.kubernetes.edge.updater import EdgeUpdaterArgs, updater_objects

PRIVATE = Ed25519PrivateKey.generate()
PRIVATE_PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC_PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
UPDATER = {
    "foundation": {**FOUNDATION, "cluster": {**FOUNDATION["cluster"], "api_server": {"cidr": "10.43.0.1/32"}}},
    "image": IMAGE.replace("serving", "updater"),
    "source": "https://updates.example.com/shop-12",
    "reached": [{"cidr": "203.0.113.0/24"}],
    "key": PUBLIC_PEM.decode(),
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and writes nothing."""

    def log_message(self, *told):
        pass


@contextmanager
def served(folder: Path):
    """The address of a folder on the loopback."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def publish(folder: Path, namespace: str, version: str, sequence: int, *, fails: bool = False, extra=()):
    """Publishes a version of a model for a box, signed; gives its digest. `fails`: its pod does not come up."""
    foundation = {**IN_IMAGE["foundation"], "namespace": namespace}
    model = {"uri": f"models:/ranker/{version}", "digest": f"sha256:{version[2] * 64}"}
    made = objects({**IN_IMAGE, "foundation": foundation, "model": model})
    if fails:
        template = made["ranker"]["spec"]["template"]
        template["metadata"]["annotations"] = {"test.modelberth.dev/fail": "ErrImageNeverPull"}
    bundle = bundle_of([*made.values(), *extra])
    write(bundle, folder)
    sign(folder / "current.json", PRIVATE_PEM, sequence)
    return bundle.digest


class Box:
    """One namespace, and the updater's rights in it: its own Role, and a token of its own service account."""

    def __init__(self, api, cluster, namespace, folder: Path) -> None:
        self.api = api
        self.namespace = namespace
        self.url = cluster.url
        self.account = folder
        foundation = {**UPDATER["foundation"], "namespace": namespace}
        made = updater_objects(EdgeUpdaterArgs.parse({**UPDATER, "foundation": foundation}), "updates")
        for each in made.values():
            if each["kind"] != "CronJob":
                api.create(each)
        folder.mkdir()
        (folder / "namespace").write_text(namespace)
        (folder / "token").write_text(self._token())
        (folder / "ca.crt").write_text(cluster.access.authority)
        (folder / "key.pem").write_bytes(PUBLIC_PEM)

    def _token(self) -> str:
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/updates/token"
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
        answer = self.api.http.request("POST", path, json=asked)
        answer.raise_for_status()
        return answer.json()["status"]["token"]

    def command(self, source: str, seconds: float = 15) -> list[str]:
        """The arguments of the program, as the CronJob gives them, with where this box is."""
        return [
            "--from", source, "--state", "updates-state", "--ready-seconds", str(seconds),
            "--key", str(self.account / "key.pem"), "--account", str(self.account), "--api-server", self.url,
        ]  # fmt: skip

    def serving(self) -> str | None:
        """The version that answers now. None: none does."""
        found = self.api.found("apps/v1", "Deployment", "ranker", self.namespace)
        if found is None or found.get("status", {}).get("readyReplicas") != 1:
            return None
        return found["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/version"]

    def state(self) -> dict:
        """What the updater wrote down."""
        found = self.api.found("v1", "ConfigMap", "updates-state", self.namespace)
        return {} if found is None else {name: json.loads(text) for name, text in found["data"].items()}
