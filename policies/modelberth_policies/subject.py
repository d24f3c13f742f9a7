"""What a rule reads: a resource, or a part of one, as a `Subject`; and its surroundings, as a `Stack`.

Both answer with values only. What is `UNKNOWN` ends the rule with `Undeterminable`, so that no rule can take it for
something else. Standard library only.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from modelberth_policies.properties import MISSING, UNKNOWN, Absent, Secret, parted, read, read_text, reveal, shown
from modelberth_policies.references import keys_of, own_keys
from modelberth_policies.resources import Plan, Resource

if TYPE_CHECKING:
    from modelberth_policies.bill import Bill, Range
    from modelberth_policies.limits import Limits
else:
    Limits = Any


class Undeterminable(Exception):  # noqa: N818 — said of a rule, not of a mistake
    """The rule needs a value that nobody knows yet."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


_VERSIONED = re.compile(r"^(azure-native:[^/:]+)/v\d+[^:]*(:.+)$")


@lru_cache(maxsize=4096)
def canonical(type_: str) -> str:
    """The type without an API version: `azure-native:app/v20240301:ContainerApp` → `azure-native:app:ContainerApp`."""
    return _VERSIONED.sub(r"\1\2", type_)


class Subject:
    """A resource, or a part of one (`path` says which), with the limits of its environment."""

    __slots__ = ("limits", "path", "resource", "secret", "whole")

    def __init__(
        self, resource: Resource, limits: "Limits", whole: Any = None, path: str = "", *, secret: bool = False
    ) -> None:
        self.resource = resource
        self.limits = limits
        self.whole = resource.inputs if whole is None else whole
        """The inputs, or the part."""
        self.path = path
        """Where in the resource the part stands; empty for the resource."""
        self.secret = secret
        """Whether all of the part is secret."""

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.resource.name

    @property
    def type(self) -> str:
        """The resource's type, without an API version."""
        return canonical(self.resource.type)

    @property
    def root(self) -> "Subject":
        """The resource that this is a part of; itself, if it is none."""
        return Subject(self.resource, self.limits) if self.path else self

    def value(self, path: str = "", default: Any = MISSING) -> Any:
        """What stands at `path` (`a.b[0]["c.d"]`), secrets opened; `default` where nothing does.

        With no path, the part itself. Raises `Undeterminable` for what is unknown. A value is for comparing; a message
        shows it with `show`.
        """
        found = read(self.whole, path)
        if found is UNKNOWN:
            raise Undeterminable(self.full(path))
        if found is MISSING:
            return default
        return reveal(found) if isinstance(found, Secret) else found

    def text(self, path: str, default: str = "") -> str:
        """The text at `path`, with a `GAP` for each part that is unknown; `default` where nothing, or no text, stands.

        So `"*"` can be told from `arn:…` without knowing all of it. Raises `Undeterminable` for what is unknown whole.
        """
        found, _ = read_text(self.whole, path)
        if found is UNKNOWN:
            raise Undeterminable(self.full(path))
        return found if isinstance(found, str) else default

    def present(self, path: str) -> bool:
        """Whether anything but an empty text, list or mapping stands at `path`.

        What another resource will give counts: its output has a value once it is made. Raises `Undeterminable` where it
        is not known what the unknown comes from, or where something around `path` is unknown.
        """
        found = read(self.whole, path)
        if found is UNKNOWN:
            if self._is_leaf(path) and self.dependencies(path):
                return True
            raise Undeterminable(self.full(path))
        return found is not MISSING and reveal(found) not in ("", [], {})

    def computed(self, path: str = "") -> bool:
        """Whether what stands at `path` is unknown as a whole because another resource, still to be made, gives it."""
        return read_text(self.whole, path)[0] is UNKNOWN and self._is_leaf(path) and bool(self.dependencies(path))

    def each(self, path: str) -> Iterator["Subject"]:
        """The items of the list at `path`, as parts; a mapping there counts as one item, nothing as none.

        Raises `Undeterminable` where the list is unknown. An item that is unknown is a part whose values are.
        """
        found = read(self.whole, path)
        if found is UNKNOWN:
            raise Undeterminable(self.full(path))
        secret = self.secret or isinstance(found, Secret)
        plain = found.value if isinstance(found, Secret) else found
        if isinstance(plain, Mapping):
            yield Subject(self.resource, self.limits, plain, self.full(path), secret=secret)
        elif isinstance(plain, list):
            for index, item in enumerate(plain):
                part = MISSING if item is None else item
                yield Subject(self.resource, self.limits, part, f"{self.full(path)}[{index}]", secret=secret)

    def at(self, path: str) -> "Subject":
        """The part at `path`, which may be missing: then every value of it is."""
        found = read(self.whole, path)
        if found is UNKNOWN:
            raise Undeterminable(self.full(path))
        secret = self.secret or isinstance(found, Secret)
        plain = found.value if isinstance(found, Secret) else {} if found is MISSING else found
        return Subject(self.resource, self.limits, plain, self.full(path), secret=secret)

    def document(self, path: str) -> "Subject":
        """The JSON document in the text at `path`, or the mapping there, as a part; one without values if missing.

        Of a text that is known in parts, the parts are. A text that is no JSON is `Undeterminable`.
        """
        text, secret = read_text(self.whole, path)
        if text is MISSING or isinstance(text, Mapping | list):
            return self.at(path)
        if text is UNKNOWN:
            raise Undeterminable(self.full(path))
        try:
            content = json.loads(text)
        except (TypeError, ValueError):
            raise Undeterminable(self.full(path)) from None
        return Subject(self.resource, self.limits, parted(content), self.full(path), secret=self.secret or secret)

    def show(self, path: str = "") -> str:
        """What stands at `path`, for a message: `'a text'`, `42`, `unset`, `unknown`, `a secret`."""
        found = read(self.whole, path)
        if isinstance(found, Secret) or (self.secret and not isinstance(found, Absent)):
            return "a secret"
        return "unset" if found is MISSING else shown(found)

    def full(self, path: str) -> str:
        """Where in the resource the path of this part leads."""
        if not self.path or not path:
            return self.path or path
        return f"{self.path}{path}" if path.startswith("[") else f"{self.path}.{path}"

    def dependencies(self, path: str = "") -> tuple[str, ...]:
        """URNs of what the input that holds `path` was computed from; Pulumi tells them for each top-level input."""
        top = re.split(r"[.\[]", self.full(path), maxsplit=1)[0]
        return self.resource.property_dependencies.get(top, ())

    def _is_leaf(self, path: str) -> bool:
        parent, _, _ = path.rpartition(".")
        return not path or read(self.whole, parent) is not UNKNOWN


