"""A Pulumi project on disk: where its program stands, what runs it, and which stacks it has."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelberth_policies.sources.errors import ProgramError
from modelberth_policies.sources.go_yaml import Yaml12Loader as Yaml12Loader  # for tests/inventory.py
from modelberth_policies.sources.go_yaml import load_mapping


@dataclass(frozen=True, slots=True)
class Project:
    """What `Pulumi.yaml` says that running the program needs."""

    file: Path
    """`Pulumi.yaml` itself."""
    root: Path
    """Its folder, absolute."""
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
    document = load_mapping(file)
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise ProgramError(f"{file} has no `name`; write `name: <project>`")
    program = _program(file, root / _text(file, document, "main"))
    config = document.get("config")
    return Project(
        file=file,
        root=root,
        name=name,
        program=program,
        directory=program if program.is_dir() else program.parent,
        python=_python(root, _options(file, document.get("runtime"))),
        config=config if isinstance(config, Mapping) else {},
        stack_files=_stack_files(root / _config_folder(file, document), file.suffix),
    )


def _options(file: Path, runtime: Any) -> Mapping[str, Any]:
    """The options of `runtime: python` or `runtime: {name: python, options: …}`."""
    written = runtime if isinstance(runtime, Mapping) else {"name": runtime}
    if written.get("name") != "python":
        raise ProgramError(f"{file}: a plan runs Python programs, got runtime {written.get('name')!r}")
    options = written.get("options") or {}
    if not isinstance(options, Mapping):
        raise ProgramError(f"{file}: `runtime.options` must be a mapping, got {type(options).__name__}")
    return options


def _config_folder(file: Path, document: Mapping[str, Any]) -> str:
    """`config: <folder>` is the older spelling of `stackConfigDir`."""
    folder, older = _text(file, document, "stackConfigDir"), document.get("config")
    if folder and isinstance(older, str):
        raise ProgramError(f"{file}: `config: {older}` and `stackConfigDir` both name a folder; keep stackConfigDir")
    return folder or (older if isinstance(older, str) else "")


def _text(file: Path, document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    if value is not None and not isinstance(value, str):
        raise ProgramError(f"{file}: `{key}` must be a text, got {type(value).__name__}")
    return value or ""


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
    if not isinstance(environment, str):
        return Path(sys.executable)
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    python = root / environment / inside
    return python if python.is_file() else Path(sys.executable)
