"""A report as one page that needs nothing else: no network, no fonts, no files beside it."""

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files

from modelberth_policies.report.html.bill import bill_section, gradient
from modelberth_policies.report.html.difference import difference_section, exemptions_section
from modelberth_policies.report.html.element import Html, joined, raw, tag
from modelberth_policies.report.html.findings import filters, findings_section
from modelberth_policies.report.html.tree import tree_section
from modelberth_policies.report.model import Report, StackReport
from modelberth_policies.report.wording import change, counted, stopping, usd, verdict


def render(report: Report) -> str:
    """The page."""
    style, script = _part("page.css"), _part("page.js")
    # Besides these two nothing runs and nothing is fetched, whatever a name or a message holds.
    policy = f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; base-uri 'none'"
    head = joined(
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"modelberth check: {_title(report)}"),
        tag("style", raw(style)),
    )
    page = tag("html", tag("head", head), tag("body", _body(report), tag("script", raw(script))), lang="en")
    return f"<!doctype html>\n{page}\n"


def _part(name: str) -> str:
    return files("modelberth_policies.report.html").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _title(report: Report) -> str:
    return ", ".join(dict.fromkeys(f"{stack.project} {stack.stack}" for stack in report.stacks))


def _body(report: Report) -> Html:
    findings = [finding for stack in report.stacks for finding in stack.findings]
    compared = any(stack.past is not None for stack in report.stacks)
    return joined(
        tag("header", tag("h1", "modelberth check"), tag("p", _title(report), class_="muted")),
        tag("main", _cards(report), filters(findings, compared) if findings else None, _stacks(report)),
        exemptions_section(report),
        gradient(),
        tag("footer", f"Made by modelberth {report.version} from {report.place}.", class_="muted"),
    )


def _cards(report: Report) -> Html:
    return tag("nav", [_card(stack, number) for number, stack in enumerate(report.stacks)], aria_label="Stacks")


def _card(stack: StackReport, number: int) -> Html:
    total = stack.bill.total
    stops = stopping(stack.findings)
    state = "stops" if stops else "warns" if stack.findings else "clean"
    words = {"stops": counted(stops, "mandatory finding"), "warns": "nothing stops", "clean": "clean"}
    delta = None if stack.past is None else change(stack.past.total.expected, total.expected)
    return tag(
        "a",
        tag("strong", f"{stack.project} {stack.stack}"),
        tag("span", words[state], class_=f"state {state}"),
        tag("span", verdict(stack)),
        tag("span", tag("b", usd(total.expected)), " USD a month", f" ({delta})" if delta else None),
        tag("span", f"{usd(total.low)} at least, {usd(total.worst)} at worst", class_="muted"),
        href=f"#stack-{number}",
        class_="card",
    )


def _stacks(report: Report) -> Iterator[Html]:
    for number, stack in enumerate(report.stacks):
        yield tag(
            "section",
            tag("h2", f"{stack.project} {stack.stack}"),
            tag("p", _about(stack), class_="muted"),
            [tag("p", note, class_="note") for note in stack.notes],
            list(_parts(stack, number)),
            id=f"stack-{number}",
        )


def _parts(stack: StackReport, number: int) -> Iterator[Html]:
    parts = {
        "Findings": findings_section(stack, number),
        "Against the baseline": difference_section(stack),
        "Bill, USD a month": bill_section(stack),
        f"Resources: {len(stack.tree)}": tree_section(stack, number),
    }
    there = [(title, part) for title, part in parts.items() if part is not None]
    links = [tag("a", title, href=f"#part-{number}-{place}") for place, (title, _) in enumerate(there)]
    yield tag("p", [joined(link, " ") for link in links], class_="parts")
    for place, (title, part) in enumerate(there):
        yield tag("section", tag("h3", title), part, id=f"part-{number}-{place}")


def _about(stack: StackReport) -> str:
    asked = f"{counted(stack.resources, 'resource')}, {counted(len(stack.rules), 'rule')}"
    return f"{asked}, limits of {stack.environment}, use as in {stack.bill.environment}"
