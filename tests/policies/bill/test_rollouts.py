"""What a change of version costs once: the second fleet for as long as it stands. Never in the monthly total."""

import pytest
from bill_plans import bill_of, endpoint, target, variant


def rollout(policy, count=2, *others, kind="blueGreenUpdatePolicy"):
    bill = bill_of(*endpoint(variant(count=count), deploymentConfig={kind: policy}), *others, provisioning_minutes=10)
    return bill, [tuple(round(part, 4) for part in line.quantity.triple) for line in bill.rollouts]


def routing(kind, wait, **others):
    return {"type": kind, "waitIntervalInSeconds": wait, **others}


LINEAR = routing("LINEAR", 600, linearStepSize={"type": "CAPACITY_PERCENT", "value": 25})


@pytest.mark.parametrize(
    ("policy", "minutes"),
    [
        ({"trafficRoutingConfiguration": routing("ALL_AT_ONCE", 0), "terminationWaitInSeconds": 600}, 10),
        ({"trafficRoutingConfiguration": routing("CANARY", 600), "terminationWaitInSeconds": 300}, 15),
        ({"trafficRoutingConfiguration": LINEAR, "terminationWaitInSeconds": 600}, 40),
    ],
)
def test_two_fleets_stand_for_the_waits(policy, minutes):
    _, hours = rollout({**policy, "maximumExecutionTimeoutInSeconds": 7200})
    # Two instances more: for the waits, with ten minutes to start, until SageMaker gives up after two hours.
    expected = (2 * minutes / 60, 2 * (minutes + 10) / 60, 2 * 2)
    assert hours == [pytest.approx(expected, abs=1e-3)]


def test_without_a_time_limit_the_worst_is_the_longest_that_sagemaker_allows():
    _, hours = rollout({"trafficRoutingConfiguration": routing("ALL_AT_ONCE", 0), "terminationWaitInSeconds": 0})
    assert hours[0][2] == 16


def test_a_scaled_fleet_is_doubled_as_large_as_it_is():
    policy = {"trafficRoutingConfiguration": routing("CANARY", 1800), "terminationWaitInSeconds": 1800}
    _, hours = rollout(policy, 2, target(2, 6))
    assert (hours[0][0], hours[0][2]) == (2, 48)


def test_a_rolling_update_runs_one_batch_more():
    batch = {"type": "CAPACITY_PERCENT", "value": 50}
    policy = {"maximumBatchSize": batch, "waitIntervalInSeconds": 900, "maximumExecutionTimeoutInSeconds": 3600}
    _, hours = rollout(policy, 4, kind="rollingUpdatePolicy")
    assert hours == [pytest.approx((2 * 0.5, 2 * (0.5 + 1 / 6), 2 * 1), abs=1e-3)]


def test_a_rollout_is_in_no_monthly_total():
    policy = {"trafficRoutingConfiguration": routing("CANARY", 3600), "terminationWaitInSeconds": 3600}
    bill, _ = rollout(policy)
    plain = bill_of(*endpoint(variant(count=2)))
    assert bill.rollouts[0].usd.expected == pytest.approx(2 * (2 + 1 / 6) * 0.115)
    assert bill.total == plain.total
    assert plain.rollouts == ()
