"""The backend that a checkout brings along: a folder for the state, and a passphrase of its own."""

import json
import os
import secrets
import socket
from pathlib import Path

import psutil

PROJECT = Path.cwd()
"""The checkout: `make` runs everything in its folder."""
NAME = "modelberth"


def prepare(home: Path = PROJECT / ".pulumi") -> None:
    """Make the folder and the passphrase where they are not there yet."""
    (home / "state").mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    passphrase = home / "passphrase"
    if not passphrase.exists():
        descriptor = os.open(passphrase, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))


def own_state() -> Path | None:
    """Folder of the checkout's own backend. None: the shell chose another one."""
    address = os.environ.get("PULUMI_BACKEND_URL", "")
    return Path(address.removeprefix("file://")) / ".pulumi" if address.startswith("file://") else None


def exists(stack: str) -> bool:
    """Whether the stack was made already, as far as the checkout's own backend tells."""
    state = own_state()
    return state is not None and (state / "stacks" / NAME / f"{stack}.json").exists()


def dead_locks(stack: str) -> list[Path]:
    """Locks whose engine is gone. One of another machine, or of a process that lives, is not among them."""
    state = own_state()
    if state is None:
        return []
    locks = (state / "locks").rglob("*.json")
    return [lock for lock in locks if stack in lock.parts and _is_dead(lock)]


def _is_dead(lock: Path) -> bool:
    try:
        holder = json.loads(lock.read_text())
    except (OSError, ValueError):
        return False
    return holder.get("hostname") == socket.gethostname() and not psutil.pid_exists(int(holder["pid"]))
