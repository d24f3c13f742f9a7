"""A Pulumi project on disk: where its program stands and what configuration the engine would hand to a stack of it."""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from modelberth_policies.sources.values import UNDECRYPTED


class ProgramError(Exception):
    """A project or its program is at fault. The text is for the user: what, where, and how to mend it."""


class Yaml12Loader(yaml.SafeLoader):
    """Reads scalars as the engine does (YAML 1.2): `on`, `no` and dates stay text, `10:30` is no number."""


_PLAIN = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}
Yaml12Loader.yaml_implicit_resolvers = {
    first: kept
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    if (kept := [resolver for resolver in resolvers if resolver[0] in _PLAIN])
}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*|0x[0-9a-fA-F]+)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
):
    Yaml12Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass(frozen=True, slots=True)
class Project:
    """What `Pulumi.yaml` says that running the program needs."""

    root: Path
    """The folder of `Pulumi.yaml`, absolute."""
    name: str
    program: Path
    """The file or folder that Python runs."""
    directory: Path
    """Where it runs."""
    python: Path
    """The interpreter of the project's virtual environment, if that is there; else the one that runs this."""
    config: Mapping[str, Any]
    """Declarations and defaults, as written."""
    stack_files: Mapping[str, Path]
    """Stack → its `Pulumi.<stack>.yaml`."""


def project_at(directory: str | Path) -> Project:
    """Reads the project of a folder. Raises `ProgramError` if there is none, or none that Python runs."""
    root = Path(directory).resolve()
    file = next((root / f"Pulumi.{end}" for end in ("yaml", "yml", "json") if (root / f"Pulumi.{end}").is_file()), None)
    if file is None:
        raise ProgramError(f"{root} holds no Pulumi.yaml; give the folder of a Pulumi project")
    document = _mapping(file)
    runtime = document.get("runtime")
    runtime = runtime if isinstance(runtime, Mapping) else {"name": runtime}
    if not isinstance(document.get("name"), str) or runtime.get("name") != "python":
        raise ProgramError(f"{file}: a plan needs a `name:` and `runtime: python`, got runtime {runtime.get('name')!r}")
    config = document.get("config")
    # `config: <folder>` is the older spelling of stackConfigDir.
    config_directory = root / (document.get("stackConfigDir") or (config if isinstance(config, str) else ""))
    program = _program(file, root / document.get("main", ""))
    return Project(
        root=root,
        name=document["name"],
        program=program,
        directory=program if program.is_dir() else program.parent,
        python=_python(root, runtime.get("options") or {}),
        config=config if isinstance(config, Mapping) else {},
        stack_files=_stack_files(config_directory, file.suffix),
    )


def _mapping(file: Path) -> Mapping[str, Any]:
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=Yaml12Loader)  # noqa: S506 — a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ProgramError(f"{file}:{line}: no valid YAML: {error.problem}") from None
    if not isinstance(document or {}, Mapping):
        raise ProgramError(f"{file}: expected a mapping at the top, got {type(document).__name__}")
    return document or {}


def _program(file: Path, main: Path) -> Path:
    if not main.exists():
        raise ProgramError(f"{file}: `main` names {main}, which does not exist")
    if main.is_dir() and not (main / "__main__.py").is_file():
        raise ProgramError(f"{file}: {main} holds no __main__.py; name the folder of the program in `main`")
    return main.resolve()


def _stack_files(directory: Path, suffix: str) -> dict[str, Path]:
    files = sorted(path for path in directory.glob(f"Pulumi.*{suffix}") if path.is_file())
    return {path.name.removeprefix("Pulumi.").removesuffix(suffix): path for path in files}


def _python(root: Path, options: Mapping[str, Any]) -> Path:
    environment = options.get("virtualenv") or (".venv" if options.get("toolchain") == "uv" else None)
    if environment is None:
        return Path(sys.executable)
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    python = root / environment / inside
    return python if python.is_file() else Path(sys.executable)


def config_of(project: Project, stack: str, overrides: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The configuration of a stack as its program sees it, and which keys are secret.

    Keys are `namespace:name`, the project's own where none is written. Lists and mappings are JSON texts. A stack's
    value stands before the project's default, and one of `overrides` before both. In place of a `secure:` value
    stands `UNDECRYPTED`. Raises `ProgramError` for an unknown stack, and for declared keys that nothing gives.
    """
    declared = {_key(project, key): _declared(project, key, entry) for key, entry in project.config.items()}
    given = {_key(project, key): value for key, value in {**_stack_config(project, stack), **overrides}.items()}
    missing = [key for key, (value, required) in declared.items() if required and key not in given]
    if missing:
        raise ProgramError(
            f"stack {stack!r} of {project.root / 'Pulumi.yaml'} lacks configuration that the project declares without "
            f"a default: {', '.join(missing)}; write it to Pulumi.{stack}.yaml"
        )
    defaults = {key: value for key, (value, _) in declared.items() if value is not None}
    values = {**defaults, **given}
    return {key: _text(_masked(value)) for key, value in values.items()}, [k for k, v in values.items() if _secure(v)]


def _stack_config(project: Project, stack: str) -> Mapping[str, Any]:
    """A project without any stack file has no stacks to choose from: there, any name will do."""
    if stack in project.stack_files:
        return _mapping(project.stack_files[stack]).get("config") or {}
    if project.stack_files:
        raise ProgramError(f"{project.root} has no stack {stack!r}; its stacks are {', '.join(project.stack_files)}")
    return {}


def _key(project: Project, key: str) -> str:
    namespace, _, name = key.rpartition(":")
    return f"{namespace.removesuffix(':config') or project.name}:{name}"


def _declared(project: Project, key: str, entry: Any) -> tuple[Any, bool]:
    """The default of a declared key, and whether a stack must give it. Only the project's own keys are required."""
    if entry is not None and not isinstance(entry, Mapping):
        return entry, False
    value = (entry or {}).get("default", (entry or {}).get("value"))
    return value, value is None and _key(project, key).startswith(f"{project.name}:")


def _secure(value: Any) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"secure"} or any(_secure(item) for item in value.values())
    return isinstance(value, list) and any(_secure(item) for item in value)


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return UNDECRYPTED if set(value) == {"secure"} else {str(key): _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def _text(value: Any) -> str:
    """As the engine writes it: compact JSON with sorted keys, a text as it is."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
