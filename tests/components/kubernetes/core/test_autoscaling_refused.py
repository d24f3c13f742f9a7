"""Scaling that contradicts itself, or that KEDA's webhook would refuse: each with its exact message."""

import pytest

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.autoscaling import Autoscaling

QUERY = {"prometheus": {"query": "x", "per_pod": 4}}
CRON = {"start": "0 6 * * *", "end": "0 20 * * *", "replicas": 4}
ONE_OF = "one of prometheus, sqs, rabbitmq, kafka, cron, other is needed"


def keda(*triggers, **fields):
    return {"keda": {"triggers": triggers, **fields}}


REFUSED = {
    "a floor above the ceiling": (
        {"min_replicas": 7, "cpu": 0.5},
        "min_replicas is 7, above max_replicas 6; raise max_replicas or lower min_replicas",
    ),
    "no range": (
        {"min_replicas": 6, "cpu": 0.5},
        "min_replicas and max_replicas are both 6, so nothing moves; raise max_replicas, or write replicas",
    ),
    "none without KEDA": (
        {"min_replicas": 0, "cpu": 0.5},
        "min_replicas is 0, and a HorizontalPodAutoscaler keeps 1 or more; give keda, or write 1",
    ),
    "nothing decides": ({}, "nothing decides how many; give cpu, memory, pods, external or keda"),
    "a share of nothing": ({"cpu": 0}, "cpu: got 0; the API takes whole percent from 1 on, write 0.01 or more"),
    "a metric of pods without an adapter": (
        {"pods": [{"name": "queue", "average": 1}]},
        "pods are given, and nothing answers for such metrics; install an adapter and name it: adapter",
    ),
    "an adapter that nobody asks": (
        {"cpu": 0.5, "adapter": "prometheus-adapter"},
        "adapter is given, and nothing asks it; give pods or external",
    ),
    "a HorizontalPodAutoscaler and KEDA on one target": (
        {"external": [{"name": "backlog", "average": 1}], "adapter": "a", **keda(QUERY)},
        "external and keda are both given; KEDA's webhook refuses a second autoscaler, write them as its triggers",
    ),
    "no triggers": (keda(), "keda has no triggers; give one"),
    "none, with resources only": (
        {"min_replicas": 0, "cpu": 0.5, **keda()},
        "min_replicas is 0 and only cpu and memory decide, which say nothing of no pods: KEDA's webhook refuses it; "
        "give a trigger, or write 1",
    ),
    "idle at the floor": (
        {"min_replicas": 0, **keda(QUERY, idle_replicas=0)},
        "keda.idle_replicas is 0 and so is min_replicas, where KEDA wants it below; leave it out",
    ),
    "idle at one": (keda(QUERY, idle_replicas=1), "keda.idle_replicas: got 1, input should be 0"),
    "idle with resources only": (
        {"cpu": 0.5, **keda(idle_replicas=0)},
        "keda.idle_replicas is 0, and no trigger says when something is active; give one",
    ),
    "a fallback with resources only": (
        {"cpu": 0.5, **keda(fallback={"replicas": 2})},
        "keda.fallback is given and only cpu and memory decide, which say nothing of no pods: KEDA's webhook refuses "
        "it; give a trigger, or leave it out",
    ),
    "a fallback above the ceiling": (
        keda(QUERY, fallback={"replicas": 9}),
        "keda.fallback.replicas is above max_replicas 6, which holds; write no more",
    ),
    "a cooldown that is never read": (
        keda(QUERY, cooldown="5m"),
        "keda.cooldown only counts for what scales to zero, and min_replicas is 1; leave it out, or write 0",
    ),
    "an activation that is never read": (
        keda({"prometheus": {"query": "x", "per_pod": 4, "activation": 1}}),
        "prometheus.activation only counts for what scales to zero, and min_replicas is 1; leave it out, or write 0",
    ),
    "a window above the ceiling": (
        keda({"cron": {**CRON, "replicas": 9}}),
        "a cron trigger wants 9 pods, above max_replicas 6; raise that",
    ),
    "a window at the floor": (
        keda({"cron": {**CRON, "replicas": 1}}),
        "a cron trigger wants 1 pods, which min_replicas 1 says always; write more, or leave it out",
    ),
    "a window that never closes": (
        keda({"cron": {**CRON, "end": "0 6 * * *"}}),
        "keda.triggers.0.cron: start and end do not come in turn, so that the window would be open at other times; "
        "give both the same days, and each one time of day",
    ),
    "a trigger of two kinds": (
        keda({**QUERY, "cron": CRON}),
        f"keda.triggers.0: got prometheus and cron; {ONE_OF}",
    ),
    "a trigger of no kind": (keda({"authentication": "a"}), f"keda.triggers.0: got none; {ONE_OF}"),
    "a queue without an address": (
        keda({"rabbitmq": {"queue": "jobs", "per_pod": 5}}),
        "keda.triggers.0: rabbitmq has no address without authentication; name the TriggerAuthentication",
    ),
    "another trigger that has words of its own": (
        keda({"other": {"type": "aws-sqs-queue", "metadata": {"queueURL": "q"}}}),
        "keda.triggers.0.other: aws-sqs-queue has words of its own; write sqs",
    ),
    "another trigger that is a resource": (
        keda({"other": {"type": "cpu", "metadata": {"value": "50"}}}),
        "keda.triggers.0.other: cpu is a field of its own; write scaling.cpu",
    ),
    "rules for what does not move": (
        {"cpu": 0.5, "behavior": {"down": {"select": "Disabled", "stabilization": "5m"}}},
        "behavior.down: select is Disabled, so nothing moves and the rest is never read; leave the rest out",
    ),
    "too long a memory": (
        {"cpu": 0.5, "behavior": {"down": {"stabilization": 3601}}},
        "behavior.down.stabilization: got 3601, input should be less than or equal to 3600",
    ),
}


def faults(**given):
    with pytest.raises(ConfigError) as error:
        Autoscaling.parse({"max_replicas": 6, **given})
    return [str(fault) for fault in error.value.faults]


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case):
    given, message = REFUSED[case]
    assert faults(**given) == [message]


def test_all_that_is_wrong_is_said_at_once():
    assert faults(min_replicas=9, adapter="a") == [
        "min_replicas is 9, above max_replicas 6; raise max_replicas or lower min_replicas; "
        "nothing decides how many; give cpu, memory, pods, external or keda; "
        "adapter is given, and nothing asks it; give pods or external"
    ]
