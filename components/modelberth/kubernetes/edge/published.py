"""What is published for boxes: the pointer to a bundle, and the bundle, each believed only if it proves itself.

It imports the standard library only; a signature is checked with `cryptography`, which is imported where one is.
"""

import base64
import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelberth.kubernetes.edge.sums import ALGORITHM, FOLDER, IMAGES, MANIFESTS, POINTER, SUMS, TamperedError, verify

SECONDS = 60
SERVER_FAULT = 500
MOST_BYTES = 400_000
"""Of one file: two bundles are kept in one ConfigMap, which holds a mebibyte.
Source: https://kubernetes.io/docs/concepts/configuration/configmap/#motivation"""


class OfflineError(Exception):
    """Nothing was answered: a box without a network."""


@dataclass(frozen=True)
class Pointer:
    """Which bundle is wanted."""

    digest: str
    """`sha256:…`"""
    sequence: int
    """Counts up with each publication, so that an old pointer cannot be shown again."""


def signed_text(digest: str, sequence: int) -> bytes:
    """What is signed of a pointer."""
    return f"modelberth edge bundle {digest} {sequence}".encode()


def pointer_of(document: bytes, key: bytes | None, pinned: str | None) -> Pointer:
    """The pointer in a document. Raises `TamperedError` where neither a signature nor a pinned digest proves it.

    `key` is an Ed25519 public key (PEM); `pinned` is the one digest that is wanted.
    """
    try:
        told: Any = json.loads(document)
        found = Pointer(str(told["bundle"]), int(told.get("sequence", 0)))
        signature = base64.b64decode(told.get("signature", ""), validate=True)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise TamperedError(POINTER, "is no pointer to a bundle") from None
    if not found.digest.startswith(ALGORITHM) or not found.digest.removeprefix(ALGORITHM).isalnum():
        raise TamperedError(POINTER, "names no digest")
    if pinned is not None and found.digest != pinned:
        raise TamperedError(POINTER, f"names {found.digest}, and {pinned} is pinned")
    if key is not None:
        _check(signature, key, signed_text(found.digest, found.sequence))
    elif pinned is None:
        raise TamperedError(POINTER, "nothing proves it: neither a key nor a digest was given")
    return found


def _check(signature: bytes, key: bytes, text: bytes) -> None:
    from cryptography.exceptions import InvalidSignature  # where nothing is signed, nothing of it is needed
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    public = load_pem_public_key(key)
    if not isinstance(public, Ed25519PublicKey):
        raise TamperedError(POINTER, "the key is no Ed25519 key")
    try:
        public.verify(signature, text)
    except InvalidSignature:
        raise TamperedError(POINTER, "its signature is not of the key that is trusted") from None


def sign(document: Path, private_key: bytes, sequence: int) -> None:
    """Signs the pointer that `bundle.write` left, where it is published. `private_key` is an Ed25519 key (PEM)."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    private = load_pem_private_key(private_key, None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError("the key is no Ed25519 key; make one with openssl genpkey -algorithm ed25519")
    digest = json.loads(document.read_bytes())["bundle"]
    signature = base64.b64encode(private.sign(signed_text(digest, sequence))).decode()
    document.write_text(json.dumps({"bundle": digest, "sequence": sequence, "signature": signature}) + "\n")


def read_pointer(source: str, key: bytes | None, pinned: str | None) -> Pointer:
    """The pointer at an address. Raises `OfflineError`, or `TamperedError`."""
    return pointer_of(_read(f"{source}/{POINTER}"), key, pinned)


def read_bundle(source: str, digest: str) -> list[dict[str, Any]]:
    """The manifests of a bundle at an address. Raises `OfflineError`, or `TamperedError` where it is another one."""
    folder = f"{source}/{FOLDER}/{digest.removeprefix(ALGORITHM)}"
    files = {name: _read(f"{folder}/{name}") for name in (MANIFESTS, IMAGES, SUMS)}
    verify(files, digest)
    return list(json.loads(files[MANIFESTS])["items"])


def _read(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:  # noqa: S310 - checked where it is given
            content: bytes = answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        if error.code < SERVER_FAULT:
            raise TamperedError(address.rpartition("/")[2], f"is not there ({error.code})") from None
        raise OfflineError(f"{address}: {error}") from None
    except (OSError, http.client.HTTPException) as error:
        raise OfflineError(f"{address}: {error}") from None
    if len(content) > MOST_BYTES:
        raise TamperedError(address.rpartition("/")[2], f"has more than {MOST_BYTES} bytes")
    return content