class Stack:
    """The plan as rules read it: its resources as subjects, and who refers to whom."""

    def __init__(
        self,
        plan: Plan,
        limits: "Limits",
        bill: "Callable[[], Bill] | None" = None,
        before: "Range | None" = None,
    ) -> None:
        self.plan = plan
        self.limits = limits
        self.before = before
        """What it cost a month by the baseline; None where there is none."""
        self._bill = bill
        self._referring: dict[tuple[str, str], dict[str, list[Subject]]] = {}
        by_type: dict[str, list[Subject]] = {}
        for resource in plan:
            if resource.custom and not resource.external:
                by_type.setdefault(canonical(resource.type), []).append(Subject(resource, limits))
        self._by_type = by_type

    @cached_property
    def bill(self) -> "Bill":
        """What the stack costs a month."""
        if self._bill is None:
            raise Undeterminable("bill")
        return self._bill()

    @property
    def subjects(self) -> Iterator[Subject]:
        """Every resource that a provider manages."""
        return (subject for found in self._by_type.values() for subject in found)

    def of_type(self, *types: str) -> list[Subject]:
        """The resources of these types, without those that are only read."""
        return [subject for type_ in types for subject in self._by_type.get(type_, ())]

    def refers(self, subject: Subject, path: str, target: Subject, *identities: str) -> bool:
        """Whether the input at `path` is computed from `target`, or holds what the target is known by.

        `identities`: inputs of the target by which it may be named (`bucket`, `name`); its id and ARN are, too.
        """
        return not set(keys_of(subject, path)).isdisjoint(own_keys(target, identities))

    def referring(self, target: Subject, type_: str, path: str, *identities: str) -> list[Subject]:
        """The resources of `type_` whose input at `path` refers to `target`: see `refers`."""
        index = self._referring.get((type_, path))
        if index is None:
            index = self._referring[type_, path] = {}
            for subject in self.of_type(type_):
                for key in dict.fromkeys(keys_of(subject, path)):
                    index.setdefault(key, []).append(subject)
        found = [subject for key in own_keys(target, identities) for subject in index.get(key, ())]
        return list({each.resource.urn: each for each in found if each.resource is not target.resource}.values())

    def ancestors(self, subject: Subject) -> Iterator[Resource]:
        """Its parent, the parent's parent, and so on; not the stack."""
        resource = self.plan.get(subject.resource.parent)
        while resource is not None:
            yield resource
            resource = self.plan.get(resource.parent)
