"""The configuration that the engine would hand to a program: the stack's file over what `Pulumi.yaml` declares.

The rules are those of `pkg/workspace/config.go` and `sdk/go/common/workspace/project.go` in pulumi/pulumi.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelberth_policies.sources.errors import ProgramError
from modelberth_policies.sources.go_yaml import load_mapping
from modelberth_policies.sources.project import Project
from modelberth_policies.sources.values import UNDECRYPTED


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a program is given."""

    values: Mapping[str, str]
    """`namespace:name` → text; lists and mappings as JSON. In place of a `secure:` value stands `UNDECRYPTED`."""
    secret_keys: list[str]
    environments: tuple[str, ...] = ()
    """Environments of Pulumi ESC that the stack imports. What they hold is not known here."""


@dataclass(frozen=True, slots=True)
class _Declared:
    key: str
    default: Any
    type: str | None
    items: Any
    secret: bool
    own: bool
    """Of the project's own namespace: only such a key has a type and is required."""


def configuration_of(project: Project, stack: str, overrides: Mapping[str, Any]) -> Configuration:
    """What the program of a stack is given: one of `overrides` before the stack's value before the project's default.

    Raises `ProgramError` for an unknown stack, for declared keys that nothing gives, and for a value of another type
    than the declared.
    """
    stack_file = _stack_file(project, stack)
    environments = tuple(_environments(stack_file.get("environment")))
    declared = list(_declarations(project))
    own = stack_file.get("config") or {}
    if not isinstance(own, Mapping):
        raise ProgramError(f"{project.stack_files[stack]}: `config` must be a mapping, got {type(own).__name__}")
    written = {_key(project, str(key)): value for key, value in own.items()}
    given = {_key(project, key): value for key, value in overrides.items()}
    secrets = {key for key, value in {**written, **given}.items() if _secure(value)}
    # What is given in place of a secret is one.
    secrets |= {key for key, value in written.items() if _secure(value)} & given.keys()
    secrets |= {each.key for each in declared if each.secret} & given.keys()
    values = {**written, **given}
    _refuse_missing(project, stack, [each.key for each in declared if _lacking(each, values)], environments)
    values = {**{each.key: each.default for each in declared if each.default is not None}, **values}
    _refuse_wrong(project, stack, [fault for each in declared for fault in _faults(each, values, secrets)])
    texts = {key: _text(_masked(value)) for key, value in values.items()}
    return Configuration(texts, sorted(secrets), environments)


def _stack_file(project: Project, stack: str) -> Mapping[str, Any]:
    """A project without any stack file has no stacks to choose from: there, any name will do."""
    if stack in project.stack_files:
        return load_mapping(project.stack_files[stack])
    if project.stack_files:
        raise ProgramError(f"{project.root} has no stack {stack!r}; its stacks are {', '.join(project.stack_files)}")
    return {}


def _environments(written: Any) -> Iterator[str]:
    """Names of a list (`- base`, `- base: {merge: false}`), or of the `imports` of a definition in place."""
    if isinstance(written, Mapping):
        yield from _environments(written.get("imports"))
        if set(written) - {"imports"}:
            yield "the one in the stack's file"
        return
    for entry in written if isinstance(written, list) else []:
        yield from (str(name) for name in entry) if isinstance(entry, Mapping) else (str(entry),)


def _declarations(project: Project) -> Iterator[_Declared]:
    for name, entry in project.config.items():
        key = _key(project, str(name))
        own = key.startswith(f"{project.name}:")
        if entry is None:
            raise ProgramError(f"{project.file}: config {key} is empty; give it a type, a default or a value")
        if isinstance(entry, Mapping):
            yield _declaration(project, key, entry, own)
        else:
            yield _Declared(key, entry, None, None, False, own)


