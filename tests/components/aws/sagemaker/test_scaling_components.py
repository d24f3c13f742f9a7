"""How an inference component scales: copies, down to none, and awake again after one refused request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.sagemaker.components.scaling import Scaling, autoscaling_args
from modelberth.aws.sagemaker.scaling_policy import alarm_of, stepping_inputs


def args(**fields):
    given = {"min_capacity": 0, "max_capacity": 2, "concurrent_requests_per_copy": {"target": 5}, **fields}
    return autoscaling_args("prod-ranker", Scaling.parse(given))


def test_copies_scale():
    made = args()
    assert made.resource_id == "inference-component/prod-ranker"
    assert made.dimension == "sagemaker:inference-component:DesiredCopyCount"
    assert (made.min_capacity, made.max_capacity) == (0, 2)


@pytest.mark.parametrize(
    ("fields", "metric"),
    [
        ({}, "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"),
        (
            {"concurrent_requests_per_copy": None, "invocations_per_copy": {"target": 5}},
            "SageMakerInferenceComponentInvocationsPerCopy",
        ),
    ],
)
def test_a_signal_is_tracked_by_its_name(fields, metric):
    tracking = args(**fields, scale_out_cooldown=30).tracking
    assert tracking is not None
    assert (tracking.metric, tracking.target, tracking.scale_in_cooldown, tracking.scale_out_cooldown) == (
        metric,
        5,
        300,
        30,
    )


def wakes(refused):
    """What AWS does when so many requests are refused in one minute."""
    wake_up = args().stepping["wake-up"]
    alarm, [step] = alarm_of("wake-up", wake_up), stepping_inputs(wake_up)["step_adjustments"]
    breaching = refused >= alarm.above if alarm.inclusive else refused > alarm.above
    fits = refused - alarm.above >= float(step["metric_interval_lower_bound"])
    return breaching and fits and "metric_interval_upper_bound" not in step


@given(st.integers(0, 100_000))
def test_one_refused_request_wakes_it_and_none_does_not(refused):
    assert wakes(refused) == (refused >= 1)


def test_the_alarm_counts_the_refusals_of_one_minute():
    alarm = alarm_of("wake-up", args().stepping["wake-up"])
    [metric] = alarm.metrics.values()
    assert (metric.namespace, metric.name, metric.statistic) == ("AWS/SageMaker", "NoCapacityInvocationFailures", "Sum")
    assert metric.dimensions == {"InferenceComponentName": "prod-ranker"}
    assert (alarm.period, alarm.periods, alarm.missing) == (60, 1, "notBreaching")
    assert args().stepping["wake-up"].cooldown == 60


def test_what_never_sleeps_needs_no_waking():
    assert args(min_capacity=1).stepping == {}
    assert args(min_capacity=1, concurrent_requests_per_copy=None).tracking is None


def test_what_sleeps_at_night_is_woken_too():
    assert list(args(min_capacity=1, schedule=[{"cron": "0 20 * * *", "min": 0, "max": 1}]).stepping) == ["wake-up"]
