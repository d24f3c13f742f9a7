"""What the installed pulumi_aws says of a resource type: its inputs and outputs, nested ones too, as plain data."""

import hashlib
import importlib
import importlib.metadata
import inspect
import json
import os
import sys
import typing
import warnings
from collections import abc
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from clouds.wire import RefusedError

Shape = str | dict[str, Any]
"""`str`, `int`, `float`, `bool`, `any`, {"list": Shape}, {"map": Shape}, {"union": [Shape]} or {"object": name}."""

PROVIDER = "pulumi:providers:aws"
SCALARS = {str: "str", int: "int", float: "float", bool: "bool"}


class UnknownTypeError(RefusedError):
    """The installed SDK has no such type."""


@dataclass(frozen=True)
class Field:
    """One property: its shape, and whether it must be given (of an output: whether it always has a value)."""

    shape: Shape
    required: bool


@dataclass(frozen=True)
class ResourceType:
    """A resource type. `objects` holds every nested object that its inputs reach, by name."""

    inputs: dict[str, Field]
    outputs: dict[str, Field]
    objects: dict[str, dict[str, Field]]


@cache
def resource_type(token: str) -> ResourceType:
    """The type of a token such as `aws:sagemaker/model:Model`. Raises UnknownTypeError."""
    kept = _cache_folder() / f"{token.replace(':', '.').replace('/', '.')}.json"
    try:
        content = json.loads(kept.read_text())
    except FileNotFoundError:
        content = _described(token)
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(content))
        part.replace(kept)
    objects = {name: _fields(fields) for name, fields in content["objects"].items()}
    return ResourceType(_fields(content["inputs"]), _fields(content["outputs"]), objects)


def _fields(content: dict[str, Any]) -> dict[str, Field]:
    return {name: Field(shape, required) for name, (shape, required) in content.items()}


def _cache_folder() -> Path:
    # Importing what a stack uses of the SDK takes five seconds of processor time, in every provider process. The folder
    # is that of tools/engine/build.py.
    home = os.environ.get("MODELBERTH_CACHE")
    root = Path(home) if home else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "modelberth"
    source = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    return root / "stand-in-aws" / f"{importlib.metadata.version('pulumi_aws')}-{source}"


def _described(token: str) -> dict[str, Any]:
    with warnings.catch_warnings():  # importing pulumi_aws.s3 warns of resources that nobody asked for
        warnings.simplefilter("ignore", DeprecationWarning)
        cls = _resource_class(token)
    module = sys.modules[cls.__module__]
    arguments = getattr(module, module.__all__[0])  # generated: the Args class comes first
    objects: dict[str, Any] = {}
    inputs = described_fields(arguments, objects)
    outputs = {name: field for name, field in described_fields(cls, {}).items() if name not in ("id", "urn")}
    return {"inputs": inputs, "outputs": outputs, "objects": objects}


def _resource_class(token: str) -> type:
    import pulumi_aws
    from pulumi.runtime import rpc

    if token == PROVIDER:
        return pulumi_aws.Provider
    module = ":".join(token.split(":")[:2])
    for candidate in rpc._RESOURCE_MODULES.get(module, ()):
        info = getattr(candidate, "mod_info")  # noqa: B009 - the generated subclass has it
        if token in info["classes"]:
            return getattr(importlib.import_module(info["fqn"]), info["classes"][token])
    raise UnknownTypeError(f"pulumi_aws {importlib.metadata.version('pulumi_aws')} has no resource type {token}")


def described_fields(cls: type, objects: dict[str, Any]) -> dict[str, Any]:
    from pulumi import _types

    hints = _types._raw_return_hints(cls)
    return {name: (_shape(hint, objects), type(None) not in _alternatives(hint)) for name, hint in hints.items()}


def _alternatives(hint: Any) -> list[Any]:
    """The members of a union, without what stands for "later": Awaitable and Output."""
    import pulumi

    if typing.get_origin(hint) is pulumi.Output:
        return _alternatives(typing.get_args(hint)[0])
    members = typing.get_args(hint) if typing.get_origin(hint) is typing.Union else (hint,)
    later = (pulumi.Output, abc.Awaitable)
    return [member for member in members if typing.get_origin(member) not in later]


def _shape(hint: Any, objects: dict[str, Any]) -> Shape:
    shapes: list[Shape] = []
    for member in _alternatives(hint):
        shape = None if member is type(None) else _plain_shape(member, objects)
        if shape is not None and shape not in shapes:
            shapes.append(shape)
    if len(shapes) == 1:
        return shapes[0]
    return {"union": shapes} if shapes else "any"


def _plain_shape(hint: Any, objects: dict[str, Any]) -> Shape | None:
    from pulumi import _types

    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is abc.Sequence:
        return {"list": _shape(arguments[0], objects)}
    if origin is abc.Mapping:
        return {"map": _shape(arguments[1], objects)}
    if hint in SCALARS:
        return SCALARS[hint]
    if not inspect.isclass(hint):
        return "any"
    if _types.is_input_type(hint):
        return _object(hint, objects)
    # A TypedDict says the same as the input class beside it; an enum's values may also be given as text.
    return None if typing.is_typeddict(hint) or _types.is_output_type(hint) else "any"


def _object(cls: type, objects: dict[str, Any]) -> Shape:
    name = f"{cls.__module__}.{cls.__name__}"
    if name not in objects:
        objects[name] = {}  # before its fields, which may hold itself
        objects[name] = described_fields(cls, objects)
    return {"object": name}
