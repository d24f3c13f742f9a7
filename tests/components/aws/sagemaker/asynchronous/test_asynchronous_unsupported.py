"""What of a `Service` an asynchronous endpoint cannot honour: the field, why, and what to write instead."""

import pytest
from components.aws.sagemaker.portables import AT_8, CANDIDATE, JWT, STABLE, Portable

from modelberth.aws.sagemaker.asynchronous import portable

KIND = Portable(portable, "aws:sagemaker/asynchronous", {"size": {"cpu": 2, "memory_gib": 8}})
WITH = {"stable": STABLE, "candidate": CANDIDATE, "weight": 10}

REFUSED = {
    "requests per second": (
        {"scale": {"min": 1, "max": 2, "on": {"requests_per_second": 5}}},
        None,
        "scale.on.requests_per_second",
        "requests wait in a queue, and it is the queue that is watched",
        "write concurrency: requests that may wait for each instance",
    ),
    "processors": (
        {"scale": {"min": 1, "max": 2, "on": {"cpu": 0.5}}},
        None,
        "scale.on.cpu",
        "requests wait in a queue, and it is the queue that is watched",
        "write concurrency: requests that may wait for each instance",
    ),
    "none without a signal": (
        {"scale": {"min": 0, "max": 1, "schedule": [{**AT_8, "min": 1}]}},
        None,
        "scale.min",
        "nothing goes down to no instance without a signal",
        "give scale.on.concurrency",
    ),
    "none by the clock without a signal": (
        {"scale": {"min": 1, "max": 2, "schedule": [{**AT_8, "min": 0}]}},
        None,
        "scale.schedule.0.min",
        "nothing goes down to no instance without a signal",
        "give scale.on.concurrency",
    ),
    "a range that nothing moves in": (
        {"scale": {"min": 1, "max": 4}},
        None,
        "scale.max",
        "min is 1, and nothing moves it up",
        "give scale.on or a schedule, or write the same",
    ),
    "a signal without a range": (
        {"scale": {"min": 2, "max": 2, "on": {"concurrency": 4}}},
        None,
        "scale.on",
        "min and max are both 2, so nothing moves",
        "raise max, or leave it out",
    ),
    "a time that is none": (
        {"scale": {"min": 1, "max": 4, "schedule": [{**AT_8, "cron": "61 8 * * *"}]}},
        None,
        "scale.schedule.0.cron",
        "minute is '61'",
        "allowed are 0 to 59, *, ranges a-b, steps */n, and lists of these",
    ),
    "a capture": (
        {"data": {"capture": {"sample": "5%", "expires": "7d"}}},
        None,
        "data.capture",
        "requests and answers lie in S3 anyway",
        "leave it out; native.expiration_days says for how long",
    ),
    "keys": (
        {"access": {"keys": ["web"]}},
        None,
        "access.keys",
        "requests lie in S3, and no API stands before them",
        "leave it out; grant callers invoke in IAM",
    ),
    "tokens": (
        {"access": {"jwt": JWT}},
        None,
        "access.jwt",
        "requests lie in S3, and no API stands before them",
        "leave it out; grant callers invoke in IAM",
    ),
    "a rate": (
        {"access": {"rate": {"per_key": "1/s", "burst": 1}}},
        None,
        "access.rate",
        "requests lie in S3, and no API stands before them",
        "leave it out; grant callers invoke in IAM",
    ),
    "strangers": (
        {"access": {"public": {"reason": "shown at the fair", "auth": "none", "rate_limit": "1/s"}}},
        None,
        "access.public",
        "requests lie in S3, and no API stands before them",
        "leave it out; grant callers invoke in IAM",
    ),
    "gates": (
        {"rollout": {"gates": [{"p95": {"below": 1}}]}},
        None,
        "rollout.gates",
        "the alarms are those of the SLO here",
        "write the limits as slo",
    ),
    "a canary that nothing guards": (
        {"rollout": {"canary": {"steps": [10]}}},
        None,
        "rollout.canary",
        "nothing says when to roll back",
        "give slo or gates",
    ),
    "a candidate": (
        {},
        WITH,
        "rollout",
        "the rollouts file names a candidate, and an asynchronous endpoint serves one version",
        "take the candidate out of the rollouts file",
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
