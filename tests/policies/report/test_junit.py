"""JUnit: one case for each rule, valid for the readers that there are."""

import dataclasses
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import xmlschema
from report_golden import assert_golden
from report_sample import CLEAN, FIRST, KMS, LATER, PROD, REPORT, RULES, many

from modelberth_policies.report import junit
from modelberth_policies.report.model import Report
from modelberth_policies.rule import Level

SCHEMA = xmlschema.XMLSchema10(str(Path(__file__).parent / "junit-10.xsd"))


def suites(report):
    text = junit.render(report)
    SCHEMA.validate(text)
    return Xml.fromstring(text)


def outcomes(report):
    return {case.get("name"): [child.tag for child in case] for case in suites(report)[0].iter("testcase")}


def test_it_is_golden():
    assert_golden("report.junit.xml", junit.render(REPORT))


@pytest.mark.parametrize("report", [REPORT, FIRST, CLEAN, many(20), Report(())])
def test_it_is_valid_and_counts_right(report):
    found = suites(report)
    assert len(found) == len(report.stacks)
    for suite, stack in zip(found, report.stacks, strict=True):
        assert int(suite.get("tests")) == len(stack.rules) == len(suite.findall("testcase"))
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(count)) == len(suite.findall(f"testcase/{tag}"))


def test_each_rule_ends_as_its_findings_say():
    assert outcomes(REPORT) == {
        "role-narrow": ["failure"],
        "endpoint-kms": ["failure"],
        "budget": ["failure"],
        "two-instances": ["system-out"],
        "owner-tag": ["skipped"],
        "region": ["skipped"],
        "nobody-breaks-it": [],
        "broken-rule": ["error"],
    }


def test_what_is_unknown_fails_where_the_limits_say_so():
    strict = dataclasses.replace(LATER, level=Level.MANDATORY)
    assert outcomes(Report((dataclasses.replace(PROD, findings=(strict,)),)))["region"] == ["failure"]


def test_a_reported_finding_is_not_hidden_by_one_that_skips():
    both = (LATER, dataclasses.replace(LATER, kind="violation"))
    assert outcomes(Report((dataclasses.replace(PROD, findings=both),)))["region"] == ["system-out"]


def test_the_skipped_say_why_who_and_until_when():
    skipped = {case.get("name"): case.find("skipped") for case in suites(REPORT)[0].iter("testcase")}
    for part in ("2027-01-31", "@acme/platform", "The platform team | tags it in January."):
        assert part in skipped["owner-tag"].get("message")
    assert "known only later" in skipped["region"].get("message")


def test_both_findings_of_a_rule_are_in_its_failure():
    failure = next(case.find("failure") for case in suites(REPORT)[0].iter("testcase") if case.get("name") in RULES)
    assert failure.get("message") == "2 findings"
    assert "<b>everything</b>" in failure.text and "iam:PassRole" in failure.text


def test_what_xml_cannot_hold_is_replaced():
    odd = dataclasses.replace(KMS, message="a\x00b\x1b[31mc]]>d\ud800\uffff", urn="\x08")
    report = Report((dataclasses.replace(PROD, findings=(odd,)),))
    assert "a\ufffdb\ufffd[31mc]]>d\ufffd\ufffd" in "".join(suites(report).itertext())
