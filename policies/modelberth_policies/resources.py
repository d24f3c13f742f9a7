"""What rules and prices read: a `Plan` of `Resource`s, whatever source it came from. Standard library only.

A property has three states: a value, `MISSING` (left out, or null) and `UNKNOWN` (only the cloud will know).
A secret is a `Secret`, whose text never shows.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias


class Absent(Enum):
    """The two ways in which a property has no value. Compare with `is`: the truth of neither is defined."""

    MISSING = "MISSING"
    """Left out of the program, or null."""
    UNKNOWN = "UNKNOWN"
    """Known only once the cloud has made the resource, or once a secret is decrypted."""

    def __repr__(self) -> str:
        return self.name

    def __bool__(self) -> bool:
        raise TypeError(f"{self.name} is neither true nor false; compare it with `is {self.name}`")


MISSING: Final = Absent.MISSING
UNKNOWN: Final = Absent.UNKNOWN
Missing: TypeAlias = Literal[Absent.MISSING]
Unknown: TypeAlias = Literal[Absent.UNKNOWN]


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that must not be shown. `Secret(UNKNOWN)` is one that cannot even be read here."""

    value: Any
    """The plain value; may hold further `Secret`s and `UNKNOWN`s."""

    def __repr__(self) -> str:
        return "Secret(UNKNOWN)" if self.value is UNKNOWN else "Secret(…)"


GAP: Final = "\ue000"
"""Stands in a `Partial` text for what is unknown; no text of a program holds this private character."""


@dataclass(frozen=True, slots=True)
class Partial:
    """A text of which parts are unknown, such as a policy document that names a resource still to be made.

    To `read` it is `UNKNOWN`; `read_text` gives it with a `GAP` in place of each unknown part.
    """

    text: str

    def __repr__(self) -> str:
        return f"Partial({self.text.replace(GAP, '…')!r})"


def reveal(value: Any) -> Any:
    """The value without its `Secret` wrappings, at any depth. For comparing, never for showing."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, Mapping):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


_STEP = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["([^"]*)"\]')


@lru_cache(maxsize=4096)
def steps_of(path: str) -> tuple[str | int, ...]:
    """The steps of a path: `a.b[0]["c.d"].e` → `("a", "b", 0, "c.d", "e")`. Raises `ValueError` for anything else."""
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise ValueError(f'path {path!r} is not understood at character {position}; write a.b[0]["c.d"]')
        name, index, quoted = match.groups()
        steps.append(int(index) if index is not None else quoted if quoted is not None else name)
        position = match.end()
    return tuple(steps)


def read(properties: Any, path: str) -> Any:
    """What stands at `path`: a value (a `Secret` if it, or anything around it, is one), `MISSING` or `UNKNOWN`.

    `UNKNOWN` anywhere on the way, also `Secret(UNKNOWN)`, gives `UNKNOWN`; null and an index out of range, `MISSING`.
    """
    value, secret = _found(properties, path)
    if isinstance(value, Partial):
        return UNKNOWN
    return Secret(value) if secret and not isinstance(value, Absent) else value


def read_text(properties: Any, path: str) -> tuple[Any, bool]:
    """What stands at `path`, and whether it is a secret; a `Partial` text as far as it is known, with its gaps."""
    value, secret = _found(properties, path)
    return (value.text if isinstance(value, Partial) else value), secret


def parted(document: Any) -> Any:
    """A document that was parsed from a `Partial` text: every text in it with a gap is a `Partial`."""
    if isinstance(document, str):
        return Partial(document) if GAP in document else document
    if isinstance(document, dict):
        return {key: parted(item) for key, item in document.items()}
    return [parted(item) for item in document] if isinstance(document, list) else document


def _found(properties: Any, path: str) -> tuple[Any, bool]:
    value, secret = _unwrap(properties)
    for step in steps_of(path):
        if value is UNKNOWN or isinstance(value, Partial):
            return UNKNOWN, secret
        value, inner = _unwrap(_child(value, step))
        secret = secret or inner
    return (MISSING if value is None else value), secret


def _unwrap(value: Any) -> tuple[Any, bool]:
    secret = isinstance(value, Secret)
    while isinstance(value, Secret):
        value = value.value
    return value, secret


def _child(value: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    return value[step] if isinstance(value, list) and step < len(value) else MISSING


@dataclass(frozen=True, slots=True)
class Options:
    """The resource options, as they reach the engine; resources appear by URN."""

    protect: bool = False
    provider: str | None = None
    """URN of the explicit provider, given or inherited. None: the default provider of its package."""
    providers: Mapping[str, str] = field(default_factory=dict)
    """What a component hands down: package → URN."""
    aliases: tuple[str, ...] = ()
    """Earlier URNs, those that the resource states itself."""
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    retain_on_delete: bool = False
    deleted_with: str | None = None
    replace_with: tuple[str, ...] = ()
    import_id: str | None = None
    custom_timeouts: Mapping[str, str] = field(default_factory=dict)
    """`create`, `update`, `delete` → duration, in the words of the program (`10m`)."""
    version: str | None = None
    """Version of the provider's plugin that the SDK asks for."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a plan."""

    urn: str
    type: str
    name: str
    parent: str | None = None
    """URN of the parent; the stack's own for what stands at the top."""
    custom: bool = True
    """False for a component."""
    external: bool = False
    """True for what is only read (`Bucket.get`, a stack reference), not managed."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """As the program gave them, names as on the wire (camelCase for SDK resources)."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """Known outputs: what a component registered, what a state holds."""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Input → URNs that it was computed from."""
    options: Options = Options()
    source: str = ""
    """`file:line` that made it, relative to the project. Empty where the SDK does not say."""

    @property
    def is_component(self) -> bool:
        """True for a component, which no provider manages."""
        return not self.custom

    @property
    def key(self) -> str:
        """The tail of the URN, with the parents' types: `my:index:Site$aws:s3/bucket:Bucket::logs`."""
        return self.urn.split("::", 2)[-1]

    def get(self, path: str) -> Any:
        """The input at `path` (`a.b[0]["c.d"]`): its value, `MISSING` or `UNKNOWN`. See `read`."""
        return read(self.inputs, path)


