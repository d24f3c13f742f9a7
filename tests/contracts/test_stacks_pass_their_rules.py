"""Our own stacks and every example, each planned once and looked at from every side.

They pass the rules, in production too; nobody is exempt. The insecure one does not. None of their resources falls
through the bill: it is priced, free, or declared to have no price. Their components make few kinds of things.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml
from contracts.component_kinds import MOST_KINDS, kinds_in
from example_answers import ANSWERS

from modelberth_policies.bill import estimate
from modelberth_policies.check import check
from modelberth_policies.exemptions import Exemptions, load_exemptions
from modelberth_policies.limits import load_limits
from modelberth_policies.rule import Level, Severity
from modelberth_policies.rules import ALL
from modelberth_policies.sources.program import plan
from modelberth_policies.usage import Usage, load_usage

ROOT = Path(__file__).parents[2]
STACKS = {"dev": 50, "staging": 50, "prod": 50, "kubernetes": 30}
"""Those whose pins are in the repository, and more resources than how many they have."""
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
UNKNOWN_TYPE = "the bill does not know this type"


@pytest.fixture(autouse=True)
def on_a_fixed_day(monkeypatch):
    """2026-12-01: later, the catalogue of prices is too old, which a rule says."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")


@cache
def plan_of_stack(name):
    """The plan of a stack of this repository."""
    return plan(ROOT, name, python=sys.executable, env=ENV)


@cache
def plan_of_example(folder):
    """The plan of an example in production."""
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    config = {key: ANSWERS[key] for key, entry in project["config"].items() if "default" not in entry}
    return plan(folder, "prod", config=config, python=sys.executable, env=ENV)


@cache
def stack(name):
    """The report of a stack of this repository, under its own limits."""
    limits = load_limits(ROOT / "policies/limits.yaml", IDS).of_stack(name)
    return check(plan_of_stack(name), ALL, limits, load_usage(ROOT / "policies/usage.yaml"), Exemptions())


@cache
def example(folder):
    """The report of an example in production, under its own limits or the built-in ones."""
    file = folder / "policies/limits.yaml"
    limits = load_limits(file if file.is_file() else None, IDS).of_stack("prod")
    assert limits.production
    return check(plan_of_example(folder), ALL, limits, Usage(), Exemptions())


def told(findings):
    return [f"{each.rule}: {each.message}" for each in findings]


def test_nobody_is_exempt():
    assert load_exemptions(ROOT / "policies/exemptions.yaml", IDS, datetime.now(UTC).date()).entries == ()
    assert not list(ROOT.glob("examples/sagemaker-*/policies/exemptions.yaml"))


def test_production_breaks_no_rule_and_leaves_none_open():
    report = stack("prod")
    assert len(report.rules) > 100
    assert told(report.findings) == []


def test_production_has_a_bill_in_which_everything_has_a_price_and_a_worst_case_has_a_limit():
    bill = stack("prod").bill
    assert 0 < bill.total.low < bill.total.expected < bill.total.worst < 5000
    assert bill.unpriced == ()
    assert len(bill.rollouts) == 1
    assert {"iris", "shared"} == set(bill.by_service())


def test_the_cluster_breaks_no_rule_in_production_but_that_nobody_can_price_the_balancer_of_its_gateway():
    report = stack("kubernetes")
    assert load_limits(ROOT / "policies/limits.yaml", IDS).of_stack("kubernetes").production
    assert len(report.rules) > 100
    assert told(report.findings) == [
        "unpriced-billable-resource: kubernetes-gateway has no price: the plan does not show whether the cluster makes "
        "a cloud's balancer of it"
    ]


def test_the_cluster_has_a_bill_of_what_its_pods_ask_for_those_of_the_candidate_too():
    bill = stack("kubernetes").bill
    cores = [(line.service, line.quantity.triple) for line in bill.lines if "vCPU" in line.what]
    hours = 730
    # Two versions of iris at 2 to 6 pods of 2 cores; one of ranker at 2 to 4 of 1.
    assert sorted((service, low / hours, worst / hours) for service, (low, _, worst) in cores) == [
        ("iris", 4, 12), ("iris", 4, 12), ("ranker", 2, 4),
    ]  # fmt: skip
    assert {line.unit_price.source for line in bill.lines} == {"the usage file"}
    assert {found.type.rpartition(":")[2] for found in bill.unpriced} == {"Gateway"}
    assert 0 < bill.total.low < bill.total.expected < bill.total.worst < 1500


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


def fallen_through(planned):
    """Resources that the bill says nothing of, and types of which it says only that it does not know them."""
    bill = estimate(planned)
    seen = {found.urn for group in (bill.lines, bill.free, bill.unpriced) for found in group}
    managed = {resource.urn for resource in planned if resource.custom and not resource.external}
    strangers = sorted({found.type for found in bill.unpriced if found.reason == UNKNOWN_TYPE})
    return sorted(managed - seen), strangers


@pytest.mark.parametrize("name", STACKS)
def test_no_resource_of_a_stack_falls_through(name):
    planned = plan_of_stack(name)
    assert len(planned) > STACKS[name]
    assert fallen_through(planned) == ([], [])


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_no_resource_of_an_example_falls_through(folder):
    assert fallen_through(plan_of_example(folder)) == ([], [])


@pytest.mark.parametrize("name", STACKS)
def test_a_component_of_a_stack_makes_few_kinds_of_things(name):
    found = kinds_in(plan_of_stack(name))
    assert len(found) > (3 if name == "kubernetes" else 10)
    assert {key: kinds for key, kinds in found.items() if len({_concern(kind) for kind in kinds}) > MOST_KINDS} == {}


def _concern(kind):
    """The dashboard, the alarms and the monitor of a service come from one table, and count once."""
    watches = kind.startswith("kubernetes:monitoring.coreos.com/") or kind == "kubernetes:core/v1:ConfigMap"
    return "monitoring" if watches else kind
