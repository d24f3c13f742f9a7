"""Which inputs the installed provider SDKs know: `missing("aws:s3/bucket:Bucket", "versioning.enabled")`.

What was once read of an SDK is kept outside the checkout, for each version of it: to import three of them takes ten
seconds and a gigabyte.
"""

import hashlib
import importlib
import importlib.metadata
import json
import os
import sys
import warnings
from functools import cache
from keyword import iskeyword
from pathlib import Path
from typing import Any

from clouds.aws import types

from modelberth_policies.resources import steps_of

PACKAGES = {
    "aws": "pulumi_aws",
    "gcp": "pulumi_gcp",
    "azure-native": "pulumi_azure_native",
    "kubernetes": "pulumi_kubernetes",
}


class NotInAnySdkError(Exception):
    """A custom resource of Kubernetes, or a type that no SDK has."""


@cache
def described(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs of a type, and the objects in them: name → (shape, required). Raises NotInAnySdkError."""
    kept = _folder(token.partition(":")[0]) / f"{token.replace(':', '.').replace('/', '.')}.json"
    try:
        return tuple(json.loads(kept.read_text()))
    except FileNotFoundError:
        found = _described(token)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(found))
    part.replace(kept)
    return found


@cache
def _folder(package: str) -> Path:
    """Where the types of a package are kept: the stand-in keeps those of AWS in the same way."""
    if package not in PACKAGES:
        raise NotInAnySdkError(package)
    home = os.environ.get("MODELBERTH_CACHE")
    root = Path(home) if home else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "modelberth"
    sources = b"".join(Path(file).read_bytes() for file in (__file__, types.__file__))
    version = importlib.metadata.version(PACKAGES[package])
    return root / "sdk-types" / f"{package}-{version}-{hashlib.sha256(sources).hexdigest()[:8]}"


def _described(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    package, path, name = token.split(":")
    group, _, version = path.partition("/")
    # `rbac.authorization.k8s.io/v1` is pulumi_kubernetes.rbac.v1; of other packages only the group is a module.
    place = f"{group.partition('.')[0]}.{version}" if package == "kubernetes" else group
    place += "_" if iskeyword(place) else ""  # pulumi_aws.lambda_
    module = f"{PACKAGES[package]}.{place}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            cls = _class(importlib.import_module(module), token, name)
        except ModuleNotFoundError:
            raise NotInAnySdkError(token) from None
    own = sys.modules[cls.__module__]
    objects: dict[str, Any] = {}
    return types.described_fields(getattr(own, own.__all__[0]), objects), objects


def _class(module: Any, token: str, name: str) -> type:
    from pulumi.runtime import rpc

    for candidate in rpc._RESOURCE_MODULES.get(token.rpartition(":")[0], ()):
        info = candidate.mod_info  # the generated subclass has it
        if token in info["classes"]:
            return getattr(importlib.import_module(info["fqn"]), info["classes"][token])
    found = getattr(module, name, None)
    if found is None:
        raise NotInAnySdkError(token)
    return found


def missing(token: str, path: str) -> str | None:
    """The first part of the path that the type does not have; None where it has all of it."""
    fields, objects = described(token)
    return _missing({"fields": fields}, steps_of(path), objects)


def _missing(shape: Any, steps: tuple[Any, ...], objects: dict[str, Any]) -> str | None:
    if not steps or shape == "any":
        return None
    step, rest = steps[0], steps[1:]
    if isinstance(shape, str):
        return f"{step} of a {shape}"
    ((form, inner),) = shape.items()
    if form == "union":
        found = [_missing(each, steps, objects) for each in inner]
        return None if None in found else found[0]
    if form == "list":  # a rule may leave out the index: a mapping counts as one item
        return _missing(inner, rest if isinstance(step, int) else steps, objects)
    if form == "map":
        return _missing(inner, rest, objects)
    fields = inner if form == "fields" else objects[inner]
    return _missing(fields[step][0], rest, objects) if step in fields else str(step)
