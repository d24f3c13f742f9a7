"""A `Service` in the words of Deployments, or the fields that plain Kubernetes cannot honour."""

from types import SimpleNamespace

import pytest
from components.kubernetes.deployment.samples import CANDIDATE, EVERYTHING, LABELS, STABLE

from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.deployment.endpoint import objects_of
from modelberth.kubernetes.deployment.portable import translate
from modelberth.kubernetes.foundation import Foundation

LEAST = {"on": "kubernetes:deployment", "model": {"uri": "models:/ranker/1.4.0"}}
DAY_AND_NIGHT = [{"cron": "0 6 * * *", "min": 4, "max": 6}, {"cron": "0 20 * * *", "min": 2, "max": 6}]
KEYS = {"keys": ["web"]}
STABLE_ONLY = {"stable": STABLE}
BOTH = {"stable": STABLE, "candidate": CANDIDATE, "weight": 10}


def translated(traffic=STABLE_ONLY, without=(), labels=LABELS, **fields):
    given = {name: value for name, value in EVERYTHING.items() if name not in without}
    shared = Foundation.parse(given)
    service = Service.parse({**LEAST, **fields})
    return translate(service, Traffic.parse(traffic), Labels.parse(labels), SimpleNamespace(shared=shared))


def arguments(**given):
    made = translated(**given)
    assert isinstance(made, Translation), made
    return made.endpoint


def refused(**given):
    made = translated(**given)
    assert isinstance(made, Unsupported)
    return {refusal.field: f"{refusal.why}; {refusal.fix}" for refusal in made.refusals}


def test_the_least_service_is_one_pod_beside_which_another_version_can_stand():
    made = arguments()
    assert (made.replicas, made.scaling, made.replace) == (1, None, "beside")
    assert made.server.resources.model_dump() == {"cpu": 1, "memory_gib": 2}


def test_by_the_processor_kubernetes_scales_itself():
    scaling = arguments(scale={"min": 2, "max": 6, "on": {"cpu": "70%"}}).scaling
    assert (scaling.min_replicas, scaling.max_replicas, round(scaling.cpu, 9), scaling.keda) == (2, 6, 0.7, None)


@pytest.mark.parametrize(
    ("signal", "query"),
    [
        (
            "concurrency",
            'sum(modelberth_predictions_in_flight{namespace="models",app_kubernetes_io_instance="ranker",'
            'app_kubernetes_io_version="1.4.0"}) or vector(0)',
        ),
        (
            "requests_per_second",
            'sum(rate(modelberth_requests_total{namespace="models",app_kubernetes_io_instance="ranker",'
            'app_kubernetes_io_version="1.4.0",path=~"/predict"}[5m])) or vector(0)',
        ),
    ],
)
def test_by_requests_keda_asks_what_the_pods_of_each_version_count(signal, query):
    made = objects_of(arguments(scale={"min": 2, "max": 6, "on": {signal: 4}}), "ranker")
    [trigger] = made["ranker--1-4-0-scaling"]["spec"]["triggers"]
    assert trigger["metadata"]["query"] == query
    assert trigger["metadata"]["threshold"] == "4"


def test_a_schedule_is_a_window_wherever_the_floor_is_above_the_least():
    scaling = arguments(scale={"min": 2, "max": 6, "schedule": DAY_AND_NIGHT}).scaling
    [trigger] = scaling.keda.triggers
    assert trigger.cron.model_dump() == {
        "start": "0 6 * * *", "end": "0 20 * * *", "timezone": "Etc/UTC", "replicas": 4,
    }  # fmt: skip


def test_rolling_goes_through_one_deployment_and_is_asked_about_as_a_whole():
    made = arguments(
        rollout={"rolling": {"surge": 2, "unavailable": 1}}, scale={"min": 2, "max": 6, "on": {"concurrency": 4}}
    )
    assert made.replace == "in_place"
    strategy = objects_of(made, "ranker")["ranker-pods"]["spec"]["strategy"]
    assert strategy["rollingUpdate"] == {"maxSurge": 2, "maxUnavailable": 1}
    assert "version" not in made.scaling.keda.triggers[0].prometheus.query