def _declaration(project: Project, key: str, entry: Mapping[str, Any], own: bool) -> _Declared:
    default, value, kind = entry.get("default"), entry.get("value"), entry.get("type")
    faults = {
        "has both `default` and `value`; keep one": default is not None and value is not None,
        f"has the type {kind!r}; a type is {', '.join(_OF_TYPE)}": kind is not None and str(kind) not in _OF_TYPE,
        "is an array without `items`; say `items: {type: …}`": own and kind == "array" and not entry.get("items"),
        "belongs to another namespace, so it takes `value` only": not own and not (entry.keys() <= {"value"} and entry),
    }
    for fault in (fault for fault, found in faults.items() if found):
        raise ProgramError(f"{project.file}: config {key} {fault}")
    return _Declared(
        key, value if default is None else default, kind, entry.get("items"), entry.get("secret") is True, own
    )


def _lacking(declared: _Declared, values: Mapping[str, Any]) -> bool:
    return declared.own and declared.default is None and declared.key not in values


def _refuse_missing(project: Project, stack: str, missing: list[str], environments: tuple[str, ...]) -> None:
    if not missing:
        return
    fix = f"write it to Pulumi.{stack}.yaml"
    if environments:
        fix = f"if {', '.join(environments)} of Pulumi ESC gives it, which cannot be read here, give it in `config`"
    raise ProgramError(
        f"stack {stack!r} of {project.file} lacks configuration that the project declares without a default: "
        f"{', '.join(missing)}; {fix}"
    )


def _faults(declared: _Declared, values: Mapping[str, Any], secrets: set[str]) -> Iterator[str]:
    """As in the engine, a key that declares no type is not looked at."""
    if declared.type is None or declared.key not in values:
        return
    value = values[declared.key]
    if declared.secret and declared.key not in secrets:
        yield f"{declared.key} is declared secret and must be encrypted (`pulumi config set --secret {declared.key}`)"
    if not _fits(declared.type, declared.items, value):
        got = "" if declared.secret or declared.key in secrets else f", got {_got(value)}"
        yield f"{declared.key} must be {_type_name(declared.type, declared.items)}{got}"


def _refuse_wrong(project: Project, stack: str, faults: list[str]) -> None:
    if faults:
        raise ProgramError(f"stack {stack!r} of {project.file}: " + "; ".join(faults))


def _integer(value: Any) -> bool:
    if isinstance(value, str):
        digits = value[1:] if value[:1] in ("+", "-") else value
        return digits.isascii() and digits.isdigit()
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()


_OF_TYPE: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: not isinstance(value, Mapping | list),
    "integer": _integer,
    "boolean": lambda value: isinstance(value, bool) or value in ("true", "false"),
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list),
}


def _fits(kind: str, items: Any, value: Any, *, inside: bool = False) -> bool:
    if isinstance(value, Mapping) and set(value) == {"secure"}:
        return True  # encrypted: nothing is known of its type
    if kind == "string" and inside:
        return isinstance(value, str)  # at the top the engine has made a text of it already
    if kind != "array":
        return kind in _OF_TYPE and _OF_TYPE[kind](value)
    wanted = items if isinstance(items, Mapping) else {}
    return isinstance(value, list) and all(
        _fits(str(wanted.get("type")), wanted.get("items"), item, inside=True) for item in value
    )


def _type_name(kind: str, items: Any) -> str:
    return f"array<{_type_name(str(items.get('type')), items.get('items'))}>" if isinstance(items, Mapping) else kind


def _got(value: Any) -> str:
    kinds = {Mapping: "a mapping", list: "a list"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), repr(value))


def _key(project: Project, key: str) -> str:
    namespace, _, name = key.rpartition(":")
    return f"{namespace.removesuffix(':config') or project.name}:{name}"


def _secure(value: Any) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"secure"} or any(_secure(item) for item in value.values())
    return isinstance(value, list) and any(_secure(item) for item in value)


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return UNDECRYPTED if set(value) == {"secure"} else {str(key): _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


_ESCAPED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def _text(value: Any) -> str:
    """As Go writes it: JSON with sorted keys, whole floats without a point; a text as it is, and nothing for null."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    json_text = json.dumps(_go(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return json_text.translate(_ESCAPED)


def _go(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _go(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_go(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e21 else value
