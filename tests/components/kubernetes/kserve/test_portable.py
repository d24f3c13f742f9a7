"""A `Service` in the words of KServe, or the fields that it cannot honour."""

from types import SimpleNamespace

import pytest
from components.kubernetes.kserve.samples import BOTH, EVERYTHING, LABELS, STABLE

from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.kserve.endpoint import objects_of
from modelberth.kubernetes.kserve.modes import Knative, Standard
from modelberth.kubernetes.kserve.portable import translate

LEAST = {"on": "kubernetes:kserve", "model": {"uri": "models:/ranker/1.4.0"}}
KEYS = {"keys": ["web"]}
STABLE_ONLY = {"stable": STABLE}


def translated(traffic=STABLE_ONLY, without=(), addons=None, labels=LABELS, **fields):
    given = {name: value for name, value in EVERYTHING.items() if name not in without}
    given["addons"] = addons or given["addons"]
    service = Service.parse({**LEAST, **fields})
    foundation = SimpleNamespace(shared=Foundation.parse(given))
    return translate(service, Traffic.parse(traffic), Labels.parse(labels), foundation)


def arguments(**given):
    made = translated(**given)
    assert isinstance(made, Translation), made
    return made.endpoint


def refused(**given):
    made = translated(**given)
    assert isinstance(made, Unsupported), made
    return {refusal.field: f"{refusal.why}; {refusal.fix}" for refusal in made.refusals}


def test_the_least_service_is_one_pod_of_a_plain_deployment():
    made = arguments()
    assert made.mode.model_dump() == Standard().model_dump()
    assert made.server.resources.model_dump() == {"cpu": 1, "memory_gib": 2}


def test_no_pods_at_all_are_knatives_to_run():
    made = arguments(scale={"min": 0, "max": 3, "on": {"concurrency": 4}})
    assert isinstance(made.mode, Knative)
    assert (made.mode.min_replicas, made.mode.max_replicas, made.mode.target) == (0, 3, 4)
    assert objects_of(made, "ranker")["ranker-knative"]["spec"]["predictor"]["scaleMetric"] == "concurrency"
    assert isinstance(arguments(scale={"min": 0, "max": 1}).mode, Knative)


def test_on_knative_a_pod_needs_no_flag_but_those_that_it_cannot_do_without():
    made = objects_of(arguments(scale={"min": 0, "max": 1}), "ranker")["ranker-knative"]["spec"]["predictor"]
    flagged = {"affinity", "nodeSelector", "tolerations", "topologySpreadConstraints", "securityContext"}
    assert made.keys() & flagged == set()
    assert "initContainers" in made


@pytest.mark.parametrize(("signal", "metric"), [("concurrency", "concurrency"), ("requests_per_second", "rps")])
def test_by_requests_knative_scales_where_it_is(signal, metric):
    mode = arguments(scale={"min": 2, "max": 4, "on": {signal: 7}}, access=KEYS, slo={"p95": "1s"}).mode
    assert (mode.metric, mode.target, mode.min_replicas) == (metric, 7, 2)


@pytest.mark.parametrize("signal", ["concurrency", "requests_per_second"])
def test_by_requests_keda_scales_where_knative_is_not(signal):
    addons = [name for name in EVERYTHING["addons"] if name != "knative"]
    made = arguments(scale={"min": 2, "max": 4, "on": {signal: 0.5}}, addons=addons)
    [trigger] = made.mode.scaling.triggers
    assert (made.mode.scaling.by, trigger.threshold) == ("keda", 0.5)
    [asked] = objects_of(made, "ranker")["ranker--1-4-0"]["spec"]["predictor"]["autoScaling"]["metrics"]
    query = asked["external"]["metric"]["query"]
    assert 'namespace="models"' in query
    assert '"1.4.0"' in query
    assert "{version}" not in query


def test_by_the_processor_kubernetes_scales_itself():
    scaling = arguments(scale={"min": 2, "max": 6, "on": {"cpu": "70%"}}).mode.scaling
    assert (scaling.by, scaling.min_replicas, scaling.max_replicas, scaling.target_percent) == ("hpa", 2, 6, 70)


