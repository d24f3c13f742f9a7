"""What the pages show of a report, the command still says."""

import re
from pathlib import Path

import pytest

from modelberth.cli.main import main
from modelberth_policies.rules import ALL

PROJECT = Path(__file__).resolve().parents[2]
HOW_TO = "docs/how-to/check-a-pull-request.md"
OWN_RULE = "docs/how-to/write-your-own-rule.md"
INSECURE = ("--project", "examples/insecure-endpoint", "--stack", "prod")
OWN = ("--project", "examples/own-rule", "--stack", "dev", "--rules", "examples/own-rule/policies/acme/rules.py")
LEFT_OUT = {"", "…"}


@pytest.fixture(autouse=True)
def on_a_fixed_day(monkeypatch):
    """2026-12-01: later, the catalogue of prices is too old, which a rule says."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")


@pytest.mark.parametrize(
    ("page", "begins", "command"),
    [
        ("README.md", "mandatory high broken: sagemaker-image-digest", INSECURE),
        (HOW_TO, "insecure-endpoint prod (prod)", INSECURE),
        (HOW_TO, "modelberth prod (prod)", ("--stack", "prod")),
        (OWN_RULE, "own-rule dev (dev)", OWN),
    ],
)
def test_a_report_that_is_shown_is_what_the_command_says(page, begins, command, capsys, monkeypatch):
    monkeypatch.chdir(PROJECT)
    [shown] = re.findall(rf"^```text\n({re.escape(begins)}.*?)^```$", (PROJECT / page).read_text(), re.M | re.S)
    try:
        main(["check", *command])
    except SystemExit as end:
        assert end.code == 1
    said = {line.strip() for line in capsys.readouterr().out.splitlines()}
    changed = [line for line in map(str.strip, shown.splitlines()) if line not in LEFT_OUT | said]
    assert not changed, f"{page} shows what the command no longer says"


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_the_number_of_rules_is_that_of_the_rules(page):
    assert re.findall(r"(\d+) rules\b", (PROJECT / page).read_text()) == [str(len(ALL))]
