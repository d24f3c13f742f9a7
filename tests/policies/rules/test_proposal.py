"""The rules are those of the proposal (`proposed_policies.csv`, compiled 2026-11-20 from the field's own checks and the
gaps between them), all but those that docs/adr/0015 drops, with its severities and categories."""

import csv
from pathlib import Path

from modelberth_policies.rules import ALL

PROPOSED = {row["name"]: row for row in csv.DictReader(Path(__file__).with_name("proposed_policies.csv").open())}
DROPPED = {"suppression-reason-and-expiry"}


def test_no_rule_is_left_out_and_none_is_renamed():
    assert {rule.id for rule in ALL} == set(PROPOSED) - DROPPED


def test_severities_and_categories_are_those_of_the_proposal():
    said = {rule.id: (rule.category.value, rule.severity.name.lower()) for rule in ALL}
    assert said == {name: (row["category"], row["severity"]) for name, row in PROPOSED.items() if name not in DROPPED}
