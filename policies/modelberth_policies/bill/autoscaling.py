"""How many an autoscaler holds between two bounds."""

from modelberth_policies.bill.item import Item
from modelberth_policies.bill.model import UNBOUNDED, Range


def between(item: Item, least: float, most: float) -> Range:
    """The least, what is expected by `Assumptions.busy_share`, and the most. Asleep at 0 but for the active hours."""
    least = min(least, most)
    if most == UNBOUNDED:
        awake, asleep = max(least, 1.0), least
    else:
        awake, asleep = max(least, 1.0) + item.use.busy_share * (most - max(least, 1.0)), least
    if least >= 1:
        return Range(least, awake, most)
    share = min(item.use.active_hours / item.use.hours, 1.0) if item.use.hours else 0.0
    return Range(least, min(max(asleep + share * (awake - asleep), least), most), most)


def words(least: float, most: float, unit: str) -> str:
    """`2 nodes`, or `1 to 5 nodes by autoscaling`."""
    if least == most:
        return f"{least:g} {unit}"
    shown = "unbounded" if most == UNBOUNDED else f"{most:g}"
    return f"{least:g} to {shown} {unit} by autoscaling"
