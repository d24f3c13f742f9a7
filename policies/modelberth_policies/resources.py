"""What rules and prices read: a `Plan` of `Resource`s, whatever source it came from. Standard library only.

How the values of its properties are read is in `properties`, whose names are here too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelberth_policies.properties import (
    GAP,
    MISSING,
    UNKNOWN,
    Absent,
    Missing,
    Partial,
    Secret,
    Unknown,
    parted,
    read,
    read_text,
    reveal,
    steps_of,
)

__all__ = [
    "GAP",
    "MISSING",
    "UNKNOWN",
    "Absent",
    "Missing",
    "Options",
    "Partial",
    "Plan",
    "Resource",
    "Secret",
    "Unknown",
    "parted",
    "read",
    "read_text",
    "reveal",
    "steps_of",
    "urn_of",
]


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
    notes: tuple[str, ...] = ()
    """What the source could not see, one sentence each; for a report, beside the findings."""
    default_providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Package → inputs of its default provider, as configured (`{"aws": {"region": …}}`). It is no resource here."""
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

    def provider(self, resource: Resource) -> Mapping[str, Any]:
        """Inputs of the provider that manages a resource: its explicit one, else the default one of its package.

        Empty where the plan does not say, or where it has several default ones.
        """
        reference, package = resource.options.provider, resource.type.partition(":")[0]
        if reference is not None:
            # In a state, the provider's id stands behind its URN.
            explicit = self.get(reference) or self.get(reference.rpartition("::")[0])
            return {} if explicit is None else explicit.inputs
        defaults = [each for each in self.of_type(f"pulumi:providers:{package}") if each.name.startswith("default")]
        return defaults[0].inputs if len(defaults) == 1 else self.default_providers.get(package, {})

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
