"""What the gates ask, and what Argo makes of the answers: its own rules, played through."""

import math

import promql_parser
import pytest
from components.kubernetes.rollouts.samples import ALL, CANARY, GATES, MOST, args, objects
from hypothesis import given
from hypothesis import strategies as st

from modelberth.kubernetes.rollouts.analysis import watch_of
from modelberth.runtimes import load, names

MEASURED = [
    name
    for name in names()
    if load(name).platform is None
    and (metrics := load(name).metrics) is not None
    and metrics.needs is None
    and metrics.series.requests
    and metrics.series.failed
]


def metrics_of(gates=GATES, **fields):
    made = objects(**{"foundation": ALL, "replicas": 10, "rollout": {**CANARY, "gates": gates}, **fields})
    return {each["name"]: each for each in made["ranker-analysis"]["spec"]["metrics"]}


def one(gate, **fields):
    [metric] = metrics_of([gate], **fields).values()
    return metric


def measured(metric, answer):
    """What Argo calls one answer: argoproj/argo-rollouts@v1.8.3:utils/evaluate/evaluate.go."""

    def holds(condition):
        return eval(condition.replace("&&", "and"), {"__builtins__": {}}, {"result": answer, "len": len})

    if holds(metric["failureCondition"]):
        return "Failed"
    return "Successful" if holds(metric["successCondition"]) else "Inconclusive"


def outcome(metric, answers):
    """What Argo makes of a whole step, or None while it goes on: analysis/analysis.go, assessMetricStatus."""
    counted = {"Failed": 0, "Inconclusive": 0, "Successful": 0}
    for answer in answers:
        counted[measured(metric, answer)] += 1
        if counted["Inconclusive"] > metric["inconclusiveLimit"]:
            return "Inconclusive"
        if counted["Failed"] > metric["failureLimit"]:
            return "Failed"
        if sum(counted.values()) >= metric.get("count", 1):
            return "Successful"
    return None


def test_there_is_a_measurement_for_each_limit_and_its_name_is_its_own():
    assert sorted(metrics_of()) == [
        "0-error-rate", "0-error-rate-to-stable", "1-p50", "2-p95", "3-p99-to-stable", "4-saturation", "5-query",
    ]  # fmt: skip


@pytest.mark.parametrize("runtime", MEASURED)
def test_every_query_is_promql_once_argo_has_filled_it_in(runtime):
    server = {"runtime": runtime, "resources": {"cpu": 1, "memory_gib": 2}, "image": f"ghcr.io/a/b@sha256:{'1' * 64}"}
    for metric in metrics_of(server=server).values():
        query = metric["provider"]["prometheus"]["query"]
        filled = query.replace("{{args.canary}}", "6fd9").replace("{{args.stable}}", "7c8a")
        assert "{{" not in filled
        assert "{version}" not in filled
        promql_parser.parse(filled)


def test_at_least_two_model_servers_are_measured():
    assert {"serving", "triton"} <= set(MEASURED)


def test_the_new_pods_are_told_from_the_old_ones_by_argo_s_hash():
    query = one({"error_rate": {"times_stable": 1.5}, "min_sample": 0})["provider"]["prometheus"]["query"]
    canary, stable = (f'rollouts_pod_template_hash="{{{{args.{which}}}}}"' for which in ("canary", "stable"))
    mine, _, theirs = query.partition(" - 1.5 * ")
    assert canary in mine
    assert stable not in mine
    assert stable in theirs
    assert canary not in theirs


def test_the_monitor_copies_that_hash():
    assert "rollouts-pod-template-hash" in objects(MOST)["ranker-monitor"]["spec"]["podTargetLabels"]


def test_each_step_hands_both_hashes_to_the_template():
    steps = objects(MOST)["ranker-rollout"]["spec"]["strategy"]["canary"]["steps"]
    analysis = steps[1]["analysis"]
    declared = [each["name"] for each in objects(MOST)["ranker-analysis"]["spec"]["args"]]
    assert [each["name"] for each in analysis["args"]] == declared
    assert {each["valueFrom"]["podTemplateHashValue"] for each in analysis["args"]} == {"Latest", "Stable"}
    assert analysis["templates"] == [{"templateName": "ranker"}]


def test_a_query_of_one_s_own_is_about_the_wanted_version_and_waits_for_its_sample_too():
    query = one({"query": {"query": 'max(drift{version="{version}"})', "below": 1}})["provider"]["prometheus"]["query"]
    assert query.startswith('(max(drift{version="1.4.0"})) and on () (sum(modelberth_requests_total{')
    assert query.endswith("}) >= 100)")


@pytest.mark.parametrize(
    ("answer", "phase"),
    [
        ([0.01], "Successful"),
        ([0.0], "Successful"),
        ([0.0101], "Failed"),
        ([math.inf], "Failed"),
        ([], "Inconclusive"),
        ([math.nan], "Inconclusive"),
    ],
)
def test_an_answer_meets_its_gate_or_not_or_tells_too_little(answer, phase):
    assert measured(one({"error_rate": {"below": "1%"}}), answer) == phase


def test_a_comparison_holds_where_neither_version_has_an_error():
    metric = one({"error_rate": {"times_stable": 1.5}})
    assert [measured(metric, [mine - 1.5 * theirs]) for mine, theirs in ((0, 0), (0.03, 0.02), (0.04, 0.02))] == [
        "Successful", "Successful", "Failed",
    ]  # fmt: skip


LITTLE, GOOD, BAD = [], [0.001], [0.5]


@pytest.mark.parametrize(
    ("answers", "phase"),
    [
        ([GOOD] * 10, "Successful"),
        ([LITTLE] * 9 + [GOOD], "Successful"),
        ([GOOD] + [LITTLE] * 9, "Successful"),
        ([LITTLE] * 10, "Inconclusive"),
        ([GOOD] * 9 + [BAD], "Failed"),
        ([BAD], "Failed"),
        ([LITTLE] * 9, None),
        ([GOOD] * 9, None),
    ],
)
def test_a_step_is_over_with_its_last_measurement_or_its_first_bad_one(answers, phase):
    metric = one({"error_rate": {"below": "1%"}})
    assert metric["count"] == 10
    assert outcome(metric, answers) == phase


def test_a_step_of_a_minute_is_one_measurement_at_its_end():
    metric = one({"p95": {"below": "1s"}}, rollout={"canary": {"steps": [50], "bake": "1m"},
                 "gates": [{"p95": {"below": "1s"}}]})  # fmt: skip
    assert (metric["initialDelay"], "count" in metric, metric["inconclusiveLimit"]) == ("60s", False, 0)
    assert outcome(metric, [LITTLE]) == "Inconclusive"


@given(st.floats(min_value=60, max_value=10**7))
def test_measurements_fill_a_step_and_come_about_once_a_minute(bake):
    watch = watch_of(bake)
    assert 60 <= watch.seconds <= 120
    # The first comes after one interval, so the last ends the step; whole seconds may add up to half of one each.
    assert abs(watch.times * watch.seconds - bake) <= watch.times / 2 + 0.5


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_a_ceiling_keeps_its_digits(below):
    condition = one({"p95": {"below": below}})["successCondition"]
    assert math.isclose(float(condition.rpartition(" ")[2]), below, rel_tol=1e-9)


def test_an_endpoint_without_gates_has_no_template():
    assert "ranker-analysis" not in objects(foundation=ALL, replicas=10, rollout=CANARY)
    assert args(foundation=ALL).rollout.gates == ()
