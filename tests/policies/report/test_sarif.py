"""SARIF: what code scanning is told, against the schema and against what GitHub does with it."""

import json
from pathlib import Path

import jsonschema
import pytest
from report_golden import assert_golden
from report_sample import AGAIN, CLEAN, FIRST, KMS, REPORT, ROLE, finding, many

from modelberth_policies.report import sarif
from modelberth_policies.report.model import Report

SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0-rtm.5.json").read_text())


def run(report):
    document = json.loads(sarif.render(report))
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)
    [found] = document["runs"]
    return found


@pytest.mark.parametrize("report", [REPORT, FIRST, CLEAN, many(50), Report(())])
def test_it_is_valid(report):
    results = run(report)["results"]
    assert len(results) == sum(len(stack.findings) for stack in report.stacks)


def test_the_schema_would_notice():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate({"version": "2.1.0", "runs": [{"tool": {}, "results": [{}]}]})


def test_it_is_golden():
    assert_golden("report.sarif", sarif.render(REPORT))


def test_levels_are_ours():
    levels = {(each["ruleId"], each["properties"]["kind"]): each["level"] for each in run(REPORT)["results"]}
    assert levels == {
        ("role-narrow", "violation"): "error",
        ("endpoint-kms", "violation"): "error",
        ("budget", "violation"): "error",
        ("broken-rule", "error"): "error",
        ("two-instances", "violation"): "warning",
        ("region", "undeterminable"): "note",
    }


def place(result):
    physical = result["locations"][0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def test_places_are_relative_to_the_repository():
    by_rule = {each["ruleId"]: each for each in run(REPORT)["results"]}
    assert place(by_rule["endpoint-kms"]) == ("teams/shop/services/ranker.py", 10)
    assert place(by_rule["budget"]) == ("teams/shop/Pulumi.yaml", 1)  # no line made the stack
    assert place(run(FIRST)["results"][0]) == ("services/ranker.py", 7)


def test_a_file_name_becomes_a_valid_uri():
    assert sarif._Places("a b/Pulumi.yaml").of("ü#1.py:3")["physicalLocation"]["artifactLocation"] == {
        "uri": "a%20b/%C3%BC%231.py",
        "uriBaseId": "%SRCROOT%",
    }


def prints(report):
    return [each["partialFingerprints"]["primaryLocationLineHash"] for each in run(report)["results"]]


def test_fingerprints_differ_but_survive_another_line_message_and_baseline():
    assert len(set(prints(REPORT))) == len(REPORT.stacks[0].findings)
    assert prints(REPORT) == prints(FIRST)
    moved = [sarif._fingerprints(sarif.key_of(each), 1) for each in (KMS, finding("endpoint-kms", "other", line=99))]
    assert moved[0] == moved[1]


def test_two_findings_of_one_key_are_two_alerts():
    assert sarif.key_of(ROLE) == sarif.key_of(AGAIN)
    first, second = prints(REPORT)[:2]
    assert first.split(":")[0] == second.split(":")[0] and first != second


def test_the_same_fault_in_two_stacks_is_two_alerts():
    other = finding("endpoint-kms", "has no key", stack="dev")
    assert sarif._fingerprints(sarif.key_of(KMS), 1) != sarif._fingerprints(sarif.key_of(other), 1)


def test_exempted_findings_are_no_results_but_listed():
    found = run(REPORT)
    assert "owner-tag" not in {each["ruleId"] for each in found["results"]}
    [exempted] = found["properties"]["exempted"]
    assert (exempted["rule"], exempted["expires"], exempted["owner"]) == ("owner-tag", "2027-01-31", "@acme/platform")
    assert len(found["properties"]["exemptions"]) == 2


def test_rules_say_how_grave_they_are_and_what_to_do():
    rules = {each["id"]: each for each in run(REPORT)["tool"]["driver"]["rules"]}
    assert rules["role-narrow"]["properties"]["security-severity"] == "9.5"
    assert "security" in rules["role-narrow"]["properties"]["tags"]
    assert "security" not in rules["budget"]["properties"]["tags"]
    assert "Mend role-narrow." in rules["role-narrow"]["help"]["markdown"]


def test_a_broken_rule_fails_the_invocation():
    assert run(REPORT)["invocations"][0]["executionSuccessful"] is False
    assert run(CLEAN)["invocations"][0]["executionSuccessful"] is True


def test_each_project_has_a_category_of_its_own():
    assert run(REPORT)["automationDetails"]["id"] == "modelberth/teams/shop/"
    assert run(FIRST)["automationDetails"]["id"] == "modelberth/"
