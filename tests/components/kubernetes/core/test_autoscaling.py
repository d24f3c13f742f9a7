"""What scales a workload, as the object that it is."""

import pulumi
import pytest

from modelberth.kubernetes.autoscaling import Autoscaling, autoscaler, lacking, to_zero
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.manifest import Place, manifest

PLACE = Place("models", "ranker")
TARGET = manifest("Deployment", "ranker--1-4-0", PLACE)
FOUNDATION = Foundation.parse(
    {
        "cluster": {"kubeconfig": "k", "context": "c"},
        "namespace": "models",
        "models": {"prefix": "s3://models/prod"},
        "addons": ["keda"],
        "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
    }
)
REFERENCE = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "ranker--1-4-0"}


def scaling(**fields):
    return Autoscaling.parse({"min_replicas": 2, "max_replicas": 6, **fields})


def scaled(**fields):
    return autoscaler("ranker--1-4-0", TARGET, scaling(**fields), PLACE, FOUNDATION, "1.4.0")


def triggers(*given, **fields):
    return scaled(keda={"triggers": given}, **fields)["spec"]["triggers"]


def test_by_the_processor_a_horizontal_pod_autoscaler_scales():
    made = scaled(cpu="70%")
    assert (made["apiVersion"], made["kind"]) == ("autoscaling/v2", "HorizontalPodAutoscaler")
    target = {"type": "Utilization", "averageUtilization": 70}
    assert made["spec"] == {
        "scaleTargetRef": REFERENCE,
        "minReplicas": 2,
        "maxReplicas": 6,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
    }


def test_metrics_of_pods_and_from_outside_stand_beside_those_of_resources():
    made = scaled(
        memory="80%",
        pods=[{"name": "queue", "average": 2.5}],
        external=[{"name": "backlog", "labels": {"queue": "jobs"}, "average": 30}],
        adapter="prometheus-adapter",
    )
    memory, pods, external = made["spec"]["metrics"]
    assert memory["resource"]["name"] == "memory"
    assert pods["pods"] == {"metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "2500m"}}
    assert external["external"] == {
        "metric": {"name": "backlog", "selector": {"matchLabels": {"queue": "jobs"}}},
        "target": {"type": "AverageValue", "averageValue": "30"},
    }


BEHAVIOR = {
    "up": {"policies": [{"type": "Percent", "value": 100, "period_seconds": 15}], "select": "Min"},
    "down": {"stabilization": "10m", "policies": [{"type": "Pods", "value": 1}]},
}
MOVES = {
    "scaleUp": {"selectPolicy": "Min", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]},
    "scaleDown": {
        "selectPolicy": "Max",
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
        "stabilizationWindowSeconds": 600,
    },
}


def test_how_fast_it_moves_is_the_same_in_both_objects():
    assert scaled(cpu=0.5, behavior=BEHAVIOR)["spec"]["behavior"] == MOVES
    keda = scaled(keda={}, cpu=0.5, behavior=BEHAVIOR)["spec"]["advanced"]
    assert keda == {"horizontalPodAutoscalerConfig": {"behavior": MOVES}}


def test_with_keda_it_scales_by_resources_too_and_there_is_no_second_autoscaler():
    made = scaled(cpu="70%", keda={"triggers": [{"cron": {"start": "0 6 * * *", "end": "0 20 * * *", "replicas": 4}}]})
    assert (made["apiVersion"], made["kind"]) == ("keda.sh/v1alpha1", "ScaledObject")
    assert made["spec"]["triggers"] == [
        {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "70"}},
        {
            "type": "cron",
            "metadata": {"timezone": "Etc/UTC", "start": "0 6 * * *", "end": "0 20 * * *", "desiredReplicas": "4"},
        },
    ]


def test_a_query_asks_for_one_version_of_one_service():
    query = 'sum(x{namespace="{namespace}",service="{service}",version="{version}"}) by (le) or {other}'
    [made] = triggers({"prometheus": {"query": query, "per_pod": 4}})
    assert made["metadata"] == {
        "serverAddress": "http://prometheus.monitoring.svc:9090",
        "query": 'sum(x{namespace="models",service="ranker",version="1.4.0"}) by (le) or {other}',
        "threshold": "4",
    }


