"""How a real-time variant scales: each signal in Application Auto Scaling's words, and in the metric's own unit."""

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.sagemaker.instances import instance, load
from modelberth.aws.sagemaker.realtime.scaling import LoadTest, Scaling, autoscaling_args
from modelberth_policies.sources.program import run_in_process

M7I = instance("ml.m7i.xlarge")
RANGE = {"min_capacity": 2, "max_capacity": 8}


def args(type_=M7I, **fields):
    return autoscaling_args("prod-ranker", "stable", Scaling.parse({**RANGE, **fields}), type_)


def tracked(type_=M7I, **fields):
    tracking = args(type_, **fields).tracking
    assert tracking is not None
    return tracking


def test_it_is_the_variant_that_scales():
    made = args()
    assert made.resource_id == "endpoint/prod-ranker/variant/stable"
    assert made.dimension == "sagemaker:variant:DesiredInstanceCount"
    assert (made.min_capacity, made.max_capacity) == (2, 8)
    assert (made.tracking, made.stepping, made.schedule) == (None, {}, ())


def test_the_name_of_an_endpoint_may_be_known_later():
    def program():
        name = pulumi.Output.from_input("prod-ranker")
        scaling = Scaling.parse({**RANGE, "cpu_utilization": {"target": "70%"}})
        made = autoscaling_args(name, "stable", scaling, M7I)
        pulumi.export("id", made.resource_id)
        pulumi.export("dimensions", made.tracking.metric.dimensions)

    assert run_in_process(program).outputs == {
        "id": "endpoint/prod-ranker/variant/stable",
        "dimensions": {"EndpointName": "prod-ranker", "VariantName": "stable"},
    }


@pytest.mark.parametrize(
    ("fields", "metric", "target"),
    [
        ({"invocations_per_instance": {"target": 900}}, "SageMakerVariantInvocationsPerInstance", 900),
        (
            {"concurrent_requests": {"target": 4.5}},
            "SageMakerVariantConcurrentRequestsPerModelHighResolution",
            4.5,
        ),
        ({"load_test": {"max_requests_per_second": 30}}, "SageMakerVariantInvocationsPerInstance", 900),
        (
            {"load_test": {"max_requests_per_second": "30/s", "safety": "80%"}},
            "SageMakerVariantInvocationsPerInstance",
            1440,
        ),
    ],
)
def test_requests_are_tracked_by_a_metric_that_is_known(fields, metric, target):
    tracking = tracked(**fields)
    assert (tracking.metric, tracking.target) == (metric, target)


@pytest.mark.parametrize(
    ("type_name", "fields", "name", "target"),
    [
        ("ml.m7i.xlarge", {"cpu_utilization": {"target": "70%"}}, "CPUUtilization", 280),
        ("ml.m7i.48xlarge", {"cpu_utilization": {"target": 0.5}}, "CPUUtilization", 9600),
        ("ml.g5.xlarge", {"gpu_utilization": {"target": "80%"}}, "GPUUtilization", 80),
        ("ml.g5.12xlarge", {"gpu_utilization": {"target": "80%"}}, "GPUUtilization", 320),
    ],
)
def test_a_share_in_use_counts_every_core_and_every_gpu(type_name, fields, name, target):
    tracking = tracked(instance(type_name), **fields)
    assert tracking.metric.model_dump() == {
        "namespace": "/aws/sagemaker/Endpoints",
        "name": name,
        "dimensions": {"EndpointName": "prod-ranker", "VariantName": "stable"},
        "statistic": "Average",
    }
    assert tracking.target == target


@given(st.sampled_from(sorted(load())), st.floats(0.001, 1))
def test_the_target_is_never_more_than_the_metric_can_show(type_name, share):
    type_ = instance(type_name)
    assert 0 < tracked(type_, cpu_utilization={"target": share}).target <= 100 * type_.vcpus


@given(st.floats(0.01, 1e6), st.floats(0.01, 1))
def test_a_load_test_leaves_room(most, safety):
    target = LoadTest(max_requests_per_second=most, safety=safety).invocations_per_instance
    assert target == pytest.approx(most * 60 * safety)
    assert target <= most * 60


def test_cooldowns_reach_the_policy():
    tracking = tracked(concurrent_requests={"target": 4}, scale_in_cooldown="10m", scale_out_cooldown=60)
    assert (tracking.scale_in_cooldown, tracking.scale_out_cooldown) == (600, 60)
    tracking = tracked(concurrent_requests={"target": 4})
    assert (tracking.scale_in_cooldown, tracking.scale_out_cooldown) == (300, 300)


def test_steps_are_in_the_metrics_own_unit():
    steps = {
        "on": "cpu_utilization",
        "add": [{"at": 0.6, "change": 1}, {"at": 0.8, "change": 3}],
        "remove": [{"at": 0.2, "change": 1}],
        "minutes": 3,
    }
    stepping = args(steps=steps).stepping
    assert {
        role: (one.direction, [(step.at, step.change) for step in one.steps]) for role, one in stepping.items()
    } == {
        "add": ("out", [(240, 1), (320, 3)]),
        "remove": ("in", [(80, 1)]),
    }
    assert {one.periods for one in stepping.values()} == {3}


@pytest.mark.parametrize(
    ("on", "metric"),
    [
        ("invocations_per_instance", ("AWS/SageMaker", "InvocationsPerInstance", "Sum")),
        ("concurrent_requests", ("AWS/SageMaker", "ConcurrentRequestsPerModel", "Maximum")),
        ("gpu_utilization", ("/aws/sagemaker/Endpoints", "GPUUtilization", "Average")),
    ],
)
def test_steps_watch_a_metric_that_is_published(on, metric):
    steps = {"on": on, "add": [{"at": 0.9, "change": 1}], "remove": [{"at": 0.1, "change": 1}]}
    watched = args(instance("ml.g5.xlarge"), steps=steps).stepping["add"].metric
    assert (watched.namespace, watched.name, watched.statistic) == metric


def test_steps_out_alone_are_enough_beside_tracking():
    steps = {"on": "concurrent_requests", "add": [{"at": 20, "change": 4}]}
    assert list(args(concurrent_requests={"target": 4}, steps=steps).stepping) == ["add"]


def test_the_clock_may_open_a_range_in_which_a_signal_moves():
    schedule = [{"cron": "0 8 * * *", "min": 2, "max": 8}]
    made = args(max_capacity=2, concurrent_requests={"target": 4}, schedule=schedule)
    assert [(entry.min, entry.max) for entry in made.schedule] == [(2, 8)]


@pytest.mark.parametrize("initial", [None, 2, 5, 8])
def test_an_initial_count_within_the_range_is_taken(initial):
    assert Scaling.parse(RANGE).check(M7I, initial) is None
