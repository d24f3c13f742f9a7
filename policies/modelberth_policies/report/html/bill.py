"""What a stack costs: for each service its low, expected and worst month as bars, and behind them every line."""

from collections.abc import Iterable, Iterator, Sequence

from modelberth_policies.bill import NOTHING, Bill, Line, Range
from modelberth_policies.report.html.element import Html, joined, tag
from modelberth_policies.report.model import StackReport
from modelberth_policies.report.wording import counted, resource_of, usd

_WIDEST = 5
"""How many times the dearest expected amount the scale goes at most: one worst case far off would flatten all bars."""
_FIRST = 12
"""How many services stand in sight, the dearest."""
_BARS = ("low", "expected", "worst")


def bill_section(stack: StackReport) -> Html:
    """The bill of a stack."""
    bill = stack.bill
    services = bill.by_service()
    scale = _scale(services.values())
    beyond = any(amount.worst > scale for amount in services.values())
    bars = [_service(bill, name, amount, scale) for name, amount in services.items()]
    rest = counted(len(bars) - _FIRST, "more service")
    return joined(
        tag("p", "A bar that fades out goes beyond the scale.", class_="muted") if beyond else None,
        bars[:_FIRST],
        tag("details", tag("summary", rest), bars[_FIRST:], class_="rest") if len(bars) > _FIRST else None,
        _total(bill),
        _listed("Each rollout, in no total", [_line(line) for line in bill.rollouts]),
        _listed("Without a price, in no total", list(_unpriced(bill))),
    )


def _scale(amounts: Iterable[Range]) -> float:
    """What a full bar stands for."""
    ranges = list(amounts)
    dearest = max((each.expected for each in ranges), default=0.0)
    worst = max((each.worst for each in ranges), default=0.0)
    return min(worst, _WIDEST * dearest) or 1.0


def gradient() -> Html:
    """How a bar fades out, once for the page."""
    stops = [tag("stop", offset="60%", class_="full"), tag("stop", offset="100%", class_="gone")]
    return tag("svg", tag("linearGradient", stops, id="beyond"), width=0, height=0, aria_hidden="true")


def _service(bill: Bill, name: str, amount: Range, scale: float) -> Html:
    lines = [line for line in bill.lines if line.service == name]
    return tag(
        "details",
        tag("summary", tag("b", name), _chart(amount, scale)),
        tag("ul", [_line(line) for line in sorted(lines, key=lambda line: -line.usd.expected)], class_="lines"),
        class_="service",
    )


def _chart(amount: Range, scale: float) -> Html:
    rows = [
        (tag("span", case, class_="muted"), _bar(case, value, scale), tag("span", usd(value), class_="amount"))
        for case, value in zip(_BARS, amount.triple, strict=True)
    ]
    return tag("span", [cell for row in rows for cell in row], class_="chart")


def _bar(case: str, value: float, scale: float) -> Html:
    share = min(value / scale, 1.0) * 100
    kind = f"bar {case} beyond" if value > scale else f"bar {case}"
    bar = tag("rect", class_=kind, width=f"{share:.2f}%", height=10, rx=2)
    return tag("svg", bar, width="100%", height=10, role="img", aria_label=f"{case} {usd(value)}")


def _total(bill: Bill) -> Html:
    amounts = (bill.total if bill.lines else NOTHING).triple
    cells = [
        joined(tag("span", case, class_="muted"), " ", tag("b", usd(value)), " ")
        for case, value in zip(_BARS, amounts, strict=True)
    ]
    return tag("p", tag("b", "Total "), [tag("span", cell, class_="cell") for cell in cells], class_="total")


def _line(line: Line) -> Html:
    price = line.unit_price
    origin = f"{price.derived}; " if price.derived else ""
    return tag(
        "li",
        tag("span", f"{line.product}: {line.what}"),
        tag("span", line.usd.shown(), class_="amount"),
        tag("span", f"{resource_of(line.urn)}: {line.formula}, at {price.usd:g} per {line.unit}", class_="muted"),
        tag("span", f"{origin}{price.source}, {price.as_of}", class_="muted source"),
    )


def _unpriced(bill: Bill) -> Iterator[Html]:
    for each in bill.unpriced:
        yield tag("li", tag("span", f"{resource_of(each.urn)} ({each.type})"), tag("span", each.reason, class_="muted"))


def _listed(title: str, items: Sequence[Html]) -> Html | None:
    if not items:
        return None
    return tag("details", tag("summary", f"{title}: {len(items)}"), tag("ul", items, class_="lines"))
