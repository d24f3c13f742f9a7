"""YAML as the engine reads it: Go's yaml.v3, which is neither YAML 1.1 nor quite 1.2.

`on`, `no` and `10:30` stay texts; `0o17` and `017` are 15, `1_000` is 1000; a date becomes the text that Go prints for
it. Source: `resolve.go` of gopkg.in/yaml.v3.
"""

import datetime
import re
from pathlib import Path
from typing import Any

import yaml

from modelberth_policies.sources.errors import ProgramError

_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_OCTAL = re.compile(r"([-+]?)0([0-7]+)")
_INTEGERS = range(-(2**63), 2**64)
_OWN = "tag:modelberth,2026:"
_DAY = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_TIME = r"[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?"


class Yaml12Loader(yaml.SafeLoader):
    """Reads scalars as the engine does."""


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    text = node.value.replace("_", "")
    try:
        octal = _OCTAL.fullmatch(text)
        number = int(f"{octal[1]}{octal[2]}", 8) if octal else int(text, 0)
    except ValueError:
        return float(text) if _FLOAT.fullmatch(text) else node.value
    return number if number in _INTEGERS else float(number)


def _moment(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    """What `time.Time.String` says."""
    try:
        moment = yaml.constructor.SafeConstructor.construct_yaml_timestamp(loader, node)
    except ValueError:  # 2024-13-45 looks like a date and is none
        return node.value
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime.combine(moment, datetime.time())
    zone = moment.strftime("%z") or "+0000"
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    name = "UTC" if zone == "+0000" else zone
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} {zone} {name}"


_KEPT = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}
Yaml12Loader.yaml_implicit_resolvers = {
    first: kept
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    if (kept := [resolver for resolver in resolvers if resolver[0] in _KEPT])
}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    (f"{_OWN}moment", rf"{_DAY}(?:[Tt]{_TIME}(?:Z|[-+][0-9]{{2}}:[0-9]{{2}})| {_TIME})?$", "0123456789"),
    (f"{_OWN}number", r"[-+.0-9][0-9a-fA-FxXoO_.+-]*$", "-+.0123456789"),
):
    Yaml12Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))
Yaml12Loader.add_constructor(f"{_OWN}number", _number)
Yaml12Loader.add_constructor(f"{_OWN}moment", _moment)


def load_mapping(file: Path) -> dict[str, Any]:
    """The mapping of a file; an empty file is an empty one. Raises `ProgramError`, which shows nothing of the file."""
    try:
        document = yaml.load(file.read_text(encoding="utf-8-sig"), Loader=Yaml12Loader)  # noqa: S506 — a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ProgramError(f"{file}:{line}: no valid YAML: {error.problem}") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise ProgramError(f"{file} cannot be read: {type(error).__name__}") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ProgramError(f"{file}: expected a mapping at the top, got {type(document).__name__}")
    return {str(key): value for key, value in document.items()}