def test_a_device_is_the_cluster_s_own():
    made = arguments(runtime="vllm", size={"cpu": 4, "memory_gib": 16, "gpu": {"type": "l4", "count": 2}})
    assert made.server.devices.count == 2
    assert made.server.devices.accelerator.node_selector == {"nvidia.com/gpu.product": "NVIDIA-L4"}


def test_a_shadow_and_a_test_that_say_what_the_rollouts_file_says_are_honoured():
    mirrored = {**BOTH, "weight": 0, "mirror": 50}
    assert arguments(traffic=mirrored, access=KEYS, rollout={"shadow": {"sample": "50%"}}).traffic.mirror == 50
    split = {"ab_test": {"variants": {"1.4.0": 90, "1.5.0-rc.1": 10}}}
    assert arguments(traffic=BOTH, access=KEYS, rollout=split).traffic.weight == 10


@pytest.mark.parametrize("by", ["header", "weight"])
def test_a_test_by_header_is_the_route_s(by):
    split = {"ab_test": {"variants": {"1.4.0": 90, "1.5.0-rc.1": 10}, "by": by}}
    assert translated(traffic=BOTH, access=KEYS, rollout=split).front_door.route.split_by == by


GATED = "leave them out, or take kubernetes:rollouts"
ONE = "pods of one Deployment are replaced, so there is one version, and the rollouts file names a candidate"
REFUSED = {
    "no pod": (
        {"scale": {"min": 0}},
        {"scale.min": "a request that finds no pod fails: nothing holds it until one is up, and nothing counts it; "
         "take kubernetes:kserve with Knative, or write 1"},
    ),
    "a range without a signal": (
        {"scale": {"max": 3}},
        {"scale.max": "min is 1, and nothing moves it up; give scale.on or a schedule, or write the same"},
    ),
    "a signal without a range": (
        {"scale": {"on": {"cpu": "70%"}}},
        {"scale.on": "min and max are both 1, so nothing moves; raise max, or leave it out"},
    ),
    "a share of nothing": (
        {"scale": {"max": 3, "on": {"cpu": 0}}},
        {"scale.on.cpu": "Kubernetes takes whole percent from 1 on; write 1% or more"},
    ),
    "requests without a Prometheus": (
        {"scale": {"max": 3, "on": {"concurrency": 4}}, "without": ["prometheus"]},
        {"scale.on.concurrency": "there is no Prometheus that counts requests; name it in foundation.prometheus, or "
         "take scale.on.cpu"},
    ),
    "a number that the server does not show": (
        {"scale": {"max": 3, "on": {"concurrency": 4}}, "runtime": "tensorflow-serving"},
        {"scale.on.concurrency": "tensorflow-serving shows no such number; take scale.on.cpu"},
    ),
    "another ceiling by the clock": (
        {"scale": {"min": 2, "max": 9, "schedule": DAY_AND_NIGHT}},
        {f"scale.schedule.{index}.max": "KEDA's ceiling is the same at all times, and scale.max is 9; write 9, or "
         "change scale.max" for index in (0, 1)},
    ),
    "a lower floor by the clock": (
        {"scale": {"min": 3, "max": 6, "schedule": DAY_AND_NIGHT}},
        {"scale.schedule.1.min": "KEDA's windows raise the floor and never lower it, and scale.min is 3; write 3 or "
         "more, or lower scale.min"},
    ),
    "one entry": (
        {"scale": {"min": 2, "max": 6, "schedule": DAY_AND_NIGHT[:1]}},
        {"scale.schedule.0": "its floor would have no end, since no other entry comes after it; add the entry that "
         "ends it, or raise scale.min"},
    ),
    "entries that do not come in turn": (
        {"scale": {"min": 2, "max": 6, "schedule": [{**DAY_AND_NIGHT[0], "cron": "0 6 * * 1-5"}, DAY_AND_NIGHT[1]]}},
        {"scale.schedule": "its entries do not come in turn, so that KEDA's windows would be open at other times; "
         "give all the same days, and each one time of day"},
    ),
    "a day of the month": (
        {"scale": {"min": 2, "max": 6, "schedule": [{**DAY_AND_NIGHT[0], "cron": "0 6 1 * *"}, DAY_AND_NIGHT[1]]}},
        {"scale.schedule.0.cron": "the schedule '0 6 1 * *' names a day of the month or a month; windows come weekly, "
         "write *"},
    ),
    "a canary": (
        {"rollout": {"canary": {"steps": [10]}}},
        {"rollout.canary": "nothing carries out steps here; change the weight in the rollouts file"},
    ),
    "gates": (
        {"rollout": {"gates": [{"error_rate": {"below": "1%"}}]}},
        {"rollout.gates": f"nothing watches gates here; {GATED}"},
    ),
    "a candidate in place": (
        {"rollout": {"rolling": {}}, "traffic": BOTH, "access": KEYS},
        {"rollout.rolling": f"{ONE}; name the stable version only, or leave rolling out"},
    ),
    "a cookie": (
        {"rollout": {"ab_test": {"variants": {"1.4.0": 90, "1.5.0-rc.1": 10}, "by": "cookie"}}, "traffic": BOTH,
         "access": KEYS},
        {"rollout.ab_test.by": "the Gateway API has no word for a cookie that keeps a client on its variant; write "
         "header or weight"},
    ),
    "a test that the rollouts file does not know": (
        {"rollout": {"ab_test": {"variants": {"1.4.0": 50, "1.5.0-rc.1": 50}}}, "traffic": BOTH, "access": KEYS},
        {"rollout.ab_test.variants": "the rollouts file splits 1.4.0 90 %, 1.5.0-rc.1 10 %; write the same candidate "
         "and weight there"},
    ),
    "a shadow that the rollouts file does not know": (
        {"rollout": {"shadow": {"sample": "20%"}}},
        {"rollout.shadow": "the rollouts file mirrors 0 % to the candidate, and not 20 %; write candidate and mirror "
         "there"},
    ),
    "a split before which nothing stands": (
        {"traffic": BOTH},
        {"access": "the gateway splits requests, and nobody is let in through it; give keys or jwt, or set the weight "
         "to 0"},
    ),
    "an objective that the server cannot show": (
        {"slo": {"p95": "1s"}, "runtime": "torchserve"},
        {"slo.p95": "torchserve does not say how long requests take; leave it out",
         "runtime": "torchserve has no image among serving, vllm, triton, tensorflow-serving; name it: "
         "foundation.images.torchserve"},
    ),
    "captured requests": (
        {"data": {"capture": {"sample": "1%", "expires": "14d"}}},
        {"data.capture": "requests are not kept here; take kubernetes:kserve, or leave it out"},
    ),
    "kept logs": (
        {"data": {"retention": "30d"}},
        {"data.retention": "what containers write is the cluster's to keep, not a Deployment's; leave it out, and set "
         "it where logs are collected"},
    ),
    "a place elsewhere": (
        {"data": {"residency": "us"}},
        {"data.residency": "the cluster is in eu, not in us; name it in foundation.residency"},
    ),
    "a version without a name": (
        {"traffic": {"stable": {**STABLE, "version": f"1.4.0-{'x' * 60}"}}},
        {"model.uri": f"'1.4.0-{'x' * 60}' cannot be a label, allowed are 63 letters, digits, '.', '_' and '-', "
         "a letter or digit at both ends; give it another version"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_by_name(case):
    given, told = REFUSED[case]
    assert refused(**given) == told
