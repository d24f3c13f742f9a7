"""What differs from the baseline, and who may break which rule."""

from modelberth_policies.exemptions import Exemption
from modelberth_policies.report.html.element import Html, joined, tag
from modelberth_policies.report.model import Exempted, Report, StackReport
from modelberth_policies.report.wording import change, counted, usd


def difference_section(stack: StackReport) -> Html | None:
    """New, gone and dearer; nothing where there is no baseline."""
    if stack.past is None:
        return None
    before, after = stack.past.total, stack.bill.total
    rows = [
        *((name, old.expected, new.expected) for name, old, new in stack.dearer),
        ("Total, expected", before.expected, after.expected),
        ("Total, low", before.low, after.low),
        ("Total, worst case", before.worst, after.worst),
    ]
    head = tag("tr", [tag("th", title) for title in ("USD a month", "Before", "After", "Change")])
    gone = [tag("li", tag("code", key[0]), f" {message}") for key, message in stack.gone]
    return joined(
        tag("p", f"{counted(len(stack.new), 'new finding')}, {len(gone)} gone."),
        tag("ul", gone) if gone else None,
        tag("div", tag("table", head, [_row(*row) for row in rows]), class_="wide"),
    )


def _row(name: str, before: float, after: float) -> Html:
    return tag("tr", tag("th", name), [tag("td", cell) for cell in (usd(before), usd(after), change(before, after))])


def exemptions_section(report: Report) -> Html | None:
    """Those in force, each with what it exempts at present."""
    if not report.exemptions:
        return None
    exempted = [each for stack in report.stacks for each in stack.exempted]
    return tag(
        "section",
        tag("h2", counted(len(report.exemptions), "exemption"), " in force"),
        [_exemption(each, [at for at in exempted if at.exemption == each]) for each in report.exemptions],
    )


def _exemption(exemption: Exemption, at: list[Exempted]) -> Html:
    return tag(
        "article",
        tag("p", tag("code", exemption.rule), f" until {exemption.expires}, by {exemption.owner}"),
        tag("p", exemption.reason),
        tag("p", exemption.resource, class_="urn muted"),
        tag("ul", [tag("li", each.finding.message) for each in at]) if at else tag("p", "Exempts nothing at present."),
        class_="finding exempted",
    )
