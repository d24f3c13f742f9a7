"""How fast an error budget may burn before somebody is told: several windows, several rates. Pure arithmetic.

Source of the table: https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

PERIOD_HOURS = 30 * 24
"""Over how long an objective holds."""

Severity = Literal["critical", "warning"]
"""Wake somebody; or let it wait until the morning."""


@dataclass(frozen=True, slots=True)
class Pace:
    """One rate of burning, and the two windows in which it must be seen."""

    budget: float
    """The share of the period's budget that is gone when the long window is full."""
    hours: int
    """The long window: that it burns."""
    severity: Severity
    """How bad that is."""

    @property
    def factor(self) -> float:
        """How many times as fast as the budget allows."""
        return self.budget * PERIOD_HOURS / self.hours

    @property
    def long(self) -> str:
        """The long window as Prometheus writes it."""
        return window(self.hours * 60)

    @property
    def short(self) -> str:
        """The short one, a twelfth: that it still burns."""
        return window(self.hours * 60 // 12)


PACES = (
    Pace(0.02, 1, "critical"),
    Pace(0.05, 6, "critical"),
    Pace(0.10, 24, "warning"),
    Pace(0.10, 72, "warning"),
)


def window(minutes: int) -> str:
    """A length of time as Prometheus writes it: `5m`, `2h`, `3d`."""
    for length, letter in ((24 * 60, "d"), (60, "h")):
        if minutes % length == 0:
            return f"{minutes // length}{letter}"
    return f"{minutes}m"


WINDOWS = tuple(dict.fromkeys(length for pace in PACES for length in (pace.short, pace.long)))
"""Every window in which a share is taken, each once."""


SLOW_HOURS = 6
"""From this length of a window on, what it says changes so slowly that it is asked for rarely."""


def slow_windows() -> frozenset[str]:
    """The windows of `SLOW_HOURS` and more. Pure."""
    return frozenset(pace.long for pace in PACES if pace.hours >= SLOW_HOURS)


def threshold(objective: float, pace: Pace) -> float:
    """The share of bad requests from which on the budget burns at a pace. `objective` is the share of good ones."""
    # Rounded, so that 1 - 0.999 is 0.001.
    return round(pace.factor * round(1 - objective, 12), 12)


def paces_of(objective: float) -> Iterator[Pace]:
    """The paces that an objective can reach: more than all requests cannot be bad."""
    return (pace for pace in PACES if threshold(objective, pace) < 1)
