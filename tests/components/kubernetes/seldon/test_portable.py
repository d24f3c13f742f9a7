"""A `Service` in the words of Seldon, or the fields that Seldon cannot honour."""

import itertools
from types import SimpleNamespace

import pytest
from components.kubernetes.seldon.samples import BOTH, COPIED, EVERYTHING, LABELS, STABLE

from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.seldon.v1 import portable as version_1
from modelberth.kubernetes.seldon.v1.config import Prepackaged
from modelberth.kubernetes.seldon.v1.endpoint import objects_of as objects_of_v1
from modelberth.kubernetes.seldon.v2 import portable as version_2
from modelberth.kubernetes.seldon.v2.endpoint import objects_of as objects_of_v2

SELDON = {"v1": (version_1, "seldon-v1-sklearn", objects_of_v1), "v2": (version_2, "seldon-v2-mlserver", objects_of_v2)}
KEYS = {"keys": ["web"]}
DAY = [{"cron": "0 6 * * *", "min": 1, "max": 1}]


def translated(seldon, traffic=None, foundation=None, labels=LABELS, **fields):
    module, runtime, _ = SELDON[seldon]
    given = {"on": f"kubernetes:seldon/{seldon}", "model": {"uri": "models:/ranker/1.4.0"}, "runtime": runtime}
    shared = Foundation.parse({**EVERYTHING, **(foundation or {})})
    service = Service.parse({**given, **fields})
    traffic = Traffic.parse(traffic or {"stable": STABLE})
    return module.translate(service, traffic, Labels.parse(labels), SimpleNamespace(shared=shared))


def arguments(seldon, **given):
    made = translated(seldon, **given)
    assert isinstance(made, Translation), made
    return made.endpoint


def refused(seldon, **given):
    made = translated(seldon, **given)
    assert isinstance(made, Unsupported)
    return {refusal.field: f"{refusal.why}; {refusal.fix}" for refusal in made.refusals}


def test_the_least_service_on_version_1_is_one_pod_of_seldons_server():
    made = arguments("v1")
    assert isinstance(made.server, Prepackaged)
    assert (made.server.prepackaged, made.replicas, made.scaling) == ("seldon-v1-sklearn", 1, None)


def test_on_version_1_any_server_in_a_container_runs_too():
    made = arguments("v1", runtime="mlserver", slo={"p95": "200ms"})
    assert (made.server.runtime, made.slo.p95) == ("mlserver", 0.2)


def test_on_version_1_the_processor_scales():
    scaling = arguments("v1", scale={"min": 2, "max": 6, "on": {"cpu": "70%"}}).scaling
    assert (scaling.min_replicas, scaling.max_replicas, round(scaling.cpu, 9)) == (2, 6, 0.7)


def test_on_version_2_the_size_of_a_service_is_that_of_a_server_of_its_own():
    made = arguments(
        "v2", size={"cpu": 3, "memory_gib": 6, "gpu": {"type": "l4", "count": 1}}, scale={"min": 2, "max": 2}
    )
    assert made.server.resources.model_dump() == {"cpu": 3, "memory_gib": 6}
    assert (made.server.devices.count, made.replicas) == (1, 2)


@pytest.mark.parametrize("seldon", SELDON)
def test_a_shadow_and_a_lasting_split_are_what_the_rollouts_file_says(seldon):
    shadowed = arguments(seldon, traffic=COPIED, access=KEYS, rollout={"shadow": {"sample": "20%"}})
    assert shadowed.traffic.mirror == 20
    split = {"ab_test": {"variants": {"1.4.0": 90, "1.5.0": 10}, "by": "header"}}
    made = translated(seldon, traffic=BOTH, access=KEYS, rollout=split)
    assert (made.endpoint.traffic.weight, made.front_door.route.split_by) == (10, "header")


