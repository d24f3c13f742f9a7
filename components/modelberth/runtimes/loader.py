"""A model server by its name, or from a file of your own: `load("mlserver")`, `load("./my-server.yaml")`."""

from functools import cache
from importlib import resources
from pathlib import Path

import yaml
from pydantic import ValidationError

from modelberth.core.errors import ConfigError, Fault, closest, faults_of
from modelberth.runtimes.runtime import Runtime

PACKAGE = "modelberth.runtimes"
ENDINGS = (".yaml", ".yml")


@cache
def names() -> tuple[str, ...]:
    """The runtimes that are shipped, sorted."""
    files = resources.files(PACKAGE).iterdir()
    return tuple(sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml")))


def load(name: str | Path) -> Runtime:
    """The runtime of that name, or in that YAML file of the same shape.

    A text that ends in `.yaml` or `.yml`, or a `Path`, is a file, relative to the working directory; it is read each
    time, a shipped runtime once. Raises `ConfigError` with all faults.
    """
    if isinstance(name, Path) or name.endswith(ENDINGS):
        return _load_file(Path(name))
    return _load_shipped(name)


@cache
def _load_shipped(name: str) -> Runtime:
    if name not in names():
        fix = closest(name, names()) or "take one of these, or give the path of a YAML file of your own"
        raise ConfigError([Fault("runtime", f"got {name!r}, allowed are {', '.join(names())}", fix)], source="runtimes")
    return _parse((resources.files(PACKAGE) / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def _load_file(path: Path) -> Runtime:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        fix = f"give a file that can be read, or one of {', '.join(names())}"
        raise ConfigError([Fault("runtime", f"cannot read {path}: {why}", fix)], source="runtimes") from None
    return _parse(text, str(path))


def _parse(text: str, source: str) -> Runtime:
    try:
        return Runtime.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        raise ConfigError(faults_of(error, "", Runtime), source=source) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError([Fault(where, "not YAML", "correct it there")], source=source) from None
