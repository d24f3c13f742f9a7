"""Every object of a Deployment, with every option, is accepted by a real API server, strictly, and so are its pods."""

import copy

import pytest
from cluster_fixtures import addons, api, cluster, namespace  # noqa: F401
from components.kubernetes.deployment.samples import (
    ACCELERATORS,
    CANDIDATE,
    EVERYTHING,
    LEAST,
    MOST,
    NODES,
    PROMETHEUS,
    SIZE,
    STABLE,
    objects,
)  # fmt: skip

from cluster.admission import strictly_admitted
from modelberth.runtimes import load, names

GPUS = {"runtime": "vllm", "resources": {"cpu": 8, "memory_gib": 64}}
WINDOW = {"start": "0 6 * * 1-5", "end": "0 20 * * 1-5", "timezone": "Europe/Berlin", "replicas": 4}
QUEUES = [
    {"sqs": {"url": "https://sqs.eu-central-1.amazonaws.com/1/q", "region": "eu-central-1", "per_pod": 5}},
    {"rabbitmq": {"queue": "jobs", "per_pod": 20}, "authentication": "rabbitmq"},
    {"kafka": {"servers": ["kafka.streams.svc:9092"], "group": "g", "topic": "t", "per_pod": 100}},
    {"other": {"type": "azure-servicebus", "metadata": {"queueName": "q", "messageCount": "5"}}},
    {"cron": WINDOW},
]
BEHAVIOR = {
    "up": {"stabilization": 0, "policies": [{"type": "Percent", "value": 100, "period_seconds": 1800}]},
    "down": {"select": "Disabled"},
}
CREDENTIALS = {"secret": "registry", "key": "token", "variable": "TOKEN_FILE"}
IDENTITIES = {
    "eks": {"role_arn": "arn:aws:iam::123456789012:role/models"},
    "gke": {"service_account": "models@project.iam.gserviceaccount.com"},
    "aks": {"client_id": "00000000-0000-0000-0000-000000000000"},
}


def found(**fields):
    return {"foundation": {**EVERYTHING, **fields}}


def served(**server):
    return {**found(), "server": {"resources": SIZE, **server}}


def scaled(**scaling):
    return {**found(), "scaling": {"max_replicas": 6, **scaling}}


OPTIONS = {
    "the least": LEAST,
    "the most": MOST,
    "several pods": {"replicas": 3, "rolling": {"surge": 0, "unavailable": 2}},
    "a candidate at 0": {"traffic": {"stable": STABLE, "candidate": CANDIDATE}},
    "in place": {"replace": "in_place"},
    "in place, scaled": {"replace": "in_place", **scaled(cpu="70%")},
    "a small server": served(resources={"cpu": 0.001, "memory_gib": 0.125}),
    "a large server": served(resources={"cpu": 896, "memory_gib": 32768}),
    "as another user": served(user=2**31 - 1),
    "fast and slow": served(load_seconds=0.1, drain_seconds=3600),
    "slow to load": served(load_seconds="1d"),
    "a priority": served(priority_class="system.models"),
    "a device": served(**GPUS, devices={"accelerator": ACCELERATORS["l4"]}),
    "a slice of a device": served(**GPUS, devices={"accelerator": ACCELERATORS["slice"]}),
    "several devices on spot nodes": served(**GPUS, devices={"accelerator": ACCELERATORS["spot"], "count": 8}),
    "by processor and memory": scaled(cpu=1, memory=0.01),
    "by the pods' own numbers": scaled(
        pods=[{"name": "queue", "average": 0.5}],
        external=[{"name": "backlog", "labels": {"queue": "jobs"}, "average": 10**12}, {"name": "x", "average": 1}],
        adapter="prometheus-adapter",
    ),
    "with a pace": scaled(cpu="70%", behavior=BEHAVIOR),
    "with KEDA's pace": scaled(cpu="70%", keda={}, behavior=BEHAVIOR),
    "by a query": scaled(keda={"triggers": [PROMETHEUS], "polling": 1, "fallback": {"failures": 0, "replicas": 0}}),
    "to zero": scaled(min_replicas=0, keda={"triggers": [PROMETHEUS], "cooldown": 0}),
    "idle": scaled(min_replicas=2, keda={"triggers": [PROMETHEUS], "idle_replicas": 0, "cooldown": "1d"}),
    "by queues and the clock": scaled(keda={"triggers": QUEUES}),
    "over several nodes": {**served(**GPUS), "nodes": NODES},
    "over nodes of their own": {
        **served(**GPUS, devices={"accelerator": ACCELERATORS["l4"], "count": 8}),
        "nodes": {**NODES, "leader": [], "together": "pool", "environment": {"ROLE": "worker"}},
        "scaling": {"max_replicas": 3, "cpu": "70%"},
    },
    "models of a registry": found(models={"mlflow": "https://mlflow.example", "credentials": CREDENTIALS}),
    "in a mesh": found(mesh="ambient", addons=["istio", "prometheus-operator"]),
    "promises": {**found(), "slo": {"p50": "50ms", "p95": "200ms", "p99": "1s", "availability": "99.9%"}},
    "callers": {"callers": {"namespaces": ["shop", "search"]}},
    **{f"at {cloud}": found(identity=identity) for cloud, identity in IDENTITIES.items()},
    **{
        f"the server {runtime}": {
            **found(images={**EVERYTHING["images"], runtime: EVERYTHING["images"]["serving"]}),
            "server": {"runtime": runtime, "resources": SIZE},
        }
        for runtime in names()
        if load(runtime).container is not None and load(runtime).platform is None
    },
}


