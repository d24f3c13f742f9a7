"""The backend that a checkout brings along: a folder for the state, and a passphrase of its own that seals its secrets.

`python tools/workspace/backend.py local` makes them, and the stack.
"""

import fcntl
import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from command import pulumi

PROJECT = Path.cwd()
"""The checkout: `make` runs everything in its folder."""
NAME = "modelberth"


@contextmanager
def exclusive(home: Path = PROJECT / ".pulumi") -> Iterator[None]:
    """One `make` at a time: a second one waits, and says so."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another make in this checkout", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(stack: str, home: Path = PROJECT / ".pulumi") -> None:
    """Make the folder, the passphrase and the stack where they are not there yet."""
    (home / "state").mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    _make_passphrase(home / "passphrase")
    if not exists(stack):
        pulumi("stack", "select", "--create", stack)


def _make_passphrase(file: Path) -> None:
    if file.exists():
        return
    descriptor, draft = tempfile.mkstemp(dir=file.parent)  # 0600
    with os.fdopen(descriptor, "w") as text:
        text.write(secrets.token_urlsafe(32))
    # A link is made whole or not at all, and never over a passphrase that is there.
    with suppress(FileExistsError):
        file.hardlink_to(draft)
    Path(draft).unlink()


def own_state() -> Path | None:
    """Folder of the checkout's own backend. None: the shell chose another one."""
    address = os.environ.get("PULUMI_BACKEND_URL", "")
    return Path(address.removeprefix("file://")) / ".pulumi" if address.startswith("file:///") else None


def exists(stack: str) -> bool:
    """Whether the stack was made already."""
    state = own_state()
    if state is not None:  # without half a second for the CLI
        return (state / "stacks" / NAME / f"{stack}.json").exists()
    found: list[dict[str, Any]] = json.loads(pulumi("stack", "ls", "--json", capture=True))
    return stack in {entry["name"] for entry in found}


def dead_locks(stack: str) -> list[Path]:
    """Locks whose engine is gone. One of another machine, or of a process that lives, is not among them."""
    state = own_state()
    if state is None:
        return []
    locks = (state / "locks").rglob("*.json")
    return [lock for lock in locks if stack in lock.parts and _is_dead(lock)]


def _is_dead(lock: Path) -> bool:
    import psutil

    try:
        holder = json.loads(lock.read_text())
        if holder["hostname"] != socket.gethostname():
            return False
        began = datetime.fromtimestamp(psutil.Process(int(holder["pid"])).create_time()).astimezone()
        # After a reboot another process may have the number; it began after the lock was taken.
        return began > datetime.fromisoformat(holder["timestamp"])
    except psutil.NoSuchProcess:
        return True
    except (OSError, ValueError, KeyError):
        return False


if __name__ == "__main__":
    with exclusive():
        prepare(sys.argv[1])
