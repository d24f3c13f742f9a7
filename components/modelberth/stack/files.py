"""The files of one environment, found as the engine finds them: through `stackConfigDir` in Pulumi.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from modelberth.core.errors import ConfigError, Fault, ModelberthError


@dataclass(frozen=True, slots=True)
class StackFiles:
    """Paths of one environment's files. Only the first one must exist."""

    config: Path
    """What is wanted: `Pulumi.<env>.yaml`."""
    rollouts: Path
    """Which versions run: `rollouts.<env>.yaml`."""
    pins: Path
    """Which digests they have: `pins.<env>.yaml`."""


def files_of(project: Path, environment: str) -> StackFiles:
    """The files of an environment of the project in a folder. Raises `ModelberthError` where there is no project."""
    definition = project / "Pulumi.yaml"
    if not definition.exists():
        raise ModelberthError(f"{project}: no Pulumi.yaml there; run this in the folder of a Pulumi project")
    folder = project / str(read_yaml(definition).get("stackConfigDir", "."))
    return StackFiles(*(folder / f"{kind}.{environment}.yaml" for kind in ("Pulumi", "rollouts", "pins")))


class _Yaml12(yaml.SafeLoader):
    """Reads a file as the engine does. PyYAML follows YAML 1.1, where `on` is true and `10:30` is a number."""


_Yaml12.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in resolvers if tag in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0[0-7]*|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))


def read_yaml(path: Path) -> Mapping[str, Any]:
    """A YAML file that holds a mapping; a file that is not there is an empty one. Raises `ConfigError`."""
    if not path.exists():
        return {}
    try:
        value = yaml.load(path.read_text(), Loader=_Yaml12)  # noqa: S506 — a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        raise ConfigError([Fault(where, f"no YAML: {getattr(error, 'problem', 'unreadable')}")], path.name) from None
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError([Fault("", f"holds a {type(value).__name__}, not keys with values")], path.name)
    return value