@pytest.fixture
def ready(api, addons, namespace):  # noqa: F811
    addons("keda", "lws", "prometheus-operator", "istio", "gateway-api")
    return namespace


def pods(made):
    """A pod of each template, as its controller would make it."""
    for name, manifest in made.items():
        spec = manifest.get("spec", {})
        group = spec.get("leaderWorkerTemplate", {})
        templates = {
            "pod": spec.get("template"),
            **{role: group.get(f"{role}Template") for role in ("leader", "worker")},
        }
        for role, template in templates.items():
            if template is not None:
                pod = copy.deepcopy(template)
                # A class of the cluster's own; whether it is there says nothing of the pod.
                pod["spec"].pop("priorityClassName", None)
                metadata = {**pod["metadata"], "name": f"{name}-{role}"}
                yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod["spec"]}


@pytest.mark.parametrize("option", OPTIONS)
def test_it_is_admitted_with_its_pods(option, api, ready):  # noqa: F811
    made = objects(**{**LEAST, **OPTIONS[option]})
    refused = strictly_admitted(api, made.values(), ready)
    # A pod is asked for its service account, which must really be there.
    account = {"name": "ranker", "namespace": ready}
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    refused += strictly_admitted(api, pods(made), ready)
    assert [str(each) for each in refused] == []


def test_an_image_volume_is_known_to_the_schema_and_refused_only_where_its_feature_is_off(api, ready):  # noqa: F811
    made = objects(foundation={**EVERYTHING, "models": {"oci": "ghcr.io/acme/models"}})
    refused = strictly_admitted(api, made.values(), ready)
    print([str(each) for each in refused])
    # Before 1.35 the feature is off by default, and the API server drops the field: what is left has no source.
    told = "spec.template.spec.volumes[0]: Required value: must specify a volume type"
    assert all(each.kind == "Deployment" and told in each.message for each in refused)


def test_what_is_not_of_the_schema_is_refused(api, ready):  # noqa: F811
    deployment = objects()["ranker--1-4-0"]
    wrong = {**deployment, "spec": {**deployment["spec"], "replica": 2}}
    [refused] = strictly_admitted(api, [wrong], ready)
    assert 'unknown field "spec.replica"' in refused.message


def test_a_softer_pod_is_refused(api, ready):  # noqa: F811
    deployment = copy.deepcopy(objects()["ranker--1-4-0"])
    deployment["spec"]["template"]["spec"]["containers"][0]["securityContext"].pop("capabilities")
    refused = strictly_admitted(api, [deployment], ready)
    assert len(refused) == 1
