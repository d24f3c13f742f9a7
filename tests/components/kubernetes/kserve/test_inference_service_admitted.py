"""Every object of an InferenceService, with every option, is accepted by a real API server, strictly."""

import pytest
from components.kubernetes.kserve.samples import (
    BOTH,
    BY_RUNTIME,
    CANDIDATE,
    EVERYTHING,
    FOUNDATION,
    IN_CONTAINERS,
    KEDA,
    KNATIVE,
    L4,
    LABELS,
    LEAST,
    MOST,
    RUNTIME,
    SINK,
    SIZE,
    SPOT,
    STABLE,
    STEP,
    objects,
    pods_of,
)

from cluster.admission import strictly_admitted
from cluster.api import Refused

pytestmark = pytest.mark.server

OCI = {**FOUNDATION, "models": {"oci": "ghcr.io/acme/models"}}
SECRET = {"secret": "keys", "key": "credentials", "variable": "AWS_SHARED_CREDENTIALS_FILE"}
KEYED = {**FOUNDATION, "models": {"prefix": "s3://models/prod", "credentials": SECRET}}
LOGGED = {"logger": SINK, "labels": LABELS}
CACHED = {"runtime": {**RUNTIME, "cache": {"node_group": "gpu", "size_gib": 4}}}


def standard(**scaling):
    return {"mode": {"kind": "standard", "scaling": scaling}}


def knative(**words):
    return {"mode": {**KNATIVE, **words}}


ACCEPTED = {
    "least": LEAST,
    "most": MOST,
    "most, on Knative": {**MOST, **knative(), "slo": None, "server": {**MOST["server"], "runtime": "triton"}},
    **{f"runtime {name}": {**LEAST, "server": {"runtime": name, "resources": SIZE}} for name in IN_CONTAINERS},
    **{
        f"runtime {name} on Knative": {**LEAST, **knative(), "server": {"runtime": name, "resources": SIZE}}
        for name in IN_CONTAINERS
    },
    "replicas": {**LEAST, **standard(by="none", replicas=3)},
    "by cores": {**LEAST, **standard(by="hpa", max_replicas=3)},
    "by memory": {**LEAST, **standard(by="hpa", min_replicas=2, max_replicas=3, metric="memory", target_percent=60)},
    "by KEDA": {**LEAST, "foundation": EVERYTHING, "mode": {"kind": "standard", "scaling": KEDA}},
    "by KEDA, down to 0": {
        **LEAST,
        "foundation": EVERYTHING,
        "mode": {"kind": "standard", "scaling": {**KEDA, "min_replicas": 0}},
    },
    "by somebody else": {**LEAST, **standard(by="external", max_replicas=3)},
    "a candidate": {**LEAST, "traffic": BOTH},
    "a candidate of a release to come": {
        **LEAST,
        "traffic": {**BOTH, "candidate": {**CANDIDATE, "version": "1.5.0-RC.1"}},
    },
    "Knative, down to 0": {**LEAST, **knative(min_replicas=0, retention_seconds=600)},
    "Knative, by concurrency": {**LEAST, **knative(target=4, container_concurrency=8, timeout_seconds=600)},
    "Knative, by rps": {**LEAST, **knative(metric="rps", target=100)},
    "Knative, by cores": {**LEAST, **knative(metric="cpu", target=70)},
    "Knative, a candidate at 0": {**LEAST, **knative(), "traffic": {**BOTH, "weight": 0}},
    "Knative, a candidate at 99": {**LEAST, **knative(), "traffic": {**BOTH, "weight": 99}},
    "Knative, on Kourier": {**LEAST, **knative(ingress_namespace="kourier-system")},
    "Knative, an OCI model, no flags but one": {
        **LEAST,
        "foundation": OCI,
        **knative(features=["podspec-volumes-image"]),
    },
    "Knative, credentials": {**LEAST, "foundation": KEYED, **knative()},
    "Knative, GPUs": {**LEAST, **knative(), "server": {"resources": SIZE, "devices": {"accelerator": SPOT}}},
    "an OCI model": {**LEAST, "foundation": OCI},
    "credentials": {**LEAST, "foundation": KEYED},
    "GPUs": {**LEAST, "server": {"resources": SIZE, "devices": {"accelerator": L4, "count": 2}}},
    "a priority": {**LEAST, "server": {"resources": SIZE, "priority_class": "models"}},
    "a transformer": {**LEAST, "transformer": STEP},
    "a transformer, on Knative": {**LEAST, **knative(), "transformer": STEP},
    "an explainer": {**LEAST, "explainer": {**STEP, "ready": "/"}},
    "KServe's runtime": BY_RUNTIME,
    "KServe's runtime, of a version": {**BY_RUNTIME, "runtime": {**RUNTIME, "format_version": "1.5", "user": 2000}},
    "KServe's runtime, OCI": {**BY_RUNTIME, "foundation": OCI},
    "KServe's runtime, GPUs": {**BY_RUNTIME, "runtime": {**RUNTIME, "devices": {"accelerator": SPOT}}},
    "KServe's runtime, on Knative": {**BY_RUNTIME, **knative()},
    "KServe's runtime, on Knative without flags": {**BY_RUNTIME, **knative(features=[])},
    "a cache": {**BY_RUNTIME, **CACHED, "traffic": BOTH},
    "a logger of requests": {**LEAST, **LOGGED},
    "a logger of both": {**LEAST, **LOGGED, "logger": {**SINK, "mode": "all", "reason": "an audit by the regulator"}},
    "a logger outside": {
        **LEAST,
        **LOGGED,
        "logger": {**SINK, "mode": "response", "url": "https://sink.example", "egress": [{"cidr": "192.0.2.0/24"}]},
    },
    "a batcher": {**BY_RUNTIME, "batcher": {"max_batch_size": 32, "max_latency_ms": 50}},
    "a batcher before TensorFlow": {
        **LEAST,
        "server": {"runtime": "tensorflow-serving", "resources": SIZE},
        "batcher": {"max_batch_size": 2, "max_latency_ms": 1},
    },
    "a mesh": {**LEAST, "foundation": {**FOUNDATION, "mesh": "ambient", "addons": ["kserve", "istio"]}},
}


