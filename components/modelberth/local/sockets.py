"""Where a unix socket lies: inside its folder, unless that path is longer than the kernel takes."""

import contextlib
import hashlib
import os
import stat
from pathlib import Path
from typing import Literal, get_args

from modelberth.core.files import is_private, private_folder

Socket = Literal["supervisor", "admin"]
LONGEST = 95
"""Bytes of a path. `sockaddr_un.sun_path` holds 104 on macOS and 108 on Linux, with the closing zero; supervisord binds
a name that is up to 8 longer, with its process id, before it links the socket (supervisor/http.py)."""

# Not TMPDIR: a shell, a cron job and a service of the system each have another one, and all must find the same socket.
# On macOS it is also half as long as a socket's path may be.
_BASE = Path("/tmp")  # noqa: S108 - the folder beneath it is private, or refused


def socket_path(directory: Path, name: Socket) -> Path:
    """The path of a socket. Deterministic, so that whoever knows the directory finds it.

    A directory whose path is too long has a private folder for its sockets under `/tmp`, which `forget_sockets` takes
    away; it is made as soon as the directory is there. Raises `ModelberthError` where that folder is a link, somebody
    else's, or open to others.
    """
    inside = directory / f"{name}.sock"
    if len(os.fsencode(inside)) <= LONGEST:
        return inside
    folder = _short_folder(directory)
    if directory.is_dir():
        private_folder(folder)
    return folder / inside.name


def forget_sockets(directory: Path) -> None:
    """Remove the sockets of a directory with a long path, and their folder if nothing else is in it.

    A folder that is not this user's own is left alone.
    """
    folder = _short_folder(directory)
    if not is_private(folder):
        return
    for name in get_args(Socket):
        path = folder / f"{name}.sock"
        if _is_socket(path):
            path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _short_folder(directory: Path) -> Path:
    return _BASE / f"modelberth-{hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]}"
