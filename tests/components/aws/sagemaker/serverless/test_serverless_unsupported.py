"""What of a `Service` a serverless endpoint cannot honour: the field, why, and what to write instead."""

import pytest
from components.aws.sagemaker.portables import AT_8, CANDIDATE, STABLE, Portable

from modelberth.aws.sagemaker.serverless import portable

KIND = Portable(portable, "aws:sagemaker/serverless", {})
WITH = {"stable": STABLE, "candidate": CANDIDATE, "weight": 10}

REFUSED = {
    "cores": (
        {"size": {"cpu": 2}},
        None,
        "size.cpu",
        "cores come in proportion to memory",
        "leave it out",
    ),
    "memory of 1.5 GiB": (
        {"size": {"memory_gib": 1.5}},
        None,
        "size.memory_gib",
        "1.5 GiB are none of 1, 2, 3, 4, 5, 6",
        "write one of these",
    ),
    "memory of 8 GiB": (
        {"size": {"memory_gib": 8}},
        None,
        "size.memory_gib",
        "8 GiB are none of 1, 2, 3, 4, 5, 6",
        "write one of these",
    ),
    "a GPU": (
        {"size": {"gpu": {"type": "l4"}}},
        None,
        "size.gpu",
        "a serverless endpoint has no accelerators",
        "take realtime",
    ),
    "more at once than there is": (
        {"scale": {"max": 201}},
        None,
        "scale.max",
        "201 at once are above SageMaker's 200",
        "lower it",
    ),
    "a signal": (
        {"scale": {"max": 4, "on": {"concurrency": 1}}},
        None,
        "scale.on",
        "SageMaker adds instances by itself, one for each request in flight",
        "leave it out",
    ),
    "a schedule of nothing": (
        {"scale": {"max": 4, "schedule": [AT_8]}},
        None,
        "scale.schedule",
        "nothing is kept warm, so there is nothing to schedule",
        "set scale.min to 1 or more",
    ),
    "none warm by the clock": (
        {"scale": {"min": 1, "max": 4, "schedule": [{**AT_8, "min": 0}]}},
        None,
        "scale.schedule.0.min",
        "warm capacity does not go down to 0",
        "write 1",
    ),
    "more warm than are answered": (
        {"scale": {"min": 1, "max": 3, "schedule": [AT_8]}},
        None,
        "scale.schedule.0.max",
        "4 warm are above the 3 that are answered at once",
        "raise scale.max, or lower it",
    ),
    "a time that is none": (
        {"scale": {"min": 1, "max": 4, "schedule": [{**AT_8, "cron": "0 8 1 * 1"}]}},
        None,
        "scale.schedule.0.cron",
        "the schedule '0 8 1 * 1' has a day of month and a day of week",
        "AWS takes one, write two entries",
    ),
    "a canary": (
        {"rollout": {"canary": {"steps": [10]}}},
        None,
        "rollout.canary",
        "SageMaker guards no update of a serverless endpoint",
        "leave it out",
    ),
    "gates": (
        {"rollout": {"gates": [{"p95": {"below": 1}}]}},
        None,
        "rollout.gates",
        "SageMaker guards no update of a serverless endpoint",
        "leave them out",
    ),
    "a candidate": (
        {},
        WITH,
        "rollout",
        "the rollouts file names a candidate, and a serverless endpoint serves one version",
        "take the candidate out of the rollouts file",
    ),
    "a mirror": (
        {},
        {"stable": STABLE, "candidate": CANDIDATE, "mirror": 50},
        "rollout",
        "the rollouts file names a candidate, and a serverless endpoint serves one version",
        "take the candidate out of the rollouts file",
    ),
    "a capture": (
        {"data": {"capture": {"sample": "5%", "expires": "7d"}}},
        None,
        "data.capture",
        "SageMaker captures nothing here",
        "leave it out, or take realtime",
    ),
    "a latency of 0": (
        {"slo": {"p95": 0}},
        None,
        "slo.p95",
        "no answer takes no time",
        "write a time above 0",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_by_name(case):
    fields, traffic, field, why, fix = REFUSED[case]
    assert KIND.refusals(traffic, **fields) == [(field, why, fix)]
