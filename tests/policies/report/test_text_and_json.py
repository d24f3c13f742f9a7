"""The report for a terminal, and the one for programs."""

import json

from report_golden import assert_golden
from report_sample import EXEMPTION, FIRST, PROD, REPORT

from modelberth_policies.baseline import load_past, past_of
from modelberth_policies.report import json as json_report
from modelberth_policies.report import text


def test_text_is_golden():
    assert_golden("report.txt", text.render(REPORT))


def test_json_is_golden():
    assert_golden("report.json", json_report.render(REPORT))


def test_text_lists_all_exemptions_in_force_also_those_that_exempt_nothing():
    shown = text.render(REPORT)
    assert shown.count("owner-tag until 2027-01-31 by @acme/platform") == 2
    assert "urn:pulumi:dev::shop::*::logs" in shown


def test_without_baseline_nothing_is_new():
    assert "(new)" not in text.render(FIRST)
    assert "baseline" not in text.render(FIRST)


def test_json_is_the_baseline_of_a_later_check(tmp_path):
    file = tmp_path / "report.json"
    file.write_text(json_report.render(REPORT))
    assert load_past(file)["shop", "prod"] == past_of(PROD)


def test_json_has_no_infinity():
    document = json.loads(json_report.render(REPORT), parse_constant=lambda name: 1 / 0)
    assert document["stacks"][0]["bill"]["total"]["worst"] == "unbounded"
    assert document["exemptions"][0]["expires"] == EXEMPTION.expires.isoformat()
