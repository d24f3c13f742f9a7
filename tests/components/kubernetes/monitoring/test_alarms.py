"""Alarms: their arithmetic, what each of them says, and that all of it is PromQL."""

import re

import pulumi
import pytest
from components.kubernetes.monitoring.samples import (
    PLACE,
    SLO,
    WITH_METRICS,
    foundation,
    inside,
    known,
    parsed,
    rules_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.core.errors import ConfigError
from modelberth.core.service import Slo
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.monitoring import PLAIN, Watching, monitoring_objects
from modelberth.kubernetes.monitoring.burn_rates import PACES, PERIOD_HOURS, WINDOWS, paces_of, threshold, window

SETTLED = Watching(settled=True)
OBJECTIVES = st.floats(min_value=0, max_value=1, allow_nan=False)
STEADY = settings(derandomize=True, deadline=None)


def rules(runtime="serving", watching=PLAIN, **slo):
    promised = Slo.model_validate(slo) if slo else None
    return rules_of(monitoring_objects(foundation(), PLACE, runtime, promised, watching))


def alarms(runtime="serving", watching=PLAIN, **slo):
    return {rule["alert"]: rule for rule in rules(runtime, watching, **slo) if "alert" in rule}


def test_the_paces_are_those_of_the_workbook():
    assert [(round(pace.factor, 9), pace.long, pace.short, pace.severity) for pace in PACES] == [
        (14.4, "1h", "5m", "critical"), (6, "6h", "30m", "critical"), (3, "1d", "2h", "warning"),
        (1, "3d", "6h", "warning"),
    ]  # fmt: skip


@STEADY
@given(OBJECTIVES)
def test_a_budget_that_burns_at_a_pace_is_gone_as_far_as_the_pace_says(objective):
    budget = 1 - objective
    for pace in PACES:
        spent = threshold(objective, pace) * pace.hours / PERIOD_HOURS
        assert spent == pytest.approx(pace.budget * budget, abs=1e-9)


@STEADY
@given(OBJECTIVES, OBJECTIVES)
def test_a_stricter_objective_has_no_higher_threshold(one, other):
    strict, loose = max(one, other), min(one, other)
    assert all(threshold(strict, pace) <= threshold(loose, pace) for pace in PACES)


@STEADY
@given(OBJECTIVES)
def test_no_alarm_waits_for_more_than_all_requests(objective):
    assert all(0 <= threshold(objective, pace) < 1 for pace in paces_of(objective))
    left_out = [pace for pace in PACES if pace not in list(paces_of(objective))]
    assert all(pace.factor * (1 - objective) > 1 - 1e-9 for pace in left_out)


@given(st.integers(min_value=1, max_value=60 * 24 * 40))
def test_a_window_is_read_as_as_long_as_it_is(minutes):
    text = window(minutes)
    assert int(text[:-1]) * {"m": 1, "h": 60, "d": 1440}[text[-1]] == minutes


@pytest.mark.parametrize("runtime", WITH_METRICS)
def test_every_rule_is_promql(runtime):
    slo = {"availability": "99.9%"} if runtime == "torchserve" else {"p95": "250ms", "availability": "99.9%"}
    found = rules(runtime, SETTLED, **slo)
    assert found
    for rule in found:
        parsed(rule["expr"])


def test_an_alarm_compares_what_is_recorded_before_it_in_its_group():
    groups = monitoring_objects(foundation(), PLACE, "serving", SLO)["ranker-alarms"]["spec"]["groups"]
    recorded = set()
    for group in groups:
        for rule in group["rules"]:
            if "record" in rule:
                assert rule["labels"] == {"namespace": "models", "service": "ranker"}
                recorded.add(rule["record"])
            elif "share_" in rule["expr"]:
                used = {word.split("{")[0] for word in rule["expr"].split() if word.startswith("service:")}
                assert len(used) == 2
                assert used <= recorded


def test_availability_is_watched_in_every_window_and_at_every_pace():
    found = alarms(availability="99.9%")
    burning = {name: rule for name, rule in found.items() if "Burns" in name}
    assert list(burning) == [f"ModelberthFailedBudgetBurns{pace}x" for pace in ("14_4", "6", "3", "1")]
    assert [rule["expr"].rsplit(" ", 1)[1] for rule in burning.values()] == ["0.0144", "0.006", "0.003", "0.001"]
    records = [rule["record"] for rule in rules(availability="99.9%") if "record" in rule]
    assert sorted(records) == sorted(f"service:modelberth_failed:share_{length}" for length in WINDOWS)


def test_a_latency_at_a_buckets_end_is_a_budget_and_another_is_a_quantile():
    assert "ModelberthSlowerThanP95BudgetBurns6x" in alarms(p95="250ms")
    assert "ModelberthP95TooHigh" not in alarms(p95="250ms")
    between = alarms(p95="300ms")
    assert between["ModelberthP95TooHigh"]["expr"].endswith(" > 0.3")
    assert between["ModelberthP95TooHigh"]["for"] == "10m"
    assert not [name for name in between if "Slower" in name]


def test_of_a_median_only_the_pace_that_can_be_reached_is_watched():
    assert [name for name in alarms(p50="100ms") if "Burns" in name] == ["ModelberthSlowerThanP50BudgetBurns1x"]


def test_an_objective_of_all_requests_is_broken_by_one():
    expressions = [rule["expr"] for name, rule in alarms(availability="100%").items() if "Burns" in name]
    assert len(expressions) == 4
    assert all(expression.endswith(" > 0") for expression in expressions)


def test_every_alarm_says_what_whoever_is_woken_wants_to_know():
    found = alarms(p95="250ms", p99="300ms", availability="99.9%")
    assert len(found) == 13
    for name, rule in found.items():
        notes = rule["annotations"]
        assert set(notes) == {"summary", "description", "runbook_url"}
        assert all(notes.values())
        assert "ranker" in notes["summary"]
        assert notes["runbook_url"] == f"docs/runbooks/kubernetes.md#{name.lower()}"
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["labels"]["service"] == "ranker"
        assert rule["labels"]["namespace"] == "models"


def test_without_objectives_its_pods_and_its_scaler_are_watched():
    about = ["NoPodReady", "MetricsMissing", "PodRestarts", "ScalerAtCeiling"]
    assert list(alarms()) == [f"Modelberth{name}" for name in about]


def test_a_service_that_scales_to_zero_may_have_no_pod():
    assert list(alarms(watching=Watching(scales_to_zero=True))) == [
        "ModelberthPodRestarts", "ModelberthScalerAtCeiling",
    ]  # fmt: skip


def test_each_version_must_have_a_ready_pod_where_prometheus_reads_any():
    expression = alarms()["ModelberthNoPodReady"]["expr"]
    assert expression.startswith("sum by (app_kubernetes_io_version) (kube_pod_status_ready{")
    assert expression.endswith(" == 0")
    assert "vector(0)" not in expression
    assert "{{ $labels.app_kubernetes_io_version }}" in alarms()["ModelberthNoPodReady"]["annotations"]["description"]


def test_that_nothing_is_measured_is_an_alarm_of_its_own():
    up = 'up{namespace="models",app_kubernetes_io_instance="ranker"}'
    missing = alarms()["ModelberthMetricsMissing"]
    assert (missing["expr"], missing["for"]) == (f"absent({up}) or (max({up}) == 0)", "15m")


def test_windows_of_six_hours_and_more_are_read_every_five_minutes_only():
    groups = monitoring_objects(foundation(), PLACE, "serving", SLO)["ranker-alarms"]["spec"]["groups"]
    slow = [group for group in groups if group.get("interval") == "5m"]
    assert {group.get("interval") for group in groups} == {None, "5m"}
    slowly = {rule["record"].rsplit("_", 1)[1] for group in slow for rule in group["rules"] if "record" in rule}
    often = {
        rule["record"].rsplit("_", 1)[1]
        for group in groups if group not in slow for rule in group["rules"] if "record" in rule
    }  # fmt: skip
    assert (slowly, often) == ({"6h", "1d", "3d"}, {"5m", "30m", "1h", "2h"})


@pytest.mark.parametrize(
    ("scaler", "its"),
    [
        ("ranker", True), ("ranker--1-4-0", True), ("keda-hpa-ranker--1-4-0", True), ("ranker--1-4-0-rc-1-ab12", True),
        ("ranker-eu--1-4-0", False), ("ranker-2-eu", False), ("my-ranker--1-4-0", False), ("rankers", False),
    ],
)  # fmt: skip
def test_a_scaler_is_the_services_own(scaler, its):
    pattern = alarms()["ModelberthScalerAtCeiling"]["expr"].split('horizontalpodautoscaler=~"')[1].split('"')[0]
    assert (re.fullmatch(pattern, scaler) is not None) is its


@pytest.mark.parametrize(
    ("runtime", "watching", "slo", "message"),
    [
        ("torchserve", SETTLED, {"p95": "1s"}, "slo.p95: the runtime torchserve does not say how long requests take"),
        (
            "torchserve",
            PLAIN,
            {"availability": "99%"},
            "slo.availability: .*torchserve does not say which requests fail",
        ),
        ("tensorflow-serving", PLAIN, {"p99": "1s"}, "slo.p99: .*tensorflow-serving does not say how long"),
        ("fastapi", PLAIN, {"p95": "1s", "availability": "99%"}, r"(?s)2 faults.*slo.availability.*slo.p95"),
        ("flask", PLAIN, {"p50": "1s"}, "leave it out, or take a runtime that does, as `serving`"),
    ],
)
def test_an_objective_that_nothing_measures_is_refused(runtime, watching, slo, message):
    with pytest.raises(ConfigError, match=message):
        monitoring_objects(foundation(), PLACE, runtime, Slo.model_validate(slo), watching)


def test_a_namespace_that_is_made_later_makes_the_rules_late_too():
    def late():
        return monitoring_objects(foundation(), Place(pulumi.Output.from_input("later"), "ranker"), "serving", SLO)

    later = inside(late)
    assert isinstance(later["ranker-alarms"]["spec"], pulumi.Output)
    assert isinstance(later["ranker-dashboard"]["data"]["ranker.json"], pulumi.Output)
    assert not isinstance(later["ranker-monitor"]["spec"], pulumi.Output)
    now = monitoring_objects(foundation(), Place("later", "ranker"), "serving", SLO)
    assert known(lambda: late()["ranker-alarms"]["spec"]) == now["ranker-alarms"]["spec"]
