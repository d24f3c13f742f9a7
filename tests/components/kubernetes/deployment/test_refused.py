"""Deployments that cannot be meant: each with its exact message."""

import pytest
from components.kubernetes.deployment.samples import (
    CANDIDATE,
    EVERYTHING,
    FOUNDATION,
    LEAST,
    NODES,
    PROMETHEUS,
    SIZE,
    STABLE,
    args,
    faults,
    objects,
)  # fmt: skip

FIELDS = "foundation, traffic, server, replicas, scaling, replace, rolling, nodes, callers, slo, labels"
SERVER = LEAST["server"]
PINNED = "write <registry>/<repository>@sha256:<64 hexadecimal digits>"
SCALED = {"max_replicas": 3, "keda": {"triggers": [PROMETHEUS]}}
LACKS = "needs {} in the cluster; foundation.addons has none; install it and name it there"


def server(**fields):
    return {"server": {**SERVER, **fields}}


REFUSED = {
    "a number and a scaler": (
        {"replicas": 2, "scaling": {"max_replicas": 3, "cpu": 0.5}},
        "replicas and scaling are both given, and would undo one another; leave replicas out",
    ),
    "a candidate in place": (
        {"replace": "in_place", "traffic": {"stable": STABLE, "candidate": CANDIDATE}},
        "replace is in_place, so that there is one version at a time, and traffic names a candidate; write beside",
    ),
    "KEDA without KEDA": ({"scaling": SCALED}, "scaling.keda " + LACKS.format("keda")),
    "a query without Prometheus": (
        {"scaling": SCALED, "foundation": {**FOUNDATION, "addons": ["keda"]}},
        "a prometheus trigger asks foundation.prometheus, which is left out; name it",
    ),
    "several nodes without LeaderWorkerSet": ({"nodes": NODES}, "nodes " + LACKS.format("leader-worker-set")),
    "one node": (
        {"nodes": {**NODES, "count": 1}},
        "nodes.count: got 1, input should be greater than or equal to 2",
    ),
    "workers that do nothing": (
        {"nodes": {**NODES, "worker": []}},
        "nodes.worker: tuple should have at least 1 item after validation, not 0",
    ),
    "no pod": ({"replicas": 0}, "replicas: got 0, input should be greater than or equal to 1"),
    "an image with a tag": (
        server(image="ghcr.io/acme/serving:latest"),
        f"server.image: has no digest, so that it could change under the model; {PINNED}",
    ),
    "no memory": (
        server(resources={"cpu": 1, "memory_gib": 0}), "server.resources.memory_gib: got 0; must be above 0",
    ),
    "no cores": (server(resources={"cpu": -1, "memory_gib": 1}), "server.resources.cpu: got -1; must be above 0"),
    "root": (server(user=0), "server.user: got 0, input should be greater than or equal to 1000"),
    "no time to load": (server(load_seconds=0), "server.load_seconds: got 0, input should be greater than 0"),
    "no time to drain": (
        server(drain_seconds="1s"), "server.drain_seconds: input should be greater than or equal to 5",
    ),
    "a server without a port": (
        server(runtime="flask"),
        "server.runtime: flask says of no port that requests come to it; write a YAML file with its ports, as "
        "components/modelberth/runtimes has them, and name its path",
    ),
    "a server of Ray's": (
        server(runtime="ray-llm"),
        "server.runtime: ray-llm does not say how it is started in a plain container; take another, or a YAML file of "
        "your own",
    ),
    "a server of Seldon's": (
        server(runtime="seldon-v2-triton"),
        "server.runtime: seldon-v2-triton is brought along by seldon-core-2; take one that runs in any container",
    ),
    "a priority class that is no name": (
        server(priority_class="High!"),
        r"server.priority_class: string should match pattern '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
        r"(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$'",
    ),
    "no device": (
        server(devices={"accelerator": EVERYTHING["accelerators"]["l4"], "count": 0}),
        "server.devices.count: got 0, input should be greater than or equal to 1",
    ),
    "a device anywhere": (
        server(devices={"accelerator": {"node_selector": {}}}),
        "server.devices.accelerator.node_selector: dictionary should have at least 1 item after validation, not 0",
    ),
    "nothing is replaced": (
        {"rolling": {"surge": 0}},
        "rolling: surge and unavailable are both 0, so nothing could ever be replaced; raise one of them",
    ),
    "a misspelt field": (
        {"replica": 2}, f"replica: no such field; allowed: {FIELDS}; did you mean 'replicas'?",
    ),
    "two stores of models": (
        {"foundation": {**FOUNDATION, "models": {"oci": "ghcr.io/acme", "prefix": "s3://models"}}},
        "foundation.models: got oci and prefix; one of oci, prefix, mlflow is needed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case):
    fields, message = REFUSED[case]
    assert faults(lambda: args(**fields)) == [message]


def test_a_server_without_an_image_is_refused():
    told = "runtime: mlserver has no image among serving, vllm, triton, tensorflow-serving; name one: "
    made = faults(lambda: objects(server={"runtime": "mlserver", "resources": SIZE}))
    assert made == [f"{told}foundation.images.mlserver; {PINNED}"]


def test_a_name_that_no_host_could_have_is_refused():
    long = {**STABLE, "version": f"1.4.0-{'x' * 50}"}
    [told] = faults(lambda: objects(traffic={"stable": long}, name="ranker-of-everything"))
    assert told.startswith("version: the name ranker-of-everything--1-4-0-xxxx")
    assert told.endswith("has 83 characters, allowed are 63; shorten the service's name or the version")


def test_a_name_for_several_nodes_is_shorter():
    fields = {"foundation": EVERYTHING, "nodes": NODES}
    assert faults(lambda: objects(name="r" * 38, **fields)) == []
    [told] = faults(lambda: objects(name="r" * 39, **fields))
    assert told.endswith("has 46 characters, allowed are 45; shorten the service's name or the version")
