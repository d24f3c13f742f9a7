"""How many of something run: as many as the program says, or what its autoscaling target allows.

Low is the minimum (the lowest that a schedule sets), worst the maximum; expected stands between them where
`Assumptions.busy_share` says, each weighted by the hours of the week in which a schedule makes it hold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from modelberth_policies.bill.autoscaling import between
from modelberth_policies.bill.aws.schedule import weekly_average
from modelberth_policies.bill.item import Entry, Item, KnownLater, NotPriceable, Values
from modelberth_policies.bill.model import UNBOUNDED, Range
from modelberth_policies.resources import GAP, MISSING, Plan, Resource, Secret, read_text

TARGET = "aws:appautoscaling/target:Target"
ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"


@dataclass(frozen=True, slots=True)
class Scaled:
    """How many, and in words where that comes from."""

    count: Range
    words: str


@dataclass(frozen=True, slots=True)
class Scalable:
    """What can be scaled: its id for Application Auto Scaling, as far as it is known, and the resource behind it."""

    owner: Resource
    dimension: str
    id: str | None
    """`endpoint/ranker/variant/stable`; None where a part of it is known only after deployment."""
    ending: str
    """The part of the id that is always known: `/variant/stable`."""

    def is_meant_by(self, resource: Resource) -> bool:
        """Whether a target, or a scheduled action, is for it."""
        dimension, _ = read_text(resource.inputs, "scalableDimension")
        if dimension != self.dimension:
            return False
        text, _ = read_text(resource.inputs, "resourceId")
        if isinstance(text, str) and GAP not in text and self.id is not None:
            return text == self.id
        depends = self.owner.urn in resource.property_dependencies.get("resourceId", ())
        return depends and (not isinstance(text, str) or text.endswith(self.ending))


def scaled(item: Item, what: Scalable, start: float, unit: str) -> Scaled:
    """The number of `unit` that run in a month; `start`, where nothing scales them."""
    targets = _meant(item, TARGET, what)
    if not targets:
        return Scaled(Range.of(start), f"{start:g} {unit}")
    target = Values(targets[0].inputs, targets[0].name)
    actions = [Values(found.inputs, found.name) for found in _meant(item, ACTION, what)]
    lows, highs = _changes(actions, "minCapacity"), _changes(actions, "maxCapacity")
    low = target.number("minCapacity", 0)
    high = target.number("maxCapacity") if target.has("maxCapacity") else UNBOUNDED
    least = min([low, *(value for _, value in lows)])
    most = max([high, least, *(value for _, value in highs)])
    around = weekly_average(lows, low), weekly_average(highs, high)
    return Scaled(between(item, least, most, around), f"{least:g} to {_shown(most)} {unit} by autoscaling")


def _meant(item: Item, type_: str, what: Scalable) -> list[Resource]:
    """The resources of a type that are meant for it, in the order of the plan."""
    index = item.around.once(_by_owner)
    # By its id or by what it depends on: whatever else there is cannot be meant.
    near = {**index.get((type_, what.id), {}), **index.get((type_, what.owner.urn), {})}
    return [near[place] for place in sorted(near) if what.is_meant_by(near[place])]


def _by_owner(plan: Plan) -> Mapping[tuple[str, str | None], Mapping[int, Resource]]:
    """Type, and known id or URN of what gives it → targets and actions, by their place in the plan."""
    index: dict[tuple[str, str | None], dict[int, Resource]] = {}
    for place, found in enumerate(plan.of_type(TARGET, ACTION)):
        text, _ = read_text(found.inputs, "resourceId")
        known = [text] if isinstance(text, str) and GAP not in text else []
        for key in (*known, *found.property_dependencies.get("resourceId", ())):
            index.setdefault((found.type, key), {})[place] = found
    return index


def _changes(actions: list[Values], field: str) -> list[tuple[str, float]]:
    path = f"scalableTargetAction.{field}"
    return [(action.text("schedule"), action.number(path)) for action in actions if action.has(path)]


def _shown(number: float) -> str:
    return "unbounded" if number == UNBOUNDED else f"{number:g}"


def target_lines(item: Item) -> Iterator[Entry]:
    """A target costs nothing; one that nobody can assign hides what its maximum costs."""
    text, _ = read_text(item.whole, "resourceId")
    known = isinstance(text, str) and GAP not in text
    if known or _scales(item.resource, item.plan):
        yield item.free("what it scales is billed at its maximum too")
    elif isinstance(text, Secret) or text is MISSING:
        raise NotPriceable("resourceId does not say what it scales")
    else:
        raise KnownLater("what it scales")


def _scales(target: Resource, plan: Plan) -> bool:
    return any(plan.get(urn) is not None for urn in target.property_dependencies.get("resourceId", ()))
