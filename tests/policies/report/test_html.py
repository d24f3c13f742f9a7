"""The page: nothing from outside, nothing of a program's texts at work, and what a reader sees in a browser."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest
from headless_browser import browsing, installed
from report_sample import CLEAN, DEV, KMS, PROD, REPORT, RULES, many

from modelberth_policies.report import html
from modelberth_policies.report.html.element import raw, tag
from modelberth_policies.report.model import Report

HOSTILE = '</script><script>document.title="taken"</script><img src="https://evil.example/x" onerror="1">'


class Outline(HTMLParser):
    """All elements with their attributes, well nested."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, name, attributes):
        self.found.append((name, dict(attributes)))
        if name not in ("meta", "input"):
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name


def hostile():
    bad = dataclasses.replace(KMS, message=HOSTILE, name=HOSTILE, source=f"{HOSTILE}:1", path=HOSTILE, urn=HOSTILE)
    return Report((dataclasses.replace(PROD, findings=(bad,), stack=HOSTILE, notes=(HOSTILE,)),), (), HOSTILE)


@pytest.mark.parametrize("report", [REPORT, CLEAN, many(30, 30), hostile()])
def test_it_is_well_nested_and_names_nothing_outside(report):
    found = Outline(html.render(report)).found
    names = [name for name, _ in found]
    assert names.count("script") == names.count("style") == 1
    assert not {"link", "img", "iframe", "object", "base"} & set(names)
    for _, attributes in found:
        assert not {"src", "style", "srcset"} & attributes.keys()
        assert not any(key.startswith("on") for key in attributes)
        assert attributes.get("href", "#").startswith("#")


def test_every_finding_has_its_place_and_links_lead_to_it():
    found = Outline(html.render(dataclasses.replace(REPORT, stacks=(PROD, DEV, PROD)))).found
    identities = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(set(identities)) == len(identities)
    assert {attributes["href"][1:] for _, attributes in found if "href" in attributes} <= set(identities)
    assert sum(name.startswith("finding-") for name in identities) == 2 * len(PROD.findings)


def test_it_shows_bill_exemptions_difference_and_tree():
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.render(REPORT)))
    for part in (
        "365.46 USD a month (+125.46)", "182.73 at least, unbounded at worst", "1 to 10 instances x 730 h",
        "us-east-1 x 1.06; AWS price list, 2026-07", "odd (acme:odd:Thing)", "Each rollout, in no total: 1",
        "2 exemptions in force", "The platform team | tags it in January.", "Exempts nothing at present.",
        "now unbounded", "Resources: 3", "site acme:index:Site",
    ):  # fmt: skip
        assert part in text


def test_text_is_escaped_and_markup_is_not():
    assert tag("p", "a < b", raw("<hr>"), title='"', hidden=True, id=None) == (
        '<p title="&quot;" hidden>a &lt; b<hr></p>'
    )


@pytest.fixture(scope="module")
def page():
    program = installed()
    if program is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    with browsing(program) as opened:
        yield opened


def shown(page, tmp_path, report, width):
    file = tmp_path / "report.html"
    file.write_text(html.render(report), encoding="utf-8")
    page.complaints.clear()
    page.fetched.clear()
    page.open(file, width)
    assert page.complaints == []
    assert page.fetched == [file.as_uri()]
    return page


@pytest.mark.parametrize("report", [REPORT, CLEAN, hostile(), many(500, 40)], ids=["all", "clean", "hostile", "many"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_a_phone_and_a_desk(page, tmp_path, report, width):
    shown(page, tmp_path, report, width)
    page.value("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.value("document.documentElement.scrollWidth") <= width
    assert page.value("document.title") != "taken"


def test_a_bar_beyond_the_scale_fades_out(page, tmp_path):
    shown(page, tmp_path, REPORT, 1280)
    assert page.value("getComputedStyle(document.querySelector('.bar.beyond')).fill") == 'url("#beyond")'
    assert page.value("document.querySelector('#beyond').children.length") == 2
    widths = "[...document.querySelectorAll('.bar')].map(each => Math.round(each.getBoundingClientRect().width))"
    low, expected, worst, *rest = page.value(widths)
    assert 1.9 < expected / low < 2.1 and 4.9 < worst / expected < 5.1  # 182.50, 365.00, 1,825.00
    assert rest[-1] == worst


VISIBLE = "[...document.querySelectorAll('.finding[data-severity]')].filter(each => each.checkVisibility()).length"


def click(page, value):
    page.value(f"document.querySelector('#filters button[value={value}]').click()")
    return page.value(VISIBLE)


def test_the_filters_hide_and_show(page, tmp_path):
    shown(page, tmp_path, REPORT, 1280)
    assert page.value(VISIBLE) == 7
    assert click(page, "critical") == 5
    assert click(page, "mandatory") == 3
    assert page.value("document.querySelector('#filters output').value") == "3 of 7 shown"
    assert click(page, "critical") == 5
    page.value("const field = document.querySelector('#filters input'); field.value = 'PassRole ranker'; "
               "field.dispatchEvent(new Event('input', {bubbles: true}))")  # fmt: skip
    assert page.value(VISIBLE) == 1
    assert page.value("[...document.querySelectorAll('h4')].filter(each => each.checkVisibility()).length") == 1


def test_a_link_of_the_tree_reveals_what_is_folded_or_filtered(page, tmp_path):
    shown(page, tmp_path, many(30), 1280)
    assert page.value(VISIBLE) == 0  # many of one rule are folded
    assert click(page, "high") == 0
    page.value("document.querySelectorAll('.tree a')[7].click()")
    page.until(f"{VISIBLE} > 0")
    assert page.value("document.querySelector('#finding-0-7').checkVisibility()")


def test_without_scripts_all_is_in_sight(page, tmp_path):
    page.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        shown(page, tmp_path, REPORT, 390)
        assert page.value(VISIBLE) == len(PROD.findings)
        assert page.value("document.querySelector('#filters').checkVisibility()") is False
    finally:
        page.ask("Emulation.setScriptExecutionDisabled", value=False)


def test_a_clean_stack_says_how_many_rules_were_asked():
    assert f"{len(list(RULES)[:2])} rules asked, nothing found" in html.render(CLEAN)
