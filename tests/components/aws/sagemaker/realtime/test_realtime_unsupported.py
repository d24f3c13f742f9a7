"""What of a `Service` a real-time endpoint cannot honour: the field, why, and what to write instead."""

import pytest
from components.aws.sagemaker.portables import AT_8, CANDIDATE, JWT, LOGIN, STABLE, Portable

from modelberth.aws.sagemaker.realtime import portable

KIND = Portable(portable, "aws:sagemaker/realtime", {"size": {"cpu": 2, "memory_gib": 8}})
INF1 = {"cpu": 4, "memory_gib": 8, "gpu": {"type": "inferentia"}}
SLO = {"p95": "200ms"}
WITH = {"stable": STABLE, "candidate": CANDIDATE, "weight": 10}

REFUSED = {
    "none at times": (
        {"scale": {"min": 0, "max": 2, "on": {"concurrency": 4}}},
        None,
        "scale.min",
        "instances do not scale to none",
        "take aws:sagemaker/components, or write 1",
    ),
    "none by the clock": (
        {"scale": {"min": 1, "max": 4, "on": {"concurrency": 4}, "schedule": [{**AT_8, "min": 0}]}},
        None,
        "scale.schedule.0.min",
        "a real-time variant does not go down to 0",
        "write 1",
    ),
    "a time that is none": (
        {"scale": {"min": 1, "max": 4, "schedule": [{**AT_8, "cron": "daily"}]}},
        None,
        "scale.schedule.0.cron",
        "the schedule 'daily' has 1 fields",
        "write five: minute, hour, day of month, month, day of week",
    ),
    "a time that comes twice": (
        {"scale": {"min": 1, "max": 4, "schedule": [AT_8, {**AT_8, "max": 5}]}},
        None,
        "scale.schedule.1.cron",
        "'0 8 * * *' is the same time as an entry before it",
        "keep one",
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
    "no processor in use": (
        {"scale": {"min": 1, "max": 2, "on": {"cpu": 0}}},
        None,
        "scale.on.cpu",
        "no processor is kept at 0 while it works",
        "write a share above 0",
    ),
    "a canary of two steps": (
        {"rollout": {"canary": {"steps": [10, 50]}}, "slo": SLO},
        None,
        "rollout.canary.steps",
        "SageMaker's canary has one step of 50 % at most, got [10, 50]",
        "write one, or linear",
    ),
    "a canary of 60 %": (
        {"rollout": {"canary": {"steps": [60]}}, "slo": SLO},
        None,
        "rollout.canary.steps",
        "SageMaker's canary has one step of 50 % at most, got [60]",
        "write one, or linear",
    ),
    "a canary of two hours": (
        {"rollout": {"canary": {"steps": [10], "bake": "2h"}}, "slo": SLO},
        None,
        "rollout.canary.bake",
        "got 7200.0, input should be less than or equal to 3600",
        "write what is possible",
    ),
    "a canary that outlasts the provider": (
        {"rollout": {"canary": {"steps": [10], "bake": "30m"}}, "slo": SLO},
        None,
        "rollout.canary",
        "canary takes 70 minutes with 10 for the instances; the provider waits 60",
        "make the steps fewer or the times shorter",
    ),
    "steps of 5 %": (
        {"rollout": {"linear": {"step": 5, "interval": 180}}, "slo": SLO},
        None,
        "rollout.linear.step",
        "SageMaker's steps are 10 to 50 %, got 5",
        "write one of these",
    ),
    "ten steps of ten minutes": (
        {"rollout": {"linear": {"step": 10, "interval": "10m"}}, "slo": SLO},
        None,
        "rollout.linear",
        "linear takes 110 minutes with 10 for the instances; the provider waits 60",
        "make the steps fewer or the times shorter",
    ),
    "rolling": (
        {"rollout": {"rolling": {}}, "slo": SLO},
        None,
        "rollout.rolling",
        "SageMaker rolls in shares of the fleet, not in numbers of instances",
        "take canary, linear or blue_green",
    ),
    "a canary that nothing guards": (
        {"rollout": {"canary": {"steps": [10]}}},
        None,
        "rollout.canary",
        "nothing says when to roll back",
        "give slo or gates",
    ),
    "Inf1 under guard": (
        {"size": INF1, "rollout": {"blue_green": {}}, "slo": SLO},
        None,
        "rollout.blue_green",
        "SageMaker guards no update of Inf1 instances",
        "take inferentia2, or leave it out",
    ),
    "gates without a rollout": (
        {"rollout": {"gates": [{"p95": {"below": 1}}]}},
        None,
        "rollout.gates",
        "nothing is rolled back in an update all at once",
        "take canary, linear or blue_green, or leave them out",
    ),
    "a gate that compares versions": (
        {"rollout": {"blue_green": {}, "gates": [{"p95": {"times_stable": 1.2}}]}},
        None,
        "rollout.gates.0.p95.times_stable",
        "an alarm has no other version to compare with",
        "write below",
    ),
    "a gate that nothing measures": (
        {"rollout": {"blue_green": {}, "gates": [{"query": {"query": "up", "below": 1}}]}},
        None,
        "rollout.gates.0.query",
        "an alarm watches the metrics of its endpoint, not a query of one's own",
        "leave it out",
    ),
    "a candidate under a guarded rollout": (
        {"rollout": {"blue_green": {}}, "slo": SLO},
        WITH,
        "rollout.blue_green",
        "SageMaker moves the weights itself, and the rollouts file names a candidate",
        "name the stable version only, or leave the rollout out",
    ),
    "a weight and a mirror": (
        {},
        {**WITH, "mirror": 50},
        "rollout",
        "the rollouts file weighs and mirrors at once; a shadow stands beside one variant",
        "write one of them",
    ),
    "a token that is not Cognito's": (
        {"access": {"jwt": LOGIN}},
        None,
        "access.jwt",
        "API Gateway itself verifies tokens of Amazon Cognito only, and the issuer is another",
        "take a user pool, or a RestFrontDoor of your own with a Lambda authorizer",
    ),
    "keys and tokens": (
        {"access": {"keys": ["web"], "jwt": JWT}},
        None,
        "access.jwt",
        "API Gateway would ask every caller for a key and a token",
        "give keys or jwt",
    ),
    "a rate without keys": (
        {"access": {"jwt": JWT, "rate": {"per_key": "1/s", "burst": 1}}},
        None,
        "access.rate",
        "usage plans limit keys, and no caller has one",
        "give keys, or leave it out",
    ),
    "a capture of half a percent": (
        {"data": {"capture": {"sample": "0.5%", "expires": "7d"}}},
        None,
        "data.capture.sample",
        "got 0.005; SageMaker captures whole percents from 1% to 100%",
        "write one",
    ),
    "a capture of 36 hours": (
        {"data": {"capture": {"sample": "5%", "expires": "36h"}}},
        None,
        "data.capture.expires",
        "got 129600 seconds; S3 expires objects after whole days",
        "write for example 14d",
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
