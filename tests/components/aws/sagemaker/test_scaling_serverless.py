"""How a serverless endpoint scales: how much of it is warm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.sagemaker.serverless.scaling import (
    MEMORY_SIZES_MB,
    MaxConcurrency,
    MemorySizeMb,
    ProvisionedConcurrency,
    autoscaling_args,
)
from modelberth.core.config import Config
from modelberth.core.errors import ConfigError

RANGE = {"min_capacity": 1, "max_capacity": 10}


class Sized(Config):
    memory_size_mb: MemorySizeMb = 1024
    max_concurrency: MaxConcurrency = 5


def args(**fields):
    return autoscaling_args("dev-ranker", "stable", ProvisionedConcurrency.parse({**RANGE, **fields}))


def test_warm_capacity_follows_its_use_as_a_share():
    made = args(utilization={"target": "70%"}, scale_in_cooldown="10m")
    assert made.resource_id == "endpoint/dev-ranker/variant/stable"
    assert made.dimension == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert made.tracking is not None
    assert made.tracking.metric == "SageMakerVariantProvisionedConcurrencyUtilization"
    assert made.tracking.target == pytest.approx(0.7)
    assert (made.tracking.scale_in_cooldown, made.tracking.scale_out_cooldown) == (600, 300)
    assert made.stepping == {}


def test_the_clock_alone_may_move_it():
    made = args(max_capacity=1, schedule=[{"cron": "0 8 * * 1-5", "min": 5, "max": 5}])
    assert made.tracking is None
    assert len(made.schedule) == 1


@pytest.mark.parametrize(
    ("fields", "scales"),
    [
        ({}, True),
        ({"max_capacity": 1}, False),
        ({"max_capacity": 1, "schedule": [{"cron": "0 8 * * *", "min": 2, "max": 2}]}, True),
    ],
)
def test_it_scales_where_something_may_move_it(fields, scales):
    assert ProvisionedConcurrency.parse({**RANGE, **fields}).scales is scales


@given(st.integers(-10, 10_000))
def test_memory_comes_in_six_sizes(size):
    if size in MEMORY_SIZES_MB:
        assert Sized.parse({"memory_size_mb": size}).memory_size_mb == size
        return
    with pytest.raises(ConfigError) as error:
        Sized.parse({"memory_size_mb": size})
    written = int(str(error.value).rpartition(" ")[2])
    assert written in MEMORY_SIZES_MB
    assert written == min([one for one in MEMORY_SIZES_MB if one > size], default=6144)


@given(st.integers(-10, 300))
def test_one_to_two_hundred_requests_at_once(count):
    try:
        taken = Sized.parse({"max_concurrency": count}).max_concurrency == count
    except ConfigError:
        taken = False
    assert taken == (1 <= count <= 200)


def test_all_that_may_be_answered_at_once_may_be_warm():
    assert ProvisionedConcurrency.parse(RANGE).check(10) is None
