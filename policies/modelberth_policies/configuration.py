"""Files that people write — limits, usage, exemptions — read into typed models, with one message that names line and
field for all that is wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError


class Configuration(BaseModel):
    """A frozen model that refuses unknown fields and never repeats a text in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


class ConfigurationError(Exception):
    """A file of the check cannot be used. The message names file, line and field of every fault."""


M = TypeVar("M", bound=BaseModel)


def read_model(path: Path, model: type[M]) -> M:
    """The file as the model. Raises `ConfigurationError` for what is no YAML, or not what the model allows."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise ConfigurationError(f"{path}{line}: is no YAML: {getattr(error, 'problem', error)}") from None
    try:
        return model.model_validate({} if content is None else content)
    except ValidationError as error:
        raise ConfigurationError("\n".join(_faults(error, path, node))) from None


def _faults(error: ValidationError, path: Path, node: yaml.Node | None) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(str(step) for step in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        yield f"{path}:{line_of(node, fault['loc'])}: {place + ': ' if place else ''}{_said(fault['type'], message)}"


def _said(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "is no field; see the schema (`modelberth schema --limits | --usage | --exemptions`)"
    return "must be given" if kind == "missing" else message[:1].lower() + message[1:]


def line_of(node: yaml.Node | None, steps: tuple[Any, ...]) -> int:
    """The line, from 1, of what stands at these steps, or of the nearest thing around it that does stand there."""
    line = 1
    for step in steps:
        found = _under(node, step)
        if found is None:
            break
        line, node = found
    return line


def _under(node: yaml.Node | None, step: Any) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None