@pytest.fixture(scope="session")
def installed(addons):
    return addons("kserve", "prometheus-operator", "istio")


@pytest.mark.parametrize("option", ACCEPTED)
def test_it_is_admitted(option, api, namespace, installed):
    made = objects(ACCEPTED[option])
    assert [str(each) for each in strictly_admitted(api, made.values(), namespace)] == []


OF_SERVERS = [name for name, given in ACCEPTED.items() if "server" in given and name != "a priority"]


@pytest.mark.parametrize("option", OF_SERVERS)
def test_its_pods_are_admitted_where_pods_are_restricted(option, api, namespace, installed):
    made = objects(ACCEPTED[option])
    account = made["ranker-account"]
    api.create({**account, "metadata": {**account["metadata"], "namespace": namespace}})
    pods = list(pods_of(made, namespace))
    assert pods
    assert [str(each) for each in strictly_admitted(api, pods, namespace)] == []


def test_what_kserve_does_not_know_is_refused(api, namespace, installed):
    wrong = objects(LEAST)["ranker--1-4-0"]
    wrong["metadata"]["namespace"] = namespace
    wrong["spec"]["predictor"]["scaleMetrik"] = "cpu"
    with pytest.raises(Refused, match=r'unknown field "spec.predictor.scaleMetrik"'):
        api.create(wrong, dry_run=True)


def test_the_options_are_counted(capsys):
    made = [each for given in ACCEPTED.values() for each in objects(given).values()]
    kinds = {each["kind"] for each in made}
    with capsys.disabled():
        print(f"\nKServe: {len(ACCEPTED)} options, {len(made)} objects, kinds {', '.join(sorted(kinds))}")
    assert {"InferenceService", "LocalModelCache", "NetworkPolicy", "PodDisruptionBudget", "Service"} <= kinds
    assert STABLE["digest"] in str(made)
