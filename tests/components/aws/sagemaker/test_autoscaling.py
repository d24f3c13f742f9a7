"""One thing that scales, as a plan: its target, its policies, their alarms, its schedule, one after the other."""

from itertools import pairwise
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inventory import assert_inventory

from modelberth.aws.cron import aws_cron
from modelberth.aws.sagemaker.autoscaling import Autoscaling, AutoscalingArgs, alarm_name
from modelberth.aws.sagemaker.scaling_policy import (
    CloudWatchMetric,
    Step,
    Stepping,
    Tracking,
    alarm_of,
    stepping_inputs,
    tracking_inputs,
)
from modelberth.core.errors import ConfigError
from modelberth.core.naming import fingerprint
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
CPU = {
    "namespace": "/aws/sagemaker/Endpoints",
    "name": "CPUUtilization",
    "dimensions": {"EndpointName": "prod-ranker", "VariantName": "stable"},
}
VARIANT = {
    "resource_id": "endpoint/prod-ranker/variant/stable",
    "dimension": "sagemaker:variant:DesiredInstanceCount",
    "min_capacity": 2,
    "max_capacity": 8,
}
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
MOST = {
    **VARIANT,
    "tracking": {"metric": CPU, "target": 140, "scale_in_cooldown": "10m", "scale_out_cooldown": 60},
    "stepping": {
        "add": {"metric": CPU, "steps": [{"at": 120, "change": 1}, {"at": 160, "change": 3}], "meaning": "Busy."},
        "remove": {
            "metric": CPU, "direction": "in", "steps": [{"at": 40, "change": 1}, {"at": 10, "change": 2}],
            "periods": 3, "cooldown": 600, "meaning": "Idle.",
        },
    },
    "schedule": [{"cron": "0 8 * * 1-5", "min": 4, "max": 8}, {"cron": "0 20 * * *", "min": 2, "max": 4}],
    "labels": LABELS,
}  # fmt: skip
ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
PARENT = "modelberth:index:Autoscaling$aws"
TARGET = f"{PARENT}:appautoscaling/target:Target::scaled"


def planned(given):
    def program():
        scaling = Autoscaling("scaled", given)
        pulumi.export("resource", scaling.resource_id)
        pulumi.export("alarms", scaling.alarms)

    return run_in_process(program)


def test_a_floor_and_a_ceiling():
    assert_inventory(planned(VARIANT), HERE / "autoscaling.defaults.inventory.yaml")


def test_everything_that_can_be_asked_for():
    assert_inventory(planned(MOST), HERE / "autoscaling.max.inventory.yaml")


def test_it_says_what_scales_and_which_alarms_it_made():
    alarms = ["prod-ranker-stable-add", "prod-ranker-stable-remove"]
    assert planned(MOST).outputs == {"resource": VARIANT["resource_id"], "alarms": alarms}


def test_whoever_uses_what_scales_waits_for_all_of_it():
    def program():
        aws.cloudwatch.LogGroup("user", name=Autoscaling("scaled", MOST).resource_id)

    plan = run_in_process(program)
    made = {one.urn for one in plan if one.custom and one.name != "user"}
    assert set(plan["aws:cloudwatch/logGroup:LogGroup::user"].property_dependencies["name"]) == made


def test_an_argument_that_only_the_cloud_knows_is_taken():
    def program():
        name = pulumi.Output.from_input("prod-ranker")
        Autoscaling("scaled", {**VARIANT, "resource_id": pulumi.Output.concat("endpoint/", name, "/variant/stable")})

    assert run_in_process(program)[TARGET].get("resourceId") == VARIANT["resource_id"]


def test_policies_and_schedule_are_made_one_after_the_other():
    plan = planned(MOST)
    chain = [*plan.of_type("aws:appautoscaling/policy:Policy"), *plan.of_type(ACTION)]
    assert len(chain) == 5
    for before, after in pairwise(chain):
        assert before.urn in after.dependencies
    assert all(plan[TARGET].urn in one.dependencies for one in chain)


def test_scheduled_actions_are_named_after_their_time():
    first, second = planned(MOST).of_type(ACTION)
    assert first.name == f"scaled-at-{fingerprint(aws_cron('0 8 * * 1-5'))}"
    turned = planned({**MOST, "schedule": MOST["schedule"][::-1]})
    assert [one.name for one in turned.of_type(ACTION)] == [second.name, first.name]


def test_a_floor_of_0_stays_0():
    plan = planned({**VARIANT, "min_capacity": 0, "schedule": [{"cron": "0 8 * * *", "min": 0, "max": 1}]})
    assert plan[TARGET].get("minCapacity") == 0
    [action] = plan.of_type(ACTION)
    assert action.get("scalableTargetAction") == {"minCapacity": 0, "maxCapacity": 1}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("endpoint/prod-ranker/variant/stable", "prod-ranker-stable-add"),
        ("inference-component/prod-ranker--4kz2ab1c", "prod-ranker--4kz2ab1c-add"),
    ],
)
def test_alarms_are_named_after_what_scales(resource, expected):
    assert alarm_name(resource, "add") == expected


