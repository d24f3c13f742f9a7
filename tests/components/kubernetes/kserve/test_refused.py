"""Wrong configurations of an InferenceService, each with its exact message."""

import pytest
from components.kubernetes.kserve.samples import (
    BOTH,
    BY_RUNTIME,
    EVERYTHING,
    FOUNDATION,
    KEDA,
    KNATIVE,
    L4,
    LABELS,
    LEAST,
    RUNTIME,
    SINK,
    SIZE,
    STEP,
    args,
    faults,
)

ADDONS = "argo-rollouts, kserve"
WITH = {**FOUNDATION, "addons": ["kserve", "argo-rollouts"]}
SCALING, SERVER = "mode.standard.scaling", {"resources": SIZE}
SECRET = {"secret": "keys", "key": "credentials", "variable": "AWS_SHARED_CREDENTIALS_FILE"}
ONE = "give one: a model server of this library, or one of KServe's"
INSTALL = f"in the cluster; foundation.addons has {ADDONS}; install it and name it there"
BOUNDS = "min_replicas is 3, above max_replicas 2; raise max_replicas or lower min_replicas"


def knative(**words):
    return {**LEAST, "mode": {**KNATIVE, **words}}


def standard(**scaling):
    return {**LEAST, "mode": {"kind": "standard", "scaling": scaling}}


def runtime(models=None, **words):
    foundation = FOUNDATION if models is None else {**FOUNDATION, "models": models}
    return {**BY_RUNTIME, "foundation": foundation, "runtime": {**RUNTIME, **words}}


def logged(**words):
    return {**LEAST, "labels": LABELS, "logger": {**SINK, **words}}