def test_in_a_namespace_that_is_known_late_the_query_is_known_late():
    late = Place(pulumi.Output.from_input("models"), "ranker")
    with_query = scaling(keda={"triggers": [{"prometheus": {"query": "x", "per_pod": 4}}]})
    made = autoscaler("ranker", TARGET, with_query, late, FOUNDATION)
    assert isinstance(made["spec"]["triggers"][0]["metadata"]["query"], pulumi.Output)


QUEUES = {
    "sqs": (
        {"url": "https://sqs.eu-central-1.amazonaws.com/1/jobs", "region": "eu-central-1", "per_pod": 5},
        "aws-sqs-queue",
        {
            "queueURL": "https://sqs.eu-central-1.amazonaws.com/1/jobs",
            "awsRegion": "eu-central-1",
            "queueLength": "5",
        },
    ),
    "rabbitmq": (
        {"queue": "jobs", "per_pod": 20},
        "rabbitmq",
        {"queueName": "jobs", "value": "20", "mode": "QueueLength"},
    ),
    "kafka": (
        {"servers": ["a:9092", "b:9092"], "group": "ranker", "topic": "jobs", "per_pod": 100},
        "apache-kafka",
        {"bootstrapServers": "a:9092,b:9092", "consumerGroup": "ranker", "topic": "jobs", "lagThreshold": "100"},
    ),
    "other": (
        {"type": "gcp-pubsub", "metadata": {"subscriptionName": "jobs", "value": "5"}},
        "gcp-pubsub",
        {"subscriptionName": "jobs", "value": "5"},
    ),
}


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_is_asked_in_keda_s_words_and_as_somebody(queue):
    words, type_, metadata = QUEUES[queue]
    [made] = triggers({queue: words, "authentication": "jobs"})
    assert made == {"type": type_, "metadata": metadata, "authenticationRef": {"name": "jobs"}}


def test_it_scales_to_zero_and_says_when():
    activated = {"prometheus": {"query": "x", "per_pod": 4, "activation": 1}}
    made = scaled(min_replicas=0, keda={"triggers": [activated], "cooldown": "20m", "polling": "10s"})["spec"]
    assert (made["minReplicaCount"], made["cooldownPeriod"], made["pollingInterval"]) == (0, 1200, 10)
    assert made["triggers"][0]["metadata"]["activationThreshold"] == "1"


def test_between_none_and_its_floor_there_is_nothing_in_between():
    made = scaled(keda={"triggers": [{"prometheus": {"query": "x", "per_pod": 4}}], "idle_replicas": 0})["spec"]
    assert (made["idleReplicaCount"], made["minReplicaCount"]) == (0, 2)


@pytest.mark.parametrize(
    ("given", "zero"),
    [
        ({"cpu": 0.5}, False),
        ({"min_replicas": 0, "keda": {"triggers": [{"prometheus": {"query": "x", "per_pod": 4}}]}}, True),
        ({"keda": {"triggers": [{"prometheus": {"query": "x", "per_pod": 4}}], "idle_replicas": 0}}, True),
    ],
)
def test_whether_it_has_no_pod_at_times_can_be_asked(given, zero):
    assert to_zero(scaling(**given)) is zero


def test_a_cluster_without_what_is_needed_is_told_what_it_lacks():
    keda = scaling(keda={"triggers": [{"prometheus": {"query": "x", "per_pod": 4}}]})
    assert lacking(keda, FOUNDATION) == ""
    assert lacking(keda, FOUNDATION.model_copy(update={"addons": frozenset()})) == (
        "scaling.keda needs keda in the cluster; foundation.addons has none; install it and name it there"
    )
    assert lacking(keda, FOUNDATION.model_copy(update={"prometheus": None})) == (
        "a prometheus trigger asks foundation.prometheus, which is left out; name it"
    )
    assert lacking(scaling(cpu=0.5), FOUNDATION.model_copy(update={"addons": frozenset()})) == ""
