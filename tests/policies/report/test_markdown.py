"""The comment on a pull request: what is read first, what is folded, and that no text of a program breaks it."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_golden import assert_golden
from report_sample import CLEAN, FIRST, KMS, PROD, REPORT, many

from modelberth_policies.report import markdown
from modelberth_policies.report.markdown_text import code, escaped, table
from modelberth_policies.report.model import Report

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def test_it_is_golden():
    assert_golden("report.md", markdown.render(REPORT))


def test_without_a_baseline_is_golden():
    assert_golden("report-first.md", markdown.render(FIRST))


def test_the_verdict_is_the_first_line():
    assert markdown.render(CLEAN).startswith("**modelberth check: nothing stops this change**\n")
    first = markdown.render(REPORT).splitlines()[0]
    assert first.startswith("**modelberth check: 5 mandatory findings in `prod`; 5 new, 1 gone; ")


def test_what_is_new_is_in_sight_and_the_rest_is_folded():
    shown = re.sub(r"<details>.*?</details>", "", markdown.render(REPORT), flags=re.DOTALL)
    assert "`endpoint-kms`" in shown and "`two-instances`" not in shown
    assert "`two-instances`" in markdown.render(REPORT)


def test_the_difference_is_a_table_with_totals():
    rows = [line for line in markdown.render(REPORT).splitlines() if line.startswith("|")]
    assert "| ranker | 240.00 | 365.00 | +125.00 |" in rows
    assert "| **Total, expected** | 240.00 | 365.46 | +125.46 |" in rows
    assert "| **Total, worst case** | 1,825.00 | unbounded | now unbounded |" in rows


ANY = st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\u200b")


@given(st.text(st.one_of(st.sampled_from("\\`*_[]<>|~&@#()!-+.a1 "), ANY), max_size=60))
def test_any_text_shows_as_itself_in_a_cell(text):
    cell = cells(table(["a", "b"], [[escaped(text), "end"]]))[2]
    assert cell.replace("\u200b", "") == " ".join(text.split())


def cells(text):
    """The plain texts of a table's cells."""
    inline = [token for token in READER.parse(text) if token.type == "inline"]
    assert all(child.type in ("text", "text_special", "softbreak") for token in inline for child in token.children)
    return ["".join(child.content for child in token.children) for token in inline]


@pytest.mark.parametrize(
    "text", ["a|b", "<b>x</b>", "`x`", "*x* **y**", "_x_ __y__", "[x](y)", "a\nb", "&lt;", "~~x~~"]
)
def test_marks_are_only_text(text):
    assert cells(table(["a", "b"], [[escaped(text), "end"]]))[2] == " ".join(text.split())


def test_nobody_is_notified():
    assert "@acme" not in escaped("ask @acme/platform or (@bob)") and "@bob" not in escaped("(@bob)")
    assert escaped("repo@sha256") == "repo@sha256"


def test_code_that_cannot_be_code_is_text():
    assert code("a.py:3") == "`a.py:3`"
    assert code("a|b") == r"a\|b"


@pytest.mark.parametrize(("findings", "services"), [(100, 10), (3_000, 1), (10, 5_000)])
def test_it_never_exceeds_the_limit_and_says_what_was_cut(findings, services):
    text = markdown.render(many(findings, services))
    assert len(text) <= markdown.LIMIT
    assert text.endswith(f"{markdown.MARKER}\n")
    assert ("found no place" in text) == (findings + services > 110)


def test_too_many_stacks_for_one_comment_leave_their_verdicts():
    stacks = tuple(dataclasses.replace(PROD, stack=f"stack-{n}", findings=(KMS,)) for n in range(2_000))
    text = markdown.render(Report(stacks))
    assert len(text) <= markdown.LIMIT and "- `stack-0`: 1 finding; 1 mandatory" in text
    assert "2,000 mandatory findings" in text.splitlines()[0]
