"""What a line function gets: one resource that may cost, and what is needed to price it.

    def nat_gateway(item: Item) -> Iterator[Entry]:
        yield item.line("gateway", "nat-gateway", "gateway hour", item.hours, "1 gateway x 730 h")

Reading a value that nobody knows ends the function; the estimate then lists the resource as unpriced, with the reason.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from modelberth_policies.bill.assumptions import Assumptions
from modelberth_policies.bill.model import Free, Line, Range, Unpriced
from modelberth_policies.prices import find
from modelberth_policies.resources import MISSING, UNKNOWN, Partial, Plan, Resource, Secret, read

Entry: TypeAlias = Line | Unpriced | Free
T = TypeVar("T")


class NotPriceable(Exception):  # noqa: N818 — a reason, not a mistake
    """The resource, or the rest of it, cannot be priced. The text says why."""


class KnownLater(NotPriceable):
    """It can, once it is deployed: a value that the price needs is unknown until then."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is known only after deployment")


class Values:
    """Inputs of a resource, or a part of them. What is unknown, secret or of the wrong kind raises `NotPriceable`."""

    __slots__ = ("at", "whole")

    def __init__(self, whole: Any, at: str = "") -> None:
        self.whole = whole
        self.at = at
        """Where in the resource it stands, for messages."""

    def value(self, path: str, default: Any = MISSING) -> Any:
        """What stands at `path`; `default` where nothing does."""
        found = read(self.whole, path)
        if found is UNKNOWN or isinstance(found, Partial):
            raise KnownLater(self._full(path))
        if isinstance(found, Secret):
            raise NotPriceable(f"{self._full(path)} is a secret")
        return default if found is MISSING else found

    def text(self, path: str, default: str | None = None) -> str:
        """The text at `path`. Where none stands, `default`; without one, that is a reason."""
        found = self.value(path, default)
        if isinstance(found, str) and found:
            return found
        raise NotPriceable(f"{self._full(path)} is {'not set' if found is None else 'no text'}")

    def number(self, path: str, default: float | None = None) -> float:
        """The number at `path`, 0 or more; a text that is one counts. Where none stands, `default`."""
        found = self.value(path, default)
        if found is None:
            raise NotPriceable(f"{self._full(path)} is not set")
        try:
            number = float(found) if not isinstance(found, bool) else -1.0
        except (TypeError, ValueError):
            number = -1.0
        if not 0 <= number < float("inf"):
            raise NotPriceable(f"{self._full(path)} is no number of 0 or more")
        return number

    def flag(self, path: str) -> bool:
        """Whether true stands at `path`."""
        return self.value(path, False) in (True, "true")

    def each(self, path: str) -> list["Values"]:
        """The items of the list at `path`; a mapping there counts as one, nothing as none."""
        found = self.value(path, [])
        items = [found] if isinstance(found, Mapping) else found if isinstance(found, list) else []
        return [Values(item, f"{self._full(path)}[{index}]") for index, item in enumerate(items)]

    def count(self, path: str) -> int:
        """How many items the list at `path` has; they themselves may be unknown."""
        return len(self.each(path))

    def under(self, path: str) -> "Values":
        """The part at `path`, without values if there is none."""
        return Values(self.value(path, {}), self._full(path))

    def has(self, path: str) -> bool:
        """Whether anything stands at `path`, known or not."""
        return read(self.whole, path) is not MISSING

    def _full(self, path: str) -> str:
        return f"{self.at}.{path}" if self.at and path else self.at or path


@dataclass(frozen=True)
class Surroundings:
    """One plan that is being priced."""

    plan: Plan
    made: dict[Callable[[Plan], Any], Any] = field(default_factory=dict)

    def once(self, build: Callable[[Plan], T]) -> T:
        """What `build` makes of the plan, made once for all resources."""
        if build not in self.made:
            self.made[build] = build(self.plan)
        return self.made[build]


class Item(Values):
    """One resource that may cost."""

    __slots__ = ("around", "cloud", "product", "region", "resource", "service", "use")

    def __init__(
        self,
        resource: Resource,
        around: Surroundings,
        *,
        cloud: str,
        region: str | None,
        service: str,
        product: str,
        use: Assumptions,
    ) -> None:
        super().__init__(resource.inputs)
        self.resource = resource
        self.around = around
        self.cloud = cloud
        self.region = region
        self.service = service
        self.product = product
        self.use = use
        """What is assumed about its use."""

    @property
    def plan(self) -> Plan:
        """The whole plan."""
        return self.around.plan

    @property
    def hours(self) -> Range:
        """The hours of a month in which it exists."""
        return Range.of(self.use.hours)

    def monthly(self, expected: float, ceiling: float | None = None) -> Range:
        """A quantity that depends on use: less in a quiet month, more in the worst, `ceiling` at most."""
        low, worst = expected * min(self.use.quiet, 1), expected * max(self.use.surge, 1)
        if ceiling is None:
            return Range(low, expected, worst)
        return Range(min(low, ceiling), min(expected, ceiling), ceiling)

    def line(self, what: str, service: str, sku: str, quantity: Range, formula: str) -> Entry:
        """A line at the catalogue's price of `sku` in the resource's region; without one, the reason."""
        if self.region is None:
            return self.unpriced("its region is not known: no explicit provider of the plan states one", what)
        price = find(self.cloud, service, sku, self.region)
        if price is None:
            return self.unpriced(f"the catalogue has no price of {service} {sku!r} in {self.region}", what)
        return Line(self.resource.urn, self.service, self.product, what, price, quantity, formula)

    def unpriced(self, reason: str, what: str = "", *, later: bool = False) -> Unpriced:
        """Says why the resource, or `what` of it, has no price."""
        return Unpriced(self.resource.urn, self.resource.type, reason, self.service, self.product, what, later)

    def free(self, reason: str) -> Free:
        """Says why the resource, as it is, costs nothing by itself."""
        return Free(self.resource.urn, self.resource.type, reason)


@dataclass(frozen=True, slots=True)
class Meter:
    """How resources of one type are billed."""

    product: str
    lines: Callable[[Item], Iterator[Entry]]
    rollout: Callable[[Item], Iterator[Entry]] | None = None
    """What replacing the version costs, once."""
