"""Where a unix socket of a runtime directory lies: inside it, unless the path is longer than the kernel takes."""

import hashlib
import os
import tempfile
from pathlib import Path

from modelberth.core.errors import ModelberthError

# sockaddr_un.sun_path holds 108 bytes on Linux and 104 on macOS, with the closing zero.
LONGEST = 103


def socket_path(directory: Path, name: str) -> Path:
    """The path of a socket. Deterministic, so that whoever knows the directory finds it.

    A directory whose path is too long gets a folder of its own, 0700, among the temporary files; it is empty, and goes,
    when the last socket does (`forget_sockets`).
    """
    inside = directory / f"{name}.sock"
    if len(str(inside).encode()) <= LONGEST:
        return inside
    folder = _short_folder(directory)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise ModelberthError(
            f"{folder} belongs to another user; remove it, or use a shorter directory than {directory}"
        )
    return folder / f"{name}.sock"


def forget_sockets(directory: Path) -> None:
    """Remove the folder that a long path got, with what is left in it."""
    folder = _short_folder(directory)
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
        folder.rmdir()


def _short_folder(directory: Path) -> Path:
    return Path(tempfile.gettempdir()) / f"modelberth-{hashlib.sha256(str(directory).encode()).hexdigest()[:12]}"
