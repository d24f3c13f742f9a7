"""The four programs of a control plane: how each is called, started, watched and ended."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .certificates import ADDRESS, Certificates

LINES_OF_A_FAILURE = 15
PORTS = range(20000, 30000)
"""Below the ports that a kernel gives to outgoing connections, so that none of those takes one that was found free."""

PR_SET_PDEATHSIG = 1
SECONDS_TO_END = 10


class ServerError(Exception):
    """A program of the control plane did not start or has ended; the message holds the last lines of its log."""


@dataclass(frozen=True)
class Files:
    """Where the programs of one control plane find what they read and write."""

    binaries: Path
    """Folder with `etcd`, `kube-apiserver`, `kube-controller-manager` and `kube-scheduler`."""

    folder: Path
    """Folder of this control plane: data, logs, keys, kubeconfig."""

    certificates: Certificates
    tokens: Path
    """The API server's token file."""

    kubeconfig: Path
    """Access for the controller manager and the scheduler, and for tests."""


@dataclass(frozen=True)
class Ports:
    """Free ports on loopback."""

    etcd: int
    peer: int
    """etcd's own for other members; there are none, but it insists on one."""

    api: int


def free_ports() -> Ports:
    """Three ports that nothing listens on now."""
    found: list[int] = []
    while len(found) < 3:
        port = random.choice(PORTS)  # noqa: S311
        if port not in found and _is_free(port):
            found.append(port)
    return Ports(*found)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((ADDRESS, port)) != 0


def etcd(files: Files, ports: Ports) -> list[str]:
    """How etcd is called: in the clear on loopback, and without waiting for the disk."""
    client, peer = (f"http://{ADDRESS}:{port}" for port in (ports.etcd, ports.peer))
    return [
        str(files.binaries / "etcd"),
        f"--data-dir={files.folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def api_server(files: Files, ports: Ports) -> list[str]:
    """How the API server is called: RBAC on, no audit log, service accounts as in any cluster."""
    made = files.certificates
    return [
        str(files.binaries / "kube-apiserver"),
        f"--etcd-servers=http://{ADDRESS}:{ports.etcd}",
        f"--bind-address={ADDRESS}",
        f"--advertise-address={ADDRESS}",
        f"--secure-port={ports.api}",
        f"--tls-cert-file={made.server}",
        f"--tls-private-key-file={made.server_key}",
        f"--token-auth-file={files.tokens}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={made.accounts_key}",
        f"--service-account-signing-key-file={made.accounts_key}",
        "--service-cluster-ip-range=10.96.0.0/16",
        # There is no node's address to write into the endpoints of the service `kubernetes`.
        "--endpoint-reconciler-type=none",
        # Nothing but Pod Security may be what refuses a privileged pod here.
        "--allow-privileged=true",
        "--profiling=false",
    ]


def controller_manager(files: Files, ports: Ports) -> list[str]:
    """How the controller manager is called: alone, not served, and quick."""
    return [
        str(files.binaries / "kube-controller-manager"),
        f"--kubeconfig={files.kubeconfig}",
        f"--service-account-private-key-file={files.certificates.accounts_key}",
        f"--root-ca-file={files.certificates.authority}",
        *_ALONE,
    ]


def scheduler(files: Files, ports: Ports) -> list[str]:
    """How the scheduler is called: alone, not served, and quick."""
    return [str(files.binaries / "kube-scheduler"), f"--kubeconfig={files.kubeconfig}", *_ALONE]


def node(files: Files, ports: Ports) -> list[str]:
    """How the stand-in for the machines is called; it is Python of this folder."""
    return [sys.executable, "-m", f"{__package__}.node", str(files.kubeconfig)]


_ALONE = ("--leader-elect=false", "--secure-port=0", "--kube-api-qps=200", "--kube-api-burst=400")

ORDER: dict[str, Callable[[Files, Ports], list[str]]] = {
    "etcd": etcd,
    "kube-apiserver": api_server,
    "kube-controller-manager": controller_manager,
    "kube-scheduler": scheduler,
    "node": node,
}
"""Every program by its name, in the order in which they are started."""


class Server:
    """One running program, with its output in a log file. It dies with the process that started it."""

    def __init__(self, name: str, words: Sequence[str], log: Path) -> None:
        """Starts it. `log` is appended to."""
        self.name = name
        self.words = words
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                preexec_fn=_die_with_parent,  # safe: the keeper has one thread
            )

    def refuse_ended(self) -> None:
        """Raises ServerError where it has ended."""
        code = self.process.poll()
        if code is not None:
            raise ServerError(f"{self.name} ended with exit code {code}. {last_lines(self.log)}")

    def end(self) -> None:
        """Ends it at once: what it holds is thrown away, so it needs no time to put it in order."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SECONDS_TO_END)

    def wait(self, ready: Callable[[], bool], seconds: float) -> None:
        """Returns once `ready` holds. Raises ServerError where it ends before, or after `seconds`."""
        end = time.monotonic() + seconds
        while not ready():
            self.refuse_ended()
            if time.monotonic() > end:
                raise ServerError(f"{self.name} is not ready after {seconds:.0f} s. {last_lines(self.log)}")
            time.sleep(0.05)


def last_lines(log: Path) -> str:
    """The end of a log file as a paragraph for a message, with the file's name."""
    lines = log.read_text(errors="replace").splitlines()[-LINES_OF_A_FAILURE:] if log.exists() else []
    return f"The last lines of {log}:\n    " + ("\n    ".join(lines) or "(nothing)")


def _die_with_parent() -> None:
    # Linux only. Elsewhere a keeper that is killed outright leaves its servers behind.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == 1:  # the parent was gone before the line above
            os._exit(1)