def test_a_known_metric_is_tracked_by_its_name():
    tracking = Tracking(metric="SageMakerVariantInvocationsPerInstance", target=900)
    assert tracking_inputs(tracking) == {
        "target_value": 900,
        "scale_in_cooldown": 300,
        "scale_out_cooldown": 300,
        "predefined_metric_specification": {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"},
    }


def stepping(direction, steps):
    return Stepping(metric=CloudWatchMetric(**CPU), direction=direction, steps=steps, meaning="Busy.")


def carried_out(given, value):
    """What AWS does at a value of the metric: the alarm by its operator, the step by its bounds."""
    alarm, policy = alarm_of("add", given), stepping_inputs(given)
    beyond = value <= alarm.above if alarm.below else value >= alarm.above
    if not (beyond and alarm.inclusive):
        return []
    distance = round(value - alarm.above, 9)
    found = []
    for adjustment in policy["step_adjustments"]:
        low = float(adjustment.get("metric_interval_lower_bound", "-inf"))
        high = float(adjustment.get("metric_interval_upper_bound", "inf"))
        inside = low < distance <= high if alarm.below else low <= distance < high
        found += [adjustment["scaling_adjustment"]] if inside else []
    return found


levels = st.lists(st.integers(0, 10_000), min_size=1, max_size=20, unique=True)
changes = st.lists(st.integers(1, 9), min_size=20, max_size=20)


@given(levels, changes, st.integers(-100, 12_000), st.sampled_from(["out", "in"]))
def test_alarm_and_steps_agree_at_every_value(given_levels, sizes, thousandths, direction):
    out = direction == "out"
    ordered = [level / 1000 for level in sorted(given_levels, reverse=not out)]
    given = stepping(direction, tuple(Step(at=at, change=one) for at, one in zip(ordered, sizes, strict=False)))
    value = thousandths / 1000
    reached = [one for at, one in zip(ordered, sizes, strict=False) if (value >= at if out else value <= at)]
    assert carried_out(given, value) == ([(1 if out else -1) * reached[-1]] if reached else [])


@given(levels, st.sampled_from(["out", "in"]))
def test_steps_have_no_gap_and_one_open_end(given_levels, direction):
    out = direction == "out"
    ordered = sorted(given_levels, reverse=not out)
    near, far = ("lower", "upper") if out else ("upper", "lower")
    bounds = stepping_inputs(stepping(direction, tuple(Step(at=at, change=1) for at in ordered)))["step_adjustments"]
    assert bounds[0][f"metric_interval_{near}_bound"] == "0"
    assert f"metric_interval_{far}_bound" not in bounds[-1]
    for inner, outer in pairwise(bounds):
        assert inner[f"metric_interval_{far}_bound"] == outer[f"metric_interval_{near}_bound"]


def test_bounds_are_written_as_people_would():
    first, _ = stepping_inputs(stepping("out", (Step(at=1000, change=1), Step(at=1000.1, change=2))))[
        "step_adjustments"
    ]
    assert first["metric_interval_upper_bound"] == "0.1"


UPWARDS = [{"at": 1, "change": 1}, {"at": 2, "change": 2}]

BAD = {
    "floor above ceiling": (
        {"min_capacity": 9},
        "min_capacity is 9, above max_capacity 8; raise max_capacity or lower min_capacity",
    ),
    "floor below 0": (
        {"min_capacity": -1},
        "min_capacity: got -1, input should be greater than or equal to 0",
    ),
    "ceiling of 0": (
        {"min_capacity": 0, "max_capacity": 0},
        "max_capacity: got 0, input should be greater than or equal to 1",
    ),
    "what SageMaker does not scale": (
        {"dimension": "ecs:service:DesiredCount"},
        "dimension: input should be 'sagemaker:variant:DesiredInstanceCount', "
        "'sagemaker:variant:DesiredProvisionedConcurrency' or 'sagemaker:inference-component:DesiredCopyCount'",
    ),
    "steps that go back": (
        {"stepping": {"add": {**MOST["stepping"]["add"], "steps": [{"at": 2, "change": 1}, {"at": 2, "change": 2}]}}},
        "stepping.add: steps are at 2, 2; each must be above the one before it",
    ),
    "steps that go up where they must go down": (
        {"stepping": {"remove": {**MOST["stepping"]["remove"], "steps": UPWARDS}}},
        "stepping.remove: steps are at 1, 2; each must be below the one before it",
    ),
    "no step": (
        {"stepping": {"add": {**MOST["stepping"]["add"], "steps": []}}},
        "stepping.add.steps: tuple should have at least 1 item after validation, not 0",
    ),
    "a step that changes nothing": (
        {"stepping": {"add": {**MOST["stepping"]["add"], "steps": [{"at": 1, "change": 1}, {"at": 2, "change": 0}]}}},
        "stepping.add.steps.1.change: got 0, input should be greater than or equal to 1",
    ),
    "21 steps": (
        {"stepping": {"add": {**MOST["stepping"]["add"], "steps": [{"at": at, "change": 1} for at in range(21)]}}},
        "stepping.add.steps: tuple should have at most 20 items after validation, not 21",
    ),
    "two entries for one time": (
        {"schedule": [{"cron": "0 8 * * 0", "min": 1, "max": 2}, {"cron": "0 8 * * 7", "min": 2, "max": 2}]},
        "schedule: '0 8 * * 0' and '0 8 * * 7' are the same time; keep one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_scale_is_refused(case):
    fields, message = BAD[case]
    with pytest.raises(ConfigError) as error:
        AutoscalingArgs.parse({**VARIANT, **fields})
    assert [str(fault) for fault in error.value.faults] == [message]