@dataclass(frozen=True, slots=True)
class Plan:
    """The resources of one stack, in the order in which they were made, parents first. The stack itself is not one."""

    project: str
    stack: str
    resources: tuple[Resource, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What the program exports."""
    _by_urn: dict[str, Resource] = field(init=False, repr=False, compare=False)
    _by_type: dict[str, list[Resource]] = field(init=False, repr=False, compare=False)
    _by_parent: dict[str | None, list[Resource]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_type: dict[str, list[Resource]] = {}
        by_parent: dict[str | None, list[Resource]] = {}
        for resource in self.resources:
            by_type.setdefault(resource.type, []).append(resource)
            by_parent.setdefault(resource.parent, []).append(resource)
        object.__setattr__(self, "_by_urn", {resource.urn: resource for resource in self.resources})
        object.__setattr__(self, "_by_type", by_type)
        object.__setattr__(self, "_by_parent", by_parent)

    @property
    def urn(self) -> str:
        """URN of the stack, which is the parent of what stands at the top."""
        return urn_of(self.project, self.stack, "", "pulumi:pulumi:Stack", f"{self.project}-{self.stack}")

    def as_resource(self) -> Resource:
        """The stack as a resource, for what concerns all of it."""
        return Resource(self.urn, "pulumi:pulumi:Stack", self.stack, custom=False)

    @property
    def types(self) -> tuple[str, ...]:
        """The types that occur, in order of first occurrence."""
        return tuple(self._by_type)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def __len__(self) -> int:
        return len(self.resources)

    def __getitem__(self, urn: str) -> Resource:
        """The resource of a URN, or of its tail (`Resource.key`). Raises `KeyError`."""
        prefix = f"urn:pulumi:{self.stack}::{self.project}::"
        return self._by_urn[urn if urn.startswith("urn:pulumi:") else prefix + urn]

    def get(self, urn: str | None) -> Resource | None:
        """The resource of a URN; None where the plan has none."""
        return self._by_urn.get(urn) if urn is not None else None

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """The resources of these types."""
        return tuple(resource for type_ in types for resource in self._by_type.get(type_, ()))

    def children(self, parent: Resource | str) -> tuple[Resource, ...]:
        """What has this resource, or the resource of this URN, as its parent; nothing deeper."""
        return tuple(self._by_parent.get(parent.urn if isinstance(parent, Resource) else parent, ()))


def urn_of(project: str, stack: str, parent: str, type_: str, name: str) -> str:
    """The URN that the engine gives: the types of all parents but the stack's stand before the resource's own."""
    chain = parent.split("::")[2] if parent else ""
    qualified = type_ if chain in ("", "pulumi:pulumi:Stack") else f"{chain}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"
