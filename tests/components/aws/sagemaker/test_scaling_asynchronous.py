"""How an asynchronous endpoint scales: by what waits in its queue, and from nothing."""

from modelberth.aws.sagemaker.asynchronous.scaling import Scaling, autoscaling_args
from modelberth.aws.sagemaker.scaling_policy import alarm_of, stepping_inputs

QUEUE = {"EndpointName": "prod-ranker"}


def args(**fields):
    given = {"min_capacity": 0, "max_capacity": 4, "backlog_per_instance": {"target": 5}, **fields}
    return autoscaling_args("prod-ranker", "stable", Scaling.parse(given))


def test_instances_follow_what_waits_for_each():
    made = args(scale_in_cooldown="10m")
    assert made.resource_id == "endpoint/prod-ranker/variant/stable"
    assert made.dimension == "sagemaker:variant:DesiredInstanceCount"
    assert (made.min_capacity, made.max_capacity) == (0, 4)
    assert made.tracking is not None
    assert made.tracking.metric.model_dump() == {
        "namespace": "AWS/SageMaker",
        "name": "ApproximateBacklogSizePerInstance",
        "dimensions": QUEUE,
        "statistic": "Average",
    }
    assert (made.tracking.target, made.tracking.scale_in_cooldown) == (5, 600)


def test_the_first_instance_comes_as_soon_as_one_request_waits():
    wake_up = args().stepping["wake-up"]
    alarm = alarm_of("wake-up", wake_up)
    [metric] = alarm.metrics.values()
    assert (metric.namespace, metric.name, metric.dimensions) == ("AWS/SageMaker", "HasBacklogWithoutCapacity", QUEUE)
    assert (alarm.above, alarm.inclusive, alarm.below) == (1, True, False)
    assert (alarm.period, alarm.periods, alarm.breaching) == (60, 2, 2)
    assert stepping_inputs(wake_up)["step_adjustments"] == [
        {"scaling_adjustment": 1, "metric_interval_lower_bound": "0"}
    ]


def test_what_never_sleeps_needs_no_waking():
    assert args(min_capacity=1).stepping == {}


def test_what_sleeps_at_night_is_woken_too():
    schedule = [{"cron": "0 20 * * *", "min": 0, "max": 4}, {"cron": "0 8 * * *", "min": 1, "max": 4}]
    assert list(args(min_capacity=1, schedule=schedule).stepping) == ["wake-up"]


def test_a_fixed_range_without_a_signal_is_moved_by_the_clock_alone():
    made = args(min_capacity=1, backlog_per_instance=None, schedule=[{"cron": "0 8 * * *", "min": 2, "max": 2}])
    assert made.tracking is None
    assert len(made.schedule) == 1
