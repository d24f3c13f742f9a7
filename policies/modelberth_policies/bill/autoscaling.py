"""How many an autoscaler holds between two bounds."""

from modelberth_policies.bill.item import Item
from modelberth_policies.bill.model import UNBOUNDED, Range


def between(item: Item, least: float, most: float, usual: tuple[float, float] | None = None) -> Range:
    """What an autoscaler holds between two bounds, by `Assumptions.busy_share`; `usual`: those that hold on average.

    Asleep at 0 but for the active hours.
    """
    least = min(least, most)
    low, high = usual or (least, most)
    if most == UNBOUNDED:
        return Range(least, max(low, least, 1.0), most)
    if low < 1 <= high:
        # Asleep but for the active hours; awake, one at least.
        share = min(item.use.active_hours / item.use.hours, 1) if item.use.hours else 0
        expected = low + share * max(1 + item.use.busy_share * (high - 1) - low, 0)
    else:
        expected = low + item.use.busy_share * (high - low)
    return Range(least, min(max(expected, least), most), most)


def words(least: float, most: float, unit: str) -> str:
    """`2 nodes`, or `1 to 5 nodes by autoscaling`."""
    if least == most:
        return f"{least:g} {unit}"
    shown = "unbounded" if most == UNBOUNDED else f"{most:g}"
    return f"{least:g} to {shown} {unit} by autoscaling"
