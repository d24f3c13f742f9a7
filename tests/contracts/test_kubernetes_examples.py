"""The Kubernetes examples under the limits of production: they pass the rules, and nobody is exempt.

Their bill is that of nodes, which no plan shows; so it is not looked at here.
"""

import os
import sys
from pathlib import Path

import pytest
import yaml
from example_answers import KUBERNETES

from modelberth_policies.check import check
from modelberth_policies.exemptions import Exemptions
from modelberth_policies.limits import load_limits
from modelberth_policies.rule import Level, Severity
from modelberth_policies.rules import ALL
from modelberth_policies.sources.program import plan
from modelberth_policies.usage import Usage

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(file.parent for file in ROOT.glob("examples/kubernetes-*/Pulumi.yaml"))
ENV = {"PYTHONPATH": os.pathsep.join([str(ROOT / "components"), str(ROOT / "policies")])}
KNOWN = {"kubernetes-edge": {"k8s-prod-replicas-and-pdb"}}
"""What an example is told of, and stays so: a box has one node, and a second pod on it would help nobody."""


@pytest.fixture(autouse=True)
def on_a_fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """2026-12-01: later, the catalogue of prices is too old, which a rule says."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")


def planned(folder: Path):
    """The plan of an example in production."""
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    config = {key: KUBERNETES[key] for key, entry in project["config"].items() if "default" not in entry}
    return plan(folder, "prod", config=config, python=sys.executable, env=ENV)


def test_each_question_has_its_example() -> None:
    wanted = {"batch", "canary", "edge", "gpu", "kserve", "mlflow", "monitored", "rollouts", "seldon"}
    assert {folder.name.removeprefix("kubernetes-") for folder in EXAMPLES} >= wanted


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_example_would_do_in_production(folder: Path) -> None:
    limits = load_limits(None, frozenset(rule.id for rule in ALL)).of_stack("prod")
    assert limits.production
    report = check(planned(folder), ALL, limits, Usage(), Exemptions())
    assert not (folder / "policies").exists()
    told = [each for each in report.findings if each.level is Level.MANDATORY or each.severity >= Severity.MEDIUM]
    assert all(each.level is not Level.MANDATORY for each in told)
    assert {each.rule for each in told} == KNOWN.get(folder.name, set()), [each.message for each in told]
