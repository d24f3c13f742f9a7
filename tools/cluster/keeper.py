"""The process that owns a control plane: starts it, revives its API server, and ends it when nobody uses it any more.

`python -m cluster.keeper FOLDER BINARIES`, started by control_plane.py. Whoever uses the control plane holds a shared
lock on the file `users` in FOLDER; the kernel drops it however that process ends.
"""

import fcntl
import json
import secrets
import shutil
import signal
import sys
import time
from pathlib import Path

import httpx

from . import access, certificates
from .api import Api, Manifest
from .node import NODES
from .servers import ORDER, Files, Ports, Server, ServerError, free_ports

SECONDS_TO_START = 120
"""For one program on a machine that is busy with other things."""

SECONDS_BETWEEN_LOOKS = 0.1
QUICK_DEATHS = 3
"""An API server that has died this often before it was ready is not started again."""


class Plane:
    """The running programs of one control plane."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        """Writes keys, tokens and kubeconfig into `folder`; starts nothing yet."""
        made = certificates.make(folder)
        self.folder = folder
        self.ports: Ports = free_ports()
        self.token = secrets.token_hex(16)
        self.files = Files(binaries, folder, made, folder / "tokens.csv", folder / "kubeconfig")
        self.servers: dict[str, Server] = {}
        self.files.tokens.touch(mode=0o600)
        self.files.tokens.write_text(f'{self.token},tests,tests,"system:masters"\n')
        access.write(self.files.kubeconfig, self.url, made.authority, self.token)
        self.api = Api(access.read(self.files.kubeconfig))

    @property
    def url(self) -> str:
        """Address of the API server."""
        return f"https://{certificates.ADDRESS}:{self.ports.api}"

    def start(self) -> None:
        """Starts everything and returns once pods can be made and scheduled. Raises ServerError."""
        shutil.rmtree(self.folder / "etcd", ignore_errors=True)  # of a keeper that was killed
        for name in ORDER:
            self._start(name)
            if name == "kube-apiserver":
                self.servers[name].wait(self._is_ready, SECONDS_TO_START)
        self.servers["kube-controller-manager"].wait(self._has_account, SECONDS_TO_START)
        self.servers["node"].wait(self._has_nodes, SECONDS_TO_START)

    def look(self) -> None:
        """Starts an API server that was killed once more. Raises ServerError where anything else has ended."""
        for name, server in self.servers.items():
            if name != "kube-apiserver":
                server.refuse_ended()
        if self.servers["kube-apiserver"].process.poll() is not None:
            self._revive()

    def write_state(self) -> None:
        """Writes `cluster.json`, whole or not at all: address and process ids."""
        state: Manifest = {
            "url": self.url,
            "token": self.token,
            "pids": {name: server.process.pid for name, server in self.servers.items()},
        }
        fresh = self.folder / "cluster.json.new"
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(state))
        fresh.rename(self.folder / "cluster.json")

    def end(self) -> None:
        """Ends every program, the last started first, and removes the data; logs stay."""
        (self.folder / "cluster.json").unlink(missing_ok=True)
        for server in reversed(self.servers.values()):
            server.end()
        shutil.rmtree(self.folder / "etcd", ignore_errors=True)

    def _start(self, name: str) -> None:
        self.servers[name] = Server(name, ORDER[name](self.files, self.ports), self.folder / f"{name}.log")

    def _revive(self) -> None:
        for attempt in range(1, QUICK_DEATHS + 1):
            self._start("kube-apiserver")
            try:
                self.servers["kube-apiserver"].wait(self._is_ready, SECONDS_TO_START)
            except ServerError:
                if attempt == QUICK_DEATHS:
                    raise
            else:
                return self.write_state()
        return None

    def _is_ready(self) -> bool:
        try:
            return self.api.http.get("/readyz").is_success
        except httpx.TransportError:
            return False

    def _has_account(self) -> bool:
        return self.api.found("v1", "ServiceAccount", "default", "default") is not None

    def _has_nodes(self) -> bool:
        # A node that is not ready yet bears a taint that says so.
        taints = {node["metadata"]["name"]: node["spec"].get("taints", []) for node in self.api.list("v1", "Node")}
        return taints == {node.name: list(node.taints) for node in NODES}


def keep(folder: Path, binaries: Path) -> None:
    """Keeps a control plane as long as somebody holds a lock on `users`. Raises ServerError."""
    with (folder / "keeper").open("w") as alive, (folder / "users").open("w") as users:
        fcntl.flock(alive, fcntl.LOCK_EX)
        plane = Plane(folder, binaries)
        try:
            plane.start()
            plane.write_state()
            while _are_there(users):
                plane.look()
                time.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            plane.end()


def _are_there(users: object) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except BlockingIOError:
        return True
    return False  # the lock is kept: who comes now waits until this process is gone


def main() -> int:
    """Runs until nobody uses the control plane, or until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    try:
        keep(Path(sys.argv[1]), Path(sys.argv[2]))
    except ServerError as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
