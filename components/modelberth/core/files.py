"""Files that are there whole or not at all, and folders that only this user may enter."""

import os
import secrets
import stat
from pathlib import Path

from modelberth.core.errors import ModelberthError


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file in one step: a reader, also after a loss of power, finds what was there before or all of the text.

    `mode` as in `open`: the umask takes bits away from it. Left out: this user only. The folder must be there; a
    symbolic link is replaced, not followed. Raises `OSError`, and then the file is what it was.
    """
    # In the same folder: a rename is one step only within one file system.
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def private_folder(folder: Path) -> None:
    """Make a folder that only this user may enter, or take the one that is there.

    Raises `ModelberthError` where it is a link, no folder, somebody else's, or open to others: what lies in it may be
    theirs then.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_private(folder):
        raise ModelberthError(
            f"{folder}: not a folder of this user's that nobody else may enter (0700); remove it, "
            "or choose another directory"
        )


def is_private(folder: Path) -> bool:
    """Whether it is a folder, no link to one, of this user's, that nobody else may enter."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and found.st_mode & 0o077 == 0
