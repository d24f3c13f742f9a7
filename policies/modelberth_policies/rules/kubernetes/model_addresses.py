"""Addresses of models: whether one names a version that stays what it is, and a store that may be used."""

import re
from collections.abc import Iterator

from modelberth_policies.resources import GAP
from modelberth_policies.rules.images import is_pinned
from modelberth_policies.subject import Subject, Undeterminable

# 3, v3, 1.4.0-rc1, 2026-11-20 · iris-v3, iris_1.4.0 · version=3 · a digest or a run's id in hexadecimal · a UUID.
_VERSION = re.compile(
    r"v?\d+(?:[._-]\d+)*(?:[._+-]?(?:a|alpha|b|beta|rc|dev|post)\.?\d+)?"
    r"|.*[._@=-](?:v\d+(?:\.\d+)*|\d+\.\d+\.\d+)"
    r"|(?:version|revision|generation|versionId|step|epoch)=.+"
    r"|(?:sha256[-:_=])?[0-9a-f]{32}(?:[0-9a-f]{32})?|[0-9a-f]{40}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
_EXTENSION = re.compile(r"(?:\.tar)?\.[a-z][a-z0-9]*$")
_FIXED_REVISION = re.compile(r"[0-9a-f]{7,40}|.*\d.*")
_MOVING = ("main", "master", "latest", "head")


def address_faults(owner: Subject, path: str) -> Iterator[str]:
    """Half a sentence for each thing that is wrong with the address at `path`; nothing where there is none."""
    address = owner.text(path)
    if not address:
        return
    scheme, colon, rest = address.partition(":")
    schemes = owner.limits.images.model_schemes
    if GAP in scheme:
        raise Undeterminable(f"{owner.path}.{path}".lstrip("."))
    if not colon or scheme not in schemes:
        yield f"takes its model from {owner.show(path)}; the schemes allowed are {', '.join(schemes)}"
    elif not is_versioned(address):
        if address.endswith(GAP) or GAP in rest.lstrip("/").partition("/")[2]:
            raise Undeterminable(f"{owner.path}.{path}".lstrip("."))
        yield f"takes its model from {owner.show(path)}, which names no version"


def is_versioned(address: str) -> bool:
    """Whether the address names a version: a digest (oci), a revision (hf), or a part of the path that is one."""
    scheme, _, rest = address.partition(":")
    rest = rest.lstrip("/")
    if scheme == "oci":
        return is_pinned(rest)
    if scheme == "hf":
        revision = rest.rpartition("/")[2].partition(":")[2]
        return revision.lower() not in _MOVING and _FIXED_REVISION.fullmatch(revision) is not None
    return _has_version(rest.partition("/")[2] if "/" in rest else rest.partition(":")[2])


def _has_version(path: str) -> bool:
    """Whether a part of a path is a version: `iris/v3/model.joblib`, `model.pt?versionId=…`, `model.pt#17`."""
    parts = [part for part in re.split(r"[/?&#]", path) if part]
    return any(_VERSION.fullmatch(part) or _VERSION.fullmatch(_EXTENSION.sub("", part)) for part in parts)


def path_faults(owner: Subject, path: str) -> Iterator[str]:
    """As `address_faults`, of a path within a bucket that is named elsewhere."""
    given = owner.text(path)
    if given and not _has_version(given.lstrip("/")):
        if GAP in given:
            raise Undeterminable(f"{owner.path}.{path}".lstrip("."))
        yield f"takes its model from the path {owner.show(path)}, which names no version"
