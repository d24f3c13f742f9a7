"""What a bill is made of. Amounts are floats in US dollars: they are estimates, and only a report rounds them."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from modelberth_policies.prices import Price

UNBOUNDED: Final = math.inf
"""A worst case without a limit. Sums keep it, comparisons with a budget work, and it shows as a word."""


@dataclass(frozen=True, slots=True)
class Range:
    """A quantity or an amount: least, expected, and worst, which may be `UNBOUNDED`."""

    low: float
    expected: float
    worst: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.expected <= self.worst:
            raise ValueError(f"a range goes upwards from 0; got {self.low}, {self.expected}, {self.worst}")

    @classmethod
    def of(cls, value: float) -> "Range":
        """The same in every case."""
        return cls(value, value, value)

    @property
    def unbounded(self) -> bool:
        """Whether the worst case has no limit."""
        return math.isinf(self.worst)

    @property
    def fixed(self) -> bool:
        """Whether all three are the same."""
        return self.low == self.worst

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.expected + other.expected, self.worst + other.worst)

    def __mul__(self, other: "Range | float") -> "Range":
        by = other if isinstance(other, Range) else Range.of(other)
        pairs = zip(self.triple, by.triple, strict=True)
        # Nothing times no limit is nothing, not the nan of floats.
        return Range(*(0.0 if 0 in pair else pair[0] * pair[1] for pair in pairs))

    @property
    def triple(self) -> tuple[float, float, float]:
        """Low, expected, worst."""
        return self.low, self.expected, self.worst

    def plain(self) -> dict[str, float | str]:
        """For JSON, which has no infinity."""
        return {"low": self.low, "expected": self.expected, "worst": "unbounded" if self.unbounded else self.worst}

    def shown(self, digits: int = 2) -> str:
        """`167.90`, or `335.80 to 503.70 to unbounded`; `digits` after the point at most."""
        texts = [f"{part:,.{digits}f}" if math.isfinite(part) else "unbounded" for part in self.triple]
        return texts[0] if self.fixed else " to ".join(texts)

    def __str__(self) -> str:
        return self.shown()


NOTHING: Final = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is paid for: so many units at so much."""

    urn: str
    service: str
    """What it is for: the name of the service or component that it belongs to."""
    product: str
    what: str
    """`ml.g5.xlarge`, `log ingestion`."""
    unit_price: Price
    quantity: Range
    """In units of the price."""
    formula: str
    """Where the quantity comes from: `2 to 6 instances x 730 h`."""

    @property
    def unit(self) -> str:
        """What the price is for: `hour`, `GB-month`, `1M requests`."""
        return self.unit_price.unit

    @property
    def usd(self) -> Range:
        """The amount: of a month, or of one rollout."""
        return self.quantity * self.unit_price.usd


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Something that may cost, and why nobody can say how much. Never counted as nothing."""

    urn: str
    type: str
    reason: str
    service: str = ""
    product: str = ""
    what: str = ""
    """The part that lacks a price. Empty: the whole resource."""
    later: bool = False
    """Whether it will have one, once it is deployed and all values are known."""


@dataclass(frozen=True, slots=True)
class Free:
    """A resource that costs nothing by itself, and why."""

    urn: str
    type: str
    reason: str


@dataclass(frozen=True)
class Bill:
    """What a stack costs a month."""

    stack: str
    environment: str
    """Whose assumptions about use were taken."""
    lines: tuple[Line, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()
    free: tuple[Free, ...] = ()
    rollouts: tuple[Line, ...] = ()
    """What changing the version costs each time. In no total: nobody knows how often."""
    unused_overrides: tuple[str, ...] = ()
    """Patterns of the usage file that fit no resource."""

    @cached_property
    def total(self) -> Range:
        """All lines together, a month."""
        return total(self.lines)

    def by_service(self) -> Mapping[str, Range]:
        """Service → its share, the dearest first."""
        return _grouped(self.lines, lambda line: line.service)

    def of_service(self, service: str) -> Mapping[str, Range]:
        """Product → its share of one service, the dearest first."""
        return _grouped((line for line in self.lines if line.service == service), lambda line: line.product)

    def by_product(self) -> Mapping[str, Range]:
        """Product → its share, the dearest first."""
        return _grouped(self.lines, lambda line: line.product)

    def of(self, urn: str) -> Range:
        """What one resource costs."""
        return total(line for line in self.lines if line.urn == urn)


def total(lines: Iterable[Line]) -> Range:
    """The sum of what the lines cost."""
    amounts = [line.usd.triple for line in lines]
    # fsum does not depend on the order, and its roundings keep low ≤ expected ≤ worst.
    return Range(*(math.fsum(column) for column in zip(*amounts, strict=True))) if amounts else NOTHING


def _grouped(lines: Iterable[Line], key: Callable[[Line], str]) -> Mapping[str, Range]:
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line)
    amounts = {name: total(group) for name, group in groups.items()}
    return dict(sorted(amounts.items(), key=lambda pair: (-pair[1].expected, pair[0])))
