"""The digest of a model: one SHA-256 over all its files, so that a changed, added or missing one is noticed."""

import hashlib
from pathlib import Path

from modelberth.core.errors import ModelberthError


def digest_of(directory: Path) -> str:
    """`sha256:…` over the path and the SHA-256 of each file, in the order of the paths.

    Times, permissions and the directory's own place do not count. Raises `ModelberthError` where there is no file, and
    for a folder that is a link: what lies elsewhere changes unnoticed.
    """
    linked = next((path for path in directory.rglob("*") if path.is_symlink() and path.is_dir()), None)
    if linked is not None:
        raise ModelberthError(f"model {directory}: {linked.name} is a link to a folder elsewhere; copy the folder here")
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    if not files:
        raise ModelberthError(f"model {directory}: no files there; register the model again")
    total = hashlib.sha256()
    for path in files:
        with path.open("rb") as content:
            inner = hashlib.file_digest(content, "sha256").hexdigest()
        # A zero byte stands in no file's name, so no two sets of files give one text.
        total.update(f"{inner}\0{path.relative_to(directory).as_posix()}\0".encode())
    return f"sha256:{total.hexdigest()}"


def is_unaltered(directory: Path, expected: str) -> bool:
    """Whether the files are there and are those that were pinned."""
    try:
        return digest_of(directory) == expected
    except (ModelberthError, OSError):
        return False


def verify(directory: Path, expected: str, uri: str) -> None:
    """Refuse a model whose files are not those that were pinned."""
    actual = digest_of(directory)
    if actual != expected:
        raise ModelberthError(
            f"model {uri}: its files have digest {actual}, but {expected} is pinned; "
            "it was altered: put the files back, or register them as another version"
        )