WRONG = {
    "no predictor": ({**LEAST, "server": None}, f"neither of server and runtime is given; {ONE}"),
    "two predictors": ({**LEAST, "runtime": RUNTIME}, f"both of server and runtime is given; {ONE}"),
    "no KServe": (
        {**LEAST, "foundation": {**FOUNDATION, "addons": []}},
        "an InferenceService needs kserve in the cluster; foundation.addons has none; install it and name it there",
    ),
    "no Knative": (
        {**knative(), "foundation": WITH},
        f"mode knative needs knative {INSTALL}",
    ),
    "no KEDA": (
        {**standard(by="keda", max_replicas=2, triggers=[{"of": "cpu", "target_percent": 70}]), "foundation": WITH},
        f"mode.scaling by keda needs keda {INSTALL}",
    ),
    "no Prometheus": (
        {**LEAST, "mode": {"kind": "standard", "scaling": KEDA}},
        "mode.scaling has a prometheus trigger, and foundation.prometheus is not given; name it there",
    ),
    "canary on plain Deployments": (
        {**LEAST, "mode": {"kind": "standard", "canary_percent": 10}},
        "mode.standard.canary_percent: no such field; allowed: ",
    ),
    "concurrency on plain Deployments": (
        {**LEAST, "mode": {"kind": "standard", "container_concurrency": 10}},
        "mode.standard.container_concurrency: no such field; allowed: ",
    ),
    "a strategy on Knative": (
        knative(rolling={"surge": 2}),
        "mode.knative.rolling: no such field; allowed: ",
    ),
    "an unknown mode": (
        {**LEAST, "mode": {"kind": "raw"}},
        "mode: input tag 'raw' found using 'kind' does not match any of the expected tags: 'knative', 'standard'",
    ),
    "HPA, bounds": (standard(by="hpa", min_replicas=3, max_replicas=2), f"{SCALING}.hpa: {BOUNDS}"),
    "HPA, 0": (
        standard(by="hpa", min_replicas=0, max_replicas=2),
        f"{SCALING}.hpa.min_replicas: got 0, input should be greater than or equal to 1",
    ),
    "HPA, percent": (
        standard(by="hpa", max_replicas=2, target_percent=101),
        f"{SCALING}.hpa.target_percent: got 101, input should be less than or equal to 100",
    ),
    "KEDA, bounds": (standard(**{**KEDA, "min_replicas": 3, "max_replicas": 2}), f"{SCALING}.keda: {BOUNDS}"),
    "KEDA, 0 by usage": (
        standard(by="keda", min_replicas=0, max_replicas=2, triggers=[{"of": "cpu", "target_percent": 70}]),
        f"{SCALING}.keda: min_replicas is 0, and a pod that is not there uses nothing; add a prometheus trigger",
    ),
    "external, bounds": (standard(by="external", min_replicas=3, max_replicas=2), f"{SCALING}.external: {BOUNDS}"),
    "Knative, bounds": (knative(min_replicas=3, max_replicas=2), f"mode.knative: {BOUNDS}"),
    "Knative, memory": (
        knative(metric="memory", target=100),
        "mode.knative.metric: input should be 'concurrency', 'rps' or 'cpu'",
    ),
    "Knative, 0 by cores": (
        knative(metric="cpu", min_replicas=0),
        "mode.knative: min_replicas is 0 and metric cpu, on which Knative scales to 1 at least; write 1",
    ),
    "Knative, above all cores": (
        knative(metric="cpu", target=101),
        "mode.knative: target is 101 percent of the requested cores, above 100; lower target",
    ),
    "Knative, never reached": (
        knative(target=9, container_concurrency=8),
        "mode.knative: target is 9, above container_concurrency 8, so it is never reached; lower target",
    ),
    "Knative, concurrency": (
        knative(container_concurrency=1001),
        "mode.knative.container_concurrency: got 1001, input should be less than or equal to 1000",
    ),
    "Knative, timeout": (
        knative(timeout_seconds=601),
        "mode.knative.timeout_seconds: got 601, input should be less than or equal to 600",
    ),
    "Knative, retention": (
        knative(retention_seconds=60),
        "mode.knative: retention_seconds is 60 and min_replicas is 1, so the last pod always stays; "
        "leave it out, or write 0 there",
    ),
    "Knative, no flags": (
        {**knative(features=[]), "server": {**SERVER, "devices": {"accelerator": L4}}},
        "the pods need kubernetes.podspec-init-containers, kubernetes.podspec-nodeselector, "
        "kubernetes.podspec-tolerations; enable it in Knative's config-features and name it in mode.features",
    ),
    "Knative, drain": (
        {**knative(timeout_seconds=60), "server": {**SERVER, "drain_seconds": 60}},
        "server.drain_seconds is 60, and a pod of Knative has 60 s to end, less 5; "
        "lower it, or raise mode.timeout_seconds",
    ),
    "Knative, all to a candidate": (
        {**knative(), "traffic": {**BOTH, "weight": 100}},
        "traffic.weight: the candidate has 100 percent, at which Knative takes the stable version's pods away, so that "
        "a step back would find none; make the candidate the stable version in the rollouts file, or give it less",
    ),
    "Knative, variables": (
        {**knative(), "server": {**SERVER, "environment": {"PORT": "1"}}},
        "server.environment has PORT, which KServe and Knative use themselves; rename it",
    ),
    "variables": (
        {**LEAST, "server": {**SERVER, "environment": {"STORAGE_URI": "s3://x", "PROTOCOL": "v3"}}},
        "server.environment has STORAGE_URI, PROTOCOL, which KServe and Knative use themselves; rename it",
    ),
    "Knative, metrics": (
        {**knative(), "server": {**SERVER, "runtime": "triton"}, "slo": {"p95": "1s"}},
        "slo is given, and Knative's pods show only the port for requests, where no metrics are; leave it out",
    ),
    "a mesh and Knative": (
        {**knative(), "foundation": {**FOUNDATION, "mesh": "ambient"}},
        "mode knative is given, and the mesh lets in the gateway and the callers only; "
        "leave it out, or foundation.mesh",
    ),
    "runtime, alarms": (
        {**BY_RUNTIME, "slo": {"p95": "1s"}},
        "slo is given, and what KServe's runtimes measure is not known here; leave it out, or take server",
    ),
    "runtime, MLflow": (
        runtime({"mlflow": "http://mlflow"}),
        "foundation.models is an mlflow server, from which KServe cannot fetch; "
        "take s3, gs or oci, or server, not runtime",
    ),
    "runtime, Azure": (
        runtime({"prefix": "abfss://models/prod"}),
        "foundation.models is a abfss address, from which KServe cannot fetch; "
        "take s3, gs or oci, or server, not runtime",
    ),
    "runtime, credentials": (
        runtime({"prefix": "s3://models/prod", "credentials": SECRET}),
        "foundation.models.credentials is given, and KServe takes its credentials from the service account only; "
        "give the account a role, or take server, not runtime",
    ),
    "runtime, cached image": (
        runtime({"oci": "ghcr.io/acme/models"}, cache={"node_group": "gpu", "size_gib": 1}),
        "runtime.cache is given, and foundation.models is oci, which nodes keep anyway; leave it out",
    ),
    "batcher": (
        {**LEAST, "batcher": {"max_batch_size": 8, "max_latency_ms": 10}},
        "batcher puts `instances` together, and the server speaks rest-predict; leave it out",
    ),
    "batcher, timeout": (
        {**LEAST, "batcher": {"max_batch_size": 8, "max_latency_ms": 10, "timeout": 60}},
        "batcher.timeout: no such field; allowed: max_batch_size, max_latency_ms",
    ),
    "step, bounds": (
        {**LEAST, "transformer": {**STEP, "min_replicas": 3, "max_replicas": 2}},
        f"transformer: {BOUNDS}",
    ),
    "step, KServe's own argument": (
        {**LEAST, "explainer": {**STEP, "arguments": ["--http_port=80"]}},
        "explainer.arguments: has --http_port=80, which are given by KServe and by this library; leave them out",
    ),
    "logger, unlabelled": (
        {**LEAST, "logger": SINK},
        "logger is given, and labels.data_classification is not; say how sensitive the requests are",
    ),
    "logger, confidential": (
        {**logged(), "labels": {**LABELS, "data_classification": "confidential"}},
        "logger is given, and the data is confidential; only public and internal requests may be copied",
    ),
    "logger, restricted": (
        {**logged(), "labels": {**LABELS, "data_classification": "restricted"}},
        "logger is given, and the data is restricted; only public and internal requests may be copied",
    ),
    "logger, both bodies": (
        logged(mode="all"),
        "logger: mode is all, which keeps requests and answers; give the reason, or take one of them",
    ),
    "logger, in clear text": (
        logged(url="http://sink.example.com"),
        "logger.url: is neither https nor in the cluster; write https://… or http://<service>.<namespace>.svc",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_it_is_refused_with_what_got_allowed_and_fix(case):
    given, message = WRONG[case]
    [fault] = faults(lambda: args(given))
    assert fault == message or (message.endswith("allowed: ") and fault.startswith(message))


def test_all_that_is_wrong_is_said_at_once():
    [fault] = faults(lambda: args({**LEAST, "logger": SINK, "batcher": {"max_batch_size": 8, "max_latency_ms": 9}}))
    assert fault.count("; ") == 3
    assert "batcher puts" in fault
    assert "logger is given" in fault


def test_what_is_right_is_not_refused():
    assert faults(lambda: args({**LEAST, "foundation": EVERYTHING})) == []
