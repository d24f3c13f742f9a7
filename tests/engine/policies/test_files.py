"""Limits and exemptions beside the packs: honoured, listed, and refused with file, line and field."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from checked import COST, SECURITY, CheckedFactory, only
from stand_in_programs import ENDPOINT

pytestmark = pytest.mark.engine

PROGRAM = """
logs = aws.s3.Bucket("logs", bucket="logs", opts=opts())
"""
RULE = "s3-block-public-access"


def exemption(days: int, resource: str = "urn:pulumi:prod::small::*::logs") -> str:
    """An exemptions file with one entry that ends in so many days."""
    return (
        f'exemptions:\n  - rule: {RULE}\n    resource: "{resource}"\n    reason: The bucket moves in January.\n'
        f"    owner: ml-platform\n    expires: {date.today() + timedelta(days)}\n"
    )


def test_an_exemption_is_honoured_and_listed(checked: CheckedFactory) -> None:
    place = checked(PROGRAM)
    place.write("exemptions.yaml", exemption(30))
    said = place.passes("preview", SECURITY, COST, config=only(RULE))
    assert "has no BucketPublicAccessBlock" not in said
    listed = f"{RULE} for urn:pulumi:prod::small::*::logs until {date.today() + timedelta(30)}"
    assert said.count(f"{listed} (ml-platform: The bucket moves in January.), findings: 1") == 1
    assert "[advisory]  exemptions" in said


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (exemption(-1), f"exemptions.yaml:2: exemptions.0.expires: expired on {date.today() - timedelta(1)}"),
        (exemption(200), "exemptions.0.expires"),
        (exemption(30).replace(RULE, "s3-block"), "exemptions.0.rule: there is no rule 's3-block'"),
        (exemption(30).replace("owner:", "owned:"), "exemptions.yaml:5: exemptions.0.owned: is no field"),
        (exemption(30, "urn:pulumi:prod::small::*::gone"), "fits no resource of prod"),
    ],
    ids=["expired", "too long", "no such rule", "no such field", "fits nothing"],
)
def test_a_wrong_exemption_ends_the_run(checked: CheckedFactory, content: str, fault: str) -> None:
    place = checked(PROGRAM)
    place.write("exemptions.yaml", content)
    assert fault in place.stops("preview", SECURITY)


def test_wrong_limits_end_the_run_with_one_message(checked: CheckedFactory, tmp_path: Path) -> None:
    place = checked(PROGRAM)
    place.write("limits.yaml", "environments:\n  prod:\n    data:\n      retention_days: never\n")
    said = place.stops("preview", SECURITY)
    assert said.count("limits.yaml:4: environments.prod.data.retention_days:") == 1
    elsewhere = tmp_path / "limits.yaml"
    elsewhere.write_text("environments: {prod: {production: false}}")
    place.environment["MODELBERTH_LIMITS"] = str(elsewhere)
    assert f"[advisory] [severity: critical]  {RULE}" in place.passes("preview", SECURITY)


def test_a_stack_above_its_budget_stops_the_preview(checked: CheckedFactory) -> None:
    place = checked(ENDPOINT)
    place.write("limits.yaml", "environments: {prod: {budget: {monthly_usd: 100}}}")
    said = place.stops("preview", COST)
    assert "[mandatory] [severity: high]  stack-monthly-budget  (pulumi:pulumi:Stack: small-prod)" in said
    assert "USD a month; the budget is 100.00." in said
    place.write("limits.yaml", "environments: {prod: {budget: {monthly_usd: 9000}}}")
    assert "stack-monthly-budget" not in place.run("preview", COST).stdout


def test_wrong_usage_ends_the_run_of_the_cost_pack(checked: CheckedFactory) -> None:
    place = checked(PROGRAM)
    place.write("usage.yaml", "requests: many\n")
    assert "usage.yaml:1: " in place.stops("preview", COST)
