"""A Kubernetes control plane for tests, shared by the processes of a run: the first starts it, the last ends it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .access import Access, read
from .api import Api
from .build import VARIABLE, binaries
from .servers import ServerError, last_lines

TOOLS = Path(__file__).resolve().parents[1]
SECONDS_TO_START = 300
Say = Callable[[str], None]


@dataclass(frozen=True)
class Cluster:
    """A cluster that tests may use: one of their own, or the one that MODELBERTH_TEST_KUBECONFIG names."""

    kubeconfig: Path
    """File to hand to anything that wants a kubeconfig."""

    folder: Path
    """Logs and state of the control plane."""

    own: bool = True
    """Whether it was started by tests; False for one that was there before."""

    @cached_property
    def access(self) -> Access:
        """Address, authority and token, as the kubeconfig says. Raises AccessError."""
        return read(self.kubeconfig)

    @property
    def url(self) -> str:
        """`https://host:port` of the API server."""
        return self.access.url

    @property
    def authority(self) -> Path:
        """File with the certificate of the authority that callers must trust. Only of a cluster of the tests' own."""
        return self.folder / "ca.pem"

    @property
    def pids(self) -> dict[str, int]:
        """Process id by program, now; empty for a cluster that is not the tests' own."""
        state = self.folder / "cluster.json"
        return json.loads(state.read_text())["pids"] if self.own and state.exists() else {}

    def api(self) -> Api:
        """A new client; close it."""
        return Api(self.access)

    def restart_api_server(self, seconds: float = 60) -> None:
        """Kills the API server and returns when the next one answers. Who shares the cluster loses it for that time.

        Raises ServerError where it does not come back, or where the cluster is not the tests' own.
        """
        before = self.kill_api_server()
        end = time.monotonic() + seconds
        while self.pids.get("kube-apiserver", before) == before:
            if time.monotonic() > end:
                raise ServerError(f"no API server after {seconds:.0f} s. {last_lines(self.folder / 'keeper.log')}")
            time.sleep(0.05)

    def kill_api_server(self) -> int:
        """Kills the API server and returns at once, with its process id; it comes back by itself in some seconds."""
        if not self.own:
            raise ServerError(f"{self.url} was not started by tests, so its API server is not theirs to kill")
        pid = self.pids["kube-apiserver"]
        os.kill(pid, signal.SIGKILL)
        return pid


@contextmanager
def running(folder: Path, say: Say = lambda line: None, variables: Mapping[str, str] = os.environ) -> Iterator[Cluster]:
    """A ready cluster. Every process that names the same `folder` at a time gets the same one.

    It ends when the last of them leaves here or dies, however. `variables` may name a cluster or programs, as build.py
    says. Raises BuildError, ServerError or AccessError.
    """
    if named := variables.get(VARIABLE):
        yield Cluster(Path(named), folder, own=False)
        return
    programs = binaries(say, variables)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users").open("a") as users:
        # Waits for a keeper that is just ending, and tells the next one to stay.
        fcntl.flock(users, fcntl.LOCK_SH)
        with (folder / "start").open("a") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            if not _is_kept(folder):
                _start_keeper(folder, programs, say)
        yield Cluster(folder / "kubeconfig", folder)


def _is_kept(folder: Path) -> bool:
    if not (folder / "cluster.json").exists():
        return False
    with (folder / "keeper").open("a") as alive:
        try:
            fcntl.flock(alive, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _start_keeper(folder: Path, programs: Path, say: Say) -> None:
    began = time.monotonic()
    log = folder / "keeper.log"
    (folder / "cluster.json").unlink(missing_ok=True)  # of a keeper that was killed
    words = [sys.executable, "-m", "cluster.keeper", str(folder), str(programs)]
    # Not a child of the terminal: Ctrl-C reaches the tests, and it ends after they have.
    with log.open("w") as output:
        keeper = subprocess.Popen(
            words,
            cwd=TOOLS,
            env={**os.environ, "PYTHONPATH": str(TOOLS)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    while not (folder / "cluster.json").exists():
        if keeper.poll() is not None:
            raise ServerError(f"the control plane did not start. {last_lines(log)}")
        if time.monotonic() - began > SECONDS_TO_START:
            keeper.terminate()
            raise ServerError(f"the control plane is not ready after {SECONDS_TO_START} s. {last_lines(log)}")
        time.sleep(0.05)
    say(f"control plane ready ({time.monotonic() - began:.1f} s), logs in {folder}")