def test_whoever_is_let_in_comes_through_a_route():
    assert translated().front_door is None
    assert translated(access=KEYS).front_door is not None
    made = translated(
        access=KEYS, traffic=BOTH, rollout={"ab_test": {"variants": {"1.4.0": 90, "1.5.0": 10}, "by": "header"}}
    )
    assert made.front_door.route.split_by == "header"


REFUSED = {
    "no KServe": (
        {"addons": ["keda"]},
        "on",
        "an InferenceService needs kserve in the cluster; foundation.addons has keda; install it and name it there; "
        "or take kubernetes:deployment",
    ),
    "0 without Knative": (
        {"scale": {"min": 0, "max": 1}, "addons": ["kserve"]},
        "scale.min",
        "a request that finds no pod fails: nothing holds it until one is up; "
        "name knative in foundation.addons, or write 1",
    ),
    "0 behind a route": (
        {"scale": {"min": 0, "max": 1}, "access": KEYS},
        "scale.min",
        "the gateway asks pods directly, past what holds a request until one is up; "
        "write 1, or let nobody in through the gateway",
    ),
    "0 by cores": (
        {"scale": {"min": 0, "max": 2, "on": {"cpu": "70%"}}},
        "scale.on.cpu",
        "by it Knative goes down to 1 at least, and scale.min is 0; raise scale.min, or take concurrency",
    ),
    "half a request": (
        {"scale": {"min": 1, "max": 2, "on": {"concurrency": 0.5}}},
        "scale.on.concurrency",
        "KServe takes whole numbers from 1 on; write 1 to 2147483647",
    ),
    "requests without either": (
        {"scale": {"min": 1, "max": 2, "on": {"concurrency": 4}}, "addons": ["kserve"]},
        "scale.on.concurrency",
        "without Knative, scaling by requests needs keda in the cluster; foundation.addons has kserve; "
        "install it and name it there; or name knative, or take scale.on.cpu",
    ),
    "a schedule": (
        {"scale": {"min": 1, "max": 2, "schedule": [{"cron": "0 6 * * *", "min": 1, "max": 2}]}},
        "scale.schedule",
        "neither KServe nor Knative knows the clock; leave it out, or take kubernetes:deployment",
    ),
    "steps": (
        {"rollout": {"canary": {"steps": [10]}}},
        "rollout.canary",
        "nothing carries out steps here; change the weight in the rollouts file",
    ),
    "capture": (
        {"data": {"capture": {"sample": "1%", "expires": "14d"}}},
        "data.capture",
        "KServe sends every request to a sink of yours, takes no sample and deletes nothing; "
        "leave it out, and name the sink in native: {logger: …}",
    ),
    "retention": (
        {"data": {"retention": "30d"}},
        "data.retention",
        "what containers write is the cluster's to keep, not KServe's; "
        "leave it out, and set it where logs are collected",
    ),
    "alarms that nothing measures": (
        {"runtime": "triton", "slo": {"availability": "99%"}, "scale": {"min": 0, "max": 1}},
        "slo",
        "Knative shows only the port for requests, and the metrics are on another; "
        "leave it out, or scale by cpu with a pod at least",
    ),
    "a split without a route": (
        {"traffic": BOTH},
        "access",
        "the gateway splits requests, and nobody is let in through it; give keys or jwt, or set the weight to 0",
    ),
    "all to a candidate, on Knative": (
        {"traffic": {**BOTH, "weight": 100}, "scale": {"min": 0, "max": 1}},
        "rollout",
        "the candidate has 100 percent, at which Knative takes the stable version's pods away, so that a step back "
        "would find none; make the candidate the stable version in the rollouts file, or give it less",
    ),
    "a name": (
        {"labels": {**LABELS, "service": "a" * 44}},
        "model.uri",
        f"the name {'a' * 44}--1-4-0 has 51 characters, allowed are 48; shorten the service's name or the version",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_kserve_cannot_honour_is_refused_by_name(case):
    given, field, message = REFUSED[case]
    assert refused(**given) == {field: message}


def test_knative_splits_without_a_route_but_copies_nothing():
    on = {"scale": {"min": 0, "max": 1}}
    assert isinstance(translated(traffic=BOTH, **on), Translation)
    assert set(refused(traffic={**BOTH, "mirror": 10}, **on)) == {"access"}
