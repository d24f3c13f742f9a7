"""What a rule reads: a resource, or a part of one, as a `Subject`; and its surroundings, as a `Stack`.

Both answer with values only. What is `UNKNOWN` ends the rule with `Undeterminable`, so that no rule can take it for
something else. Standard library only.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from modelberth_policies.resources import (
    MISSING,
    UNKNOWN,
    Absent,
    Partial,
    Plan,
    Resource,
    Secret,
    parted,
    read,
    read_text,
    reveal,
)

if TYPE_CHECKING:
    from modelberth_policies.bill import Bill
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
            raise Undeterminable(self._full(path))
        if found is MISSING:
            return default
        return reveal(found) if isinstance(found, Secret) else found

    def text(self, path: str, default: str = "") -> str:
        """The text at `path`, with a `GAP` for each part that is unknown; `default` where nothing, or no text, stands.

        So `"*"` can be told from `arn:…` without knowing all of it. Raises `Undeterminable` for what is unknown whole.
        """
        found, _ = read_text(self.whole, path)
        if found is UNKNOWN:
            raise Undeterminable(self._full(path))
        return found if isinstance(found, str) else default

    def present(self, path: str) -> bool:
        """Whether anything but an empty text, list or mapping stands at `path`.

        What another resource will give counts: its output has a value once it is made. Raises `Undeterminable` where it
        is not known what the unknown comes from, or where something around `path` is unknown.
        """
        found = read(self.whole, path)
        if found is UNKNOWN:
            if self._is_leaf(path) and self._comes_from_a_resource(path):
                return True
            raise Undeterminable(self._full(path))
        return found is not MISSING and reveal(found) not in ("", [], {})

    def each(self, path: str) -> Iterator["Subject"]:
        """The items of the list at `path`, as parts; a mapping there counts as one item, nothing as none.

        Raises `Undeterminable` where the list is unknown. An item that is unknown is a part whose values are.
        """
        found = read(self.whole, path)
        if found is UNKNOWN:
            raise Undeterminable(self._full(path))
        secret = self.secret or isinstance(found, Secret)
        plain = found.value if isinstance(found, Secret) else found
        if isinstance(plain, Mapping):
            yield Subject(self.resource, self.limits, plain, self._full(path), secret=secret)
        elif isinstance(plain, list):
            for index, item in enumerate(plain):
                yield Subject(self.resource, self.limits, item, f"{self._full(path)}[{index}]", secret=secret)

    def at(self, path: str) -> "Subject":
        """The part at `path`, which may be missing: then every value of it is."""
        found = read(self.whole, path)
        if found is UNKNOWN:
            raise Undeterminable(self._full(path))
        secret = self.secret or isinstance(found, Secret)
        plain = found.value if isinstance(found, Secret) else {} if found is MISSING else found
        return Subject(self.resource, self.limits, plain, self._full(path), secret=secret)

    def document(self, path: str) -> "Subject":
        """The JSON document in the text at `path`, or the mapping there, as a part; one without values if missing.

        Of a text that is known in parts, the parts are. A text that is no JSON is `Undeterminable`.
        """
        text, secret = read_text(self.whole, path)
        if text is MISSING or isinstance(text, Mapping | list):
            return self.at(path)
        if text is UNKNOWN:
            raise Undeterminable(self._full(path))
        try:
            content = json.loads(text)
        except (TypeError, ValueError):
            raise Undeterminable(self._full(path)) from None
        return Subject(self.resource, self.limits, parted(content), self._full(path), secret=self.secret or secret)

    def show(self, path: str = "") -> str:
        """What stands at `path`, for a message: `'a text'`, `42`, `unset`, `unknown`, `a secret`."""
        found = read(self.whole, path)
        if isinstance(found, Secret) or (self.secret and not isinstance(found, Absent)):
            return "a secret"
        return "unset" if found is MISSING else _shown(found)

    def _full(self, path: str) -> str:
        return path if not self.path else self.path if not path else f"{self.path}.{path}"

    def _is_leaf(self, path: str) -> bool:
        parent, _, _ = path.rpartition(".")
        return not parent or read(self.whole, parent) is not UNKNOWN

    def _comes_from_a_resource(self, path: str) -> bool:
        top = re.split(r"[.\[]", self._full(path), maxsplit=1)[0]
        return bool(self.resource.property_dependencies.get(top))


def _shown(value: Any) -> str:
    if isinstance(value, Secret):
        return "a secret"
    if isinstance(value, Absent | Partial):
        return "unknown"
    if isinstance(value, Mapping):
        return f"{len(value)} fields"
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return repr(value) if isinstance(value, str) else json.dumps(value)


class Stack:
    """The plan as rules read it: its resources as subjects, and who refers to whom."""

    def __init__(self, plan: Plan, limits: "Limits", bill: "Callable[[], Bill] | None" = None) -> None:
        self.plan = plan
        self.limits = limits
        self._bill = bill
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

        `identities`: inputs of the target by which it may be named (`bucket`, `name`).
        """
        top = re.split(r"[.\[]", subject._full(path), maxsplit=1)[0]
        if target.resource.urn in subject.resource.property_dependencies.get(top, ()):
            return True
        found = reveal(read(subject.whole, path))
        if isinstance(found, Absent):
            return False
        known = [reveal(read(target.whole, identity)) for identity in identities]
        known += [reveal(read(target.resource.outputs, key)) for key in ("id", "arn")]
        return any(not isinstance(each, Absent) and found == each for each in known)

    def referring(self, target: Subject, type_: str, path: str, *identities: str) -> list[Subject]:
        """The resources of `type_` whose input at `path` refers to `target`: see `refers`."""
        return [found for found in self.of_type(type_) if self.refers(found, path, target, *identities)]

    def ancestors(self, subject: Subject) -> Iterator[Resource]:
        """Its parent, the parent's parent, and so on; not the stack."""
        resource = self.plan.get(subject.resource.parent)
        while resource is not None:
            yield resource
            resource = self.plan.get(resource.parent)
