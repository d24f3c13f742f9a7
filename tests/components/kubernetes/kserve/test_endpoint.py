"""A service on KServe as a plan: what is made, what it says of itself, and that it passes this project's own rules."""

from pathlib import Path

import pulumi
import pytest
from components.kubernetes.kserve.samples import (
    BOTH,
    BY_RUNTIME,
    EVERYTHING,
    KNATIVE,
    LABELS,
    LEAST,
    MOST,
    RUNTIME,
    SINK,
    STEP,
    objects,
)
from inventory import assert_inventory

from modelberth.core.endpoint import ServingEndpoint
from modelberth.kubernetes.backends import Backend, RoutedEndpoint
from modelberth.kubernetes.kserve.endpoint import InferenceServiceEndpoint
from modelberth.kubernetes.objects import token_of
from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import Limits
from modelberth_policies.rules.kubernetes import RULES
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ON_KNATIVE = {**MOST, "mode": KNATIVE, "slo": None}
SCENARIOS = {"defaults": LEAST, "max": MOST, "knative": ON_KNATIVE}


def planned(given=LEAST, name="ranker", then=lambda endpoint: None):
    def program():
        made = InferenceServiceEndpoint(name, given)
        pulumi.export("url", made.url)
        pulumi.export("resource_id", made.resource_id)
        pulumi.export("versions", made.versions)
        pulumi.export("signals", made.metrics.apply(sorted))
        then(made)

    return run_in_process(program, stack="prod")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_inventory(scenario):
    assert_inventory(planned(SCENARIOS[scenario]), HERE / f"inference_service.{scenario}.inventory.yaml")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_makes_what_its_pure_functions_say(scenario):
    made = {(each.type, each.name) for each in planned(SCENARIOS[scenario]) if each.type.startswith("kubernetes:")}
    assert made == {(token_of(manifest), name) for name, manifest in objects(SCENARIOS[scenario]).items()}


def test_it_is_a_serving_endpoint_before_which_a_route_can_stand():
    found = []
    planned(then=found.append)
    assert isinstance(found[0], ServingEndpoint)
    assert isinstance(found[0], RoutedEndpoint)


@pytest.mark.parametrize(
    ("given", "url", "versions"),
    [
        (LEAST, "http://ranker.models.svc:80", {"1.4.0": 100}),
        ({**LEAST, "traffic": BOTH}, "http://ranker.models.svc:80", {"1.4.0": 100, "1.5.0": 0}),
        ({**LEAST, "mode": KNATIVE}, "http://ranker-knative-predictor.models.svc", {"1.4.0": 100}),
        (
            {**LEAST, "mode": KNATIVE, "traffic": BOTH, "transformer": STEP},
            "http://ranker-knative-transformer.models.svc",
            {"1.4.0": 90, "1.5.0": 10},
        ),
    ],
)
def test_what_it_says_of_itself(given, url, versions):
    outputs = planned({**given, "foundation": EVERYTHING}).outputs
    assert (outputs["url"], outputs["versions"]) == (url, versions)
    assert outputs["resource_id"] == "models/ranker"
    assert "p95" in outputs["signals"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (LEAST, ("ranker--1-4-0-predictor", "ranker--1-5-0-predictor")),
        ({**LEAST, "transformer": STEP}, ("ranker--1-4-0-transformer", "ranker--1-5-0-transformer")),
        ({**LEAST, "mode": KNATIVE}, ("ranker--1-4-0", "ranker--1-5-0")),
    ],
)
def test_the_route_sends_each_version_its_share(given, names):
    found = []
    planned({**given, "traffic": {**BOTH, "mirror": 20}}, then=found.append)
    assert found[0].backends == {
        "1.4.0": Backend(service=names[0], port=80, weight=90),
        "1.5.0": Backend(service=names[1], port=80, weight=10, mirror=20),
    }


def test_of_kserves_own_runtimes_nothing_can_be_asked():
    found = []
    outputs = planned({**BY_RUNTIME, "foundation": EVERYTHING}, then=found.append).outputs
    assert outputs["signals"] == []
    assert found[0].protocols == ("v1",)


TWO_PODS = {"mode": {**KNATIVE, "min_replicas": 2}}
PASSING = {
    "plain Deployments": {
        **MOST,
        "mode": {"kind": "standard", "scaling": {"by": "hpa", "min_replicas": 2, "max_replicas": 4}},
        "transformer": {**STEP, "min_replicas": 2, "max_replicas": 2},
        "explainer": {**STEP, "min_replicas": 2, "max_replicas": 2},
    },
    "Knative": {**LEAST, **TWO_PODS, "labels": LABELS},
    "Knative with a logger": {**LEAST, **TWO_PODS, "labels": LABELS, "logger": SINK},
    "KServe's runtime": {**BY_RUNTIME, **TWO_PODS, "labels": LABELS},
    "a cache": {
        **BY_RUNTIME,
        **TWO_PODS,
        "labels": LABELS,
        "runtime": {**RUNTIME, "cache": {"node_group": "gpu", "size_gib": 4}},
    },
}
THE_ROUTES = {"kserve-canary-prod"}
"""Rules that are met by the route of the front door, which is no part of an endpoint on plain Deployments."""


@pytest.mark.parametrize("scenario", PASSING)
def test_it_passes_our_own_rules_in_production(scenario):
    found = evaluate(planned(PASSING[scenario]), RULES, Limits())
    names = {finding.rule for finding in found if finding.rule not in (THE_ROUTES if scenario[0] == "p" else ())}
    assert names == set()
