"""What a Deployment makes breaks none of our own rules, in production; and 200 services are translated in no time."""

import time
from types import SimpleNamespace

import pytest
from components.kubernetes.deployment.samples import (
    CANDIDATE,
    EVERYTHING,
    LABELS,
    LEAST,
    MOST,
    NODES,
    SIZE,
    STABLE,
)  # fmt: skip

from modelberth.core.labels import Labels
from modelberth.core.service import Service
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.deployment.endpoint import DeploymentEndpoint, objects_of
from modelberth.kubernetes.deployment.portable import translate
from modelberth.kubernetes.foundation import Foundation
from modelberth_policies.evaluate import evaluate, in_force
from modelberth_policies.limits import DEFAULTS
from modelberth_policies.rule import Category
from modelberth_policies.rules import ALL
from modelberth_policies.sources.program import run_in_process

RULES = [rule for rule in ALL if rule.category is not Category.COST]
"""What it costs is asked of a whole stack, with its bill."""
PRODUCTION = {**LEAST, "replicas": 2, "labels": LABELS}
BOTH = {"stable": STABLE, "candidate": CANDIDATE, "weight": 10}
CASES = {
    "plain": PRODUCTION,
    "a candidate": {**PRODUCTION, "traffic": BOTH},
    "in place": {**PRODUCTION, "replace": "in_place"},
    "everything": MOST,
    "several nodes": {
        **PRODUCTION, "foundation": EVERYTHING, "nodes": NODES,
        "server": {"runtime": "vllm", "resources": {"cpu": 8, "memory_gib": 64}},
    },
    "scaled by the processor": {
        "foundation": EVERYTHING, "traffic": {"stable": STABLE}, "server": {"resources": SIZE}, "labels": LABELS,
        "scaling": {"min_replicas": 2, "max_replicas": 6, "cpu": "70%"},
    },
}  # fmt: skip


def findings(given):
    plan = run_in_process(lambda: DeploymentEndpoint("ranker", given), stack="prod")
    return [f"{each.rule} {each.name}: {each.message}" for each in evaluate(plan, RULES, DEFAULTS["prod"])]


@pytest.mark.parametrize("case", CASES)
def test_it_breaks_no_rule_in_production(case):
    assert findings(CASES[case]) == []


def test_the_rules_are_asked_and_a_softer_service_is_found():
    assert len(in_force(RULES, DEFAULTS["prod"])) > 100
    alone = findings({**PRODUCTION, "replicas": 1})
    assert any("ranker--1-4-0" in each for each in alone)


def test_two_hundred_services_are_translated_within_a_second_of_processor_time():
    foundation = SimpleNamespace(shared=Foundation.parse(EVERYTHING))
    labels, traffic = Labels.parse(LABELS), Traffic.parse(BOTH)
    wanted = {
        "on": "kubernetes:deployment", "model": {"uri": "models:/ranker"}, "access": {"keys": ["web"]},
        "scale": {"min": 2, "max": 6, "on": {"cpu": "70%"}},
    }  # fmt: skip
    service = Service.parse(wanted)
    translate(service, traffic, labels, foundation)
    began, made = time.process_time(), 0
    for number in range(200):
        made += len(objects_of(translate(service, traffic, labels, foundation).endpoint, f"ranker-{number}"))
    spent = time.process_time() - began
    print(f"{made} objects in {spent:.2f} s")
    assert made >= 2000
    assert spent < 1
