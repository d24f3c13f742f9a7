"""Deployment guardrails: what SageMaker is told, and which updates could never end in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.sagemaker.rollout import (
    PROVIDER_WAIT_SECONDS,
    PROVISIONING_SECONDS,
    Rollout,
    deployment_config,
    too_short,
    waiting_seconds,
)
from modelberth.core.errors import ConfigError

ALARMS = ["prod-ranker-5xx"]


def config(**strategy):
    return deployment_config(Rollout.parse(strategy), ALARMS)


def test_nothing_is_guarded_without_a_rollout():
    assert deployment_config(None, ALARMS) is None


def test_canary_is_one_slice_then_the_whole_each_watched():
    assert config(canary={"percent": 10, "bake": "5m"}) == {
        "auto_rollback_configuration": {"alarms": [{"alarm_name": "prod-ranker-5xx"}]},
        "blue_green_update_policy": {
            "traffic_routing_configuration": {
                "type": "CANARY",
                "canary_size": {"type": "CAPACITY_PERCENT", "value": 10},
                "wait_interval_in_seconds": 300,
            },
            "termination_wait_in_seconds": 300,
            "maximum_execution_timeout_in_seconds": 3600,
        },
    }


def test_blue_green_keeps_the_old_fleet_after_the_switch():
    policy = config(blue_green={"bake": 60})["blue_green_update_policy"]
    assert policy["traffic_routing_configuration"] == {"type": "ALL_AT_ONCE", "wait_interval_in_seconds": 0}
    assert policy["termination_wait_in_seconds"] == 60


def test_a_bake_of_none_stays_none():
    assert config(blue_green={"bake": 0})["blue_green_update_policy"]["termination_wait_in_seconds"] == 0


def test_linear_and_rolling_in_sagemakers_words():
    linear = config(linear={"step": 25, "interval": "2m"})["blue_green_update_policy"]
    assert linear["traffic_routing_configuration"] == {
        "type": "LINEAR",
        "linear_step_size": {"type": "CAPACITY_PERCENT", "value": 25},
        "wait_interval_in_seconds": 120,
    }
    assert config(rolling={"batch": 20, "interval": 60})["rolling_update_policy"] == {
        "maximum_batch_size": {"type": "CAPACITY_PERCENT", "value": 20},
        "wait_interval_in_seconds": 60,
    }


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ({}, "got no strategy; one of blue_green, canary, linear, rolling is needed"),
        (
            {"canary": {"percent": 10}, "blue_green": {}},
            "got blue_green and canary; one of blue_green, canary, linear, rolling is needed",
        ),
        ({"canary": {"percent": 51}}, "canary.percent: got 51, input should be less than or equal to 50"),
        ({"canary": {"percent": 0}}, "canary.percent: got 0, input should be greater than or equal to 1"),
        (
            {"linear": {"step": 5, "interval": 60}},
            "linear.step: got 5, input should be greater than or equal to 10",
        ),
        (
            {"linear": {"step": 10, "interval": "10m"}},
            "linear takes 110 minutes with 10 for the instances; the provider waits 60; make the steps fewer or the "
            "times shorter",
        ),
        (
            {"canary": {"percent": 10, "bake": "30m"}},
            "canary takes 70 minutes with 10 for the instances; the provider waits 60; make the steps fewer or the "
            "times shorter",
        ),
        (
            {"blue_green": {"bake": "2h"}},
            "blue_green.bake: input should be less than or equal to 3600",
        ),
        (
            {"rolling": {"batch": 60}},
            "rolling.batch: got 60, input should be less than or equal to 50",
        ),
    ],
)
def test_what_sagemaker_or_the_provider_would_refuse_is_refused_at_once(strategy, message):
    with pytest.raises(ConfigError) as error:
        Rollout.parse(strategy)
    assert [str(fault) for fault in error.value.faults] == [message]


@pytest.mark.parametrize(
    ("strategy", "gated", "message"),
    [
        (
            {"canary": {"percent": 10, "bake": 0}},
            False,
            "canary: a step is watched for 0 s, in which no alarm fires; write 180",
        ),
        (
            {"linear": {"step": 50, "interval": 200}},
            True,
            "linear: a step is watched for 200 s, in which no alarm fires; write 300",
        ),
        (
            {"rolling": {"batch": 50, "interval": 60}},
            False,
            "rolling: a step is watched for 60 s, in which no alarm fires; write 180",
        ),
    ],
)
def test_a_time_in_which_no_alarm_could_fire_guards_nothing(strategy, gated, message):
    assert too_short(Rollout.parse(strategy), gated=gated) == f"rollout.{message} s or more"
    assert too_short(Rollout.parse({"blue_green": {"bake": 300}}), gated=gated) == ""


@given(st.integers(10, 50), st.integers(0, 3600))
def test_an_accepted_linear_rollout_fits_the_providers_wait(step, interval):
    try:
        rollout = Rollout.parse({"linear": {"step": step, "interval": interval}})
    except ConfigError:
        return
    steps = len(range(0, 100, step))
    assert waiting_seconds(rollout) == steps * interval
    assert PROVISIONING_SECONDS + steps * interval <= PROVIDER_WAIT_SECONDS