NOT_HERE = {
    "v1": {
        "runtime of the other Seldon": ({"runtime": "seldon-v2-triton"}, "runtime"),
        "a runtime without a port": ({"runtime": "flask"}, "runtime"),
        "none": ({"scale": {"min": 0}}, "scale.min"),
        "more than can be counted": ({"scale": {"min": 1, "max": 2**31, "on": {"cpu": "50%"}}}, "scale.max"),
        "a ceiling that nothing reaches": ({"scale": {"max": 3}}, "scale.max"),
        "by requests": ({"scale": {"max": 3, "on": {"concurrency": 4}}}, "scale.on.concurrency"),
        "by the clock": ({"scale": {"schedule": DAY}}, "scale.schedule"),
        "an objective of Seldon's server": ({"slo": {"p95": "1s"}}, "slo"),
        "kept requests": ({"data": {"capture": {"sample": "1%", "expires": "7d"}}}, "data.capture"),
        "kept logs": ({"data": {"retention": "7d"}}, "data.retention"),
        "steps": ({"rollout": {"canary": {"steps": [10]}}}, "rollout.canary"),
        "another place": ({"data": {"residency": "us"}}, "data.residency"),
    },
    "v2": {
        "a server in a container": ({"runtime": "mlserver"}, "runtime"),
        "none": ({"scale": {"min": 0}}, "scale.min"),
        "a ceiling": ({"scale": {"max": 3}}, "scale.max"),
        "by requests": ({"scale": {"on": {"concurrency": 4}}}, "scale.on"),
        "by the clock": ({"scale": {"schedule": DAY}}, "scale.schedule"),
        "an objective": ({"slo": {"p95": "1s"}}, "slo"),
        "kept requests": ({"data": {"capture": {"sample": "1%", "expires": "7d"}}}, "data.capture"),
        "a share and copies": ({"traffic": {**BOTH, "mirror": 5}}, "rollout"),
        "steps": ({"rollout": {"blue_green": {"bake": "1m"}}}, "rollout.blue_green"),
    },
}
CASES = [(seldon, case) for seldon, cases in NOT_HERE.items() for case in cases]


@pytest.mark.parametrize(("seldon", "case"), CASES)
def test_what_seldon_cannot_do_is_refused_by_name(seldon, case):
    fields, field = NOT_HERE[seldon][case]
    assert list(refused(seldon, **fields)) == [field]


@pytest.mark.parametrize(("seldon", "what"), [("v1", "a SeldonDeployment"), ("v2", "a Model")])
def test_without_seldon_in_the_cluster_it_is_refused(seldon, what):
    told = refused(seldon, foundation={"addons": ["gateway-api"]})["on"]
    assert told.startswith(f"{what} needs seldon-core-{seldon[1]} in the cluster; foundation.addons has gateway-api")


@pytest.mark.parametrize(("seldon", "field"), [("v1", "runtime"), ("v2", "on")])
@pytest.mark.parametrize(("kind", "address"), [("mlflow", "http://mlflow.ml"), ("oci", "ghcr.io/acme/models")])
def test_a_store_that_seldon_cannot_fetch_from_is_refused_by_its_name(seldon, field, kind, address):
    told = refused(seldon, foundation={"models": {kind: address}})[field]
    assert told.startswith(f"foundation.models is of {kind}, and Seldon's own servers fetch from an object store only")


FOUNDATIONS = {
    "everything": {},
    "no gateway": {"gateway": None},
    "no Prometheus": {"prometheus": None},
    "no images": {"images": {}},
    "no add-ons": {"addons": []},
    "OCI": {"models": {"oci": "ghcr.io/acme/models"}},
    "MLflow": {"models": {"mlflow": "http://mlflow.ml"}},
    "Azure": {"models": {"prefix": "abfss://models/prod"}},
}
TRAFFICS = {
    "stable": {"stable": STABLE},
    "both": BOTH,
    "copied": COPIED,
    "all of it": {**BOTH, "weight": 50, "mirror": 50},
}
SERVICES = {
    "least": {},
    "keys": {"access": KEYS},
    "scaled": {"scale": {"min": 2, "max": 4, "on": {"cpu": "50%"}}},
    "promised": {"slo": {"p95": "1s", "availability": "99.9%"}},
    "GPUs": {"size": {"cpu": 4, "memory_gib": 16, "gpu": {"type": "l4", "count": 2}}},
    "a strange name": {"model": {"uri": "models:/My.Ranker_2/1.4.0"}},
}
RUNTIMES = ("serving", "torchserve", "seldon-v1-triton", "seldon-v2-triton", "flask")


@pytest.mark.parametrize("seldon", SELDON)
@pytest.mark.parametrize("foundation", FOUNDATIONS)
def test_whatever_is_asked_of_whatever_cluster_is_answered_and_what_is_accepted_can_be_made(seldon, foundation):
    accepted = 0
    for runtime, traffic, service in itertools.product(RUNTIMES, TRAFFICS.values(), SERVICES.values()):
        made = translated(seldon, traffic, FOUNDATIONS[foundation], **{"runtime": runtime, **service})
        if isinstance(made, Translation):
            assert SELDON[seldon][2](made.endpoint, "ranker")
            accepted += 1
        else:
            assert all(refusal.field and refusal.why and refusal.fix for refusal in made.refusals)
    assert bool(accepted) == (foundation not in NOWHERE[seldon])


NOWHERE = {"v1": ("no images", "no add-ons"), "v2": ("no add-ons", "OCI", "MLflow", "Azure")}
