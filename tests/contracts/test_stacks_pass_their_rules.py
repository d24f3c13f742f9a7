"""Our own stacks and every example pass the rules, in production too; nobody is exempt. The insecure one does not."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml
from example_answers import ANSWERS

from modelberth_policies.check import check
from modelberth_policies.exemptions import Exemptions, load_exemptions
from modelberth_policies.limits import load_limits
from modelberth_policies.rule import Level, Severity
from modelberth_policies.rules import ALL
from modelberth_policies.sources.program import plan
from modelberth_policies.usage import Usage

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(file.parent for file in ROOT.glob("examples/sagemaker-*/Pulumi.yaml"))
IDS = frozenset(rule.id for rule in ALL)
ENV = {"PYTHONPATH": os.pathsep.join([str(ROOT / "components"), str(ROOT / "policies")])}
INSECURE = {
    "cloud-budget-alert-present",
    "iam-no-admin-star",
    "iam-trust-narrow",
    "sagemaker-autoscaling-max-bounded",
    "sagemaker-autoscaling-present",
    "sagemaker-deployment-auto-rollback",
    "sagemaker-endpoint-alarms",
    "sagemaker-endpoint-kms",
    "sagemaker-image-digest",
    "sagemaker-model-artifact-pinned",
    "sagemaker-model-in-vpc",
    "sagemaker-model-network-isolation",
    "sagemaker-model-package-approved",
    "sagemaker-prod-min-two-instances",
}
"""What is wrong with `examples/insecure-endpoint`."""


@pytest.fixture(autouse=True)
def on_a_fixed_day(monkeypatch):
    """2026-12-01: later, the catalogue of prices is too old, which a rule says."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")


@cache
def stack(name):
    """The report of a stack of this repository, under its own limits."""
    limits = load_limits(ROOT / "policies/limits.yaml", IDS).of_stack(name)
    made = plan(ROOT, name, python=sys.executable, env=ENV)
    return check(made, ALL, limits, Usage(), Exemptions())


@cache
def example(folder):
    """The report of an example in production, under its own limits or the built-in ones."""
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    config = {key: ANSWERS[key] for key, entry in project["config"].items() if "default" not in entry}
    made = plan(folder, "prod", config=config, python=sys.executable, env=ENV)
    file = folder / "policies/limits.yaml"
    limits = load_limits(file if file.is_file() else None, IDS).of_stack("prod")
    assert limits.production
    return check(made, ALL, limits, Usage(), Exemptions())


def told(findings):
    return [f"{each.rule}: {each.message}" for each in findings]


def test_nobody_is_exempt():
    assert load_exemptions(ROOT / "policies/exemptions.yaml", IDS, datetime.now(UTC).date()).entries == ()
    assert not list(ROOT.glob("examples/sagemaker-*/policies/exemptions.yaml"))


def test_production_breaks_no_rule_and_leaves_none_open():
    report = stack("prod")
    assert len(report.rules) > 100
    assert told(report.findings) == []


def test_production_has_a_bill_in_which_everything_has_a_price():
    bill = stack("prod").bill
    assert 0 < bill.total.low < bill.total.expected < bill.total.worst
    assert bill.unpriced == ()


@pytest.mark.parametrize("name", ["staging", "dev"])
def test_nothing_stops_the_other_stacks(name):
    assert told(each for each in stack(name).findings if each.level is Level.MANDATORY) == []


def test_there_are_examples():
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_would_do_in_production(folder):
    report = example(folder)
    stops = [each for each in report.findings if each.level is Level.MANDATORY or each.severity >= Severity.MEDIUM]
    assert told(stops) == []
    assert report.bill.total.expected > 0


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_loosens_at_most_who_approves_models(folder):
    file = folder / "policies/limits.yaml"
    assert yaml.safe_load(file.read_text()) == {"environments": {"prod": {"images": {"model_packages": False}}}}


def test_the_insecure_example_is_told_each_of_its_faults_and_ends_with_1():
    command = [sys.executable, "-m", "modelberth.cli.main", "check", "--stack", "prod", "--format", "json"]
    done = subprocess.run(
        command, cwd=ROOT / "examples/insecure-endpoint", env={**os.environ, **ENV}, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    [report] = json.loads(done.stdout)["stacks"]
    assert {each["rule"] for each in report["findings"]} == INSECURE
