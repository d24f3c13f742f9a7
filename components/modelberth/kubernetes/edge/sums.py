"""The files of a bundle and their sums. It imports the standard library only, as a box has little room."""

import hashlib
from collections.abc import Mapping

MANIFESTS, IMAGES, SUMS, POINTER = "manifests.json", "images.txt", "SHA256SUMS", "current.json"
FOLDER = "bundles"
ALGORITHM = "sha256:"


class TamperedError(Exception):
    """A bundle that is not the one that was published."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(f"{file}: {why}")
        self.file = file
        """Which of its files."""
        self.why = why
        """What is wrong with it."""


def sum_of(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def verify(files: Mapping[str, bytes], digest: str) -> None:
    """Whether files are the bundle that a digest names. Raises `TamperedError` with what is not."""
    for name in (MANIFESTS, IMAGES, SUMS):
        if name not in files:
            raise TamperedError(name, "is not there")
    found = f"{ALGORITHM}{sum_of(files[SUMS])}"
    if found != digest:
        raise TamperedError(SUMS, f"its digest is {found}, and {digest} was named")
    stated = stated_in(files[SUMS])
    for name in (MANIFESTS, IMAGES):
        if stated.get(name) != sum_of(files[name]):
            raise TamperedError(name, "it is not what was published")


def stated_in(sums: bytes) -> dict[str, str]:
    """Name to sum, as `sha256sum` writes them."""
    lines = (line.partition("  ") for line in sums.decode(errors="replace").splitlines())
    return {name: found for found, _, name in lines}
