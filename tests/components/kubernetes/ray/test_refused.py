"""Ray clusters that cannot be meant: each with its exact message."""

import pytest
from components.kubernetes.ray.samples import (
    ALL,
    API_SERVER,
    APPLICATION,
    CLUSTER,
    INCREMENTAL,
    LEAST,
    MOST,
    MOVING,
    RAY,
    SIZE,
    args,
    faults,
    run,
)  # fmt: skip

REACHED = {**RAY, "cluster": {**RAY["cluster"], **API_SERVER}, "addons": ["gateway-api", "ray"]}
STEPS = {
    "foundation": REACHED, "upgrade": INCREMENTAL, "callers": {"namespaces": ["istio-ingress"]},
    "cluster": {**MOVING, "ray_version": "2.51.0"},
}  # fmt: skip
PLAIN = "holds what YAML cannot say; write texts, numbers, lists and mappings only"
FIXED = "Kueue keeps room for a fixed number; write min_replicas 4, or leave queue out"


def application(**fields):
    return {"application": {**APPLICATION, **fields}}


def workers(**fields):
    return {"cluster": {**CLUSTER, "workers": {"resources": SIZE, **fields}}}


REFUSED = {
    "no KubeRay": (
        {"foundation": {**RAY, "addons": []}},
        "a RayService needs ray in the cluster; foundation.addons has none; install it and name it there",
    ),
    "a floor above the ceiling": (
        workers(min_replicas=3, max_replicas=2),
        "cluster.workers: min_replicas is 3, above max_replicas 2; raise max_replicas",
    ),
    "an autoscaler that cannot ask": (
        {"cluster": MOVING},
        "cluster.workers: Ray's autoscaler asks the API server, and no policy lets it; give "
        "foundation.cluster.api_server, or max_replicas like min_replicas",
    ),
    "no host": (workers(hosts=0), "cluster.workers.hosts: got 0, input should be greater than or equal to 1"),
    "a file in place of an application": (
        application(import_path="serving.py"),
        "application.import_path: string should match pattern '^[A-Za-z_][\\w.]*:[A-Za-z_]\\w*$'",
    ),
    "a prefix with a slash at its end": (
        application(route_prefix="/v1/"),
        "application.route_prefix: string should match pattern '^/([^\\s{}]*[^\\s{}/])?$'",
    ),
    "arguments that are no data": (application(args={"on": object()}), f"application.args: {PLAIN}"),
    "a deployment without a name": (
        application(deployments=[{"num_replicas": 2}]),
        "application: deployments.0 has no name; write which deployment of the application it is about",
    ),
    "a deployment twice": (
        application(deployments=[{"name": "A"}, {"name": "A"}]),
        "application: deployments name A twice; write each once",
    ),
    "a number and a range": (
        application(deployments=[{"name": "A", "num_replicas": 2, "autoscaling_config": {"max_replicas": 3}}]),
        "application: deployment A has num_replicas and autoscaling_config; Ray Serve takes one of them",
    ),
    "a version that no pod can carry": (
        {"model": {**LEAST["model"], "version": f"1.4.0-{'x' * 60}"}},
        f"model.version: '1.4.0-{'x' * 60}' cannot be a label, allowed are 63 letters, digits, '.', '_' and '-', a "
        "letter or digit at both ends; give it another version",
    ),
    "step by step with an old Ray": (
        {**STEPS, "cluster": {**MOVING, "ray_version": "2.50.1"}},
        "upgrade: Ray is 2.50.1, and an incremental one needs 2.51.0; take NewCluster",
    ),
    "step by step with any Ray": (
        {**STEPS, "cluster": MOVING},
        "upgrade: Ray is not stated in cluster.ray_version, and an incremental one needs 2.51.0; take NewCluster",
    ),
    "step by step without the autoscaler": (
        {**STEPS, "cluster": {**CLUSTER, "ray_version": "2.51.0"}},
        "upgrade: min_replicas and max_replicas are both 1, and an incremental one needs Ray's autoscaler; raise "
        "max_replicas, or take NewCluster",
    ),
    "step by step without the Gateway API": (
        {**STEPS, "foundation": {**REACHED, "addons": ["ray"]}},
        "an incremental upgrade needs gateway-api in the cluster; foundation.addons has ray; install it and name it "
        "there",
    ),
    "step by step behind a wall": (
        {**STEPS, "callers": {}},
        "upgrade: the Gateway of an incremental one cannot reach it; name its pods in callers",
    ),
    "steps without time": (
        {**STEPS, "upgrade": {**INCREMENTAL, "interval": 0}},
        "upgrade.NewClusterWithIncrementalUpgrade.interval: got 0, input should be greater than or equal to 1",
    ),
}  # fmt: skip
JOBS = {
    "no KubeRay": (
        {"foundation": {**RAY, "addons": []}},
        "a RayJob needs ray in the cluster; foundation.addons has none; install it and name it there",
    ),
    "no Kueue": (
        {"queue": "batch"}, "queue needs kueue in the cluster; foundation.addons has ray; install it and name it there",
    ),
    "a queue for who knows how many": (
        {"foundation": ALL, "queue": "batch", "cluster": MOVING}, f"cluster.workers go from 1 to 4, and {FIXED}",
    ),
    "an autoscaler that cannot ask": (
        {"cluster": MOVING},
        "cluster.workers: Ray's autoscaler asks the API server, and no policy lets it; give "
        "foundation.cluster.api_server, or max_replicas like min_replicas",
    ),
    "no program": ({"command": []}, "command: tuple should have at least 1 item after validation, not 0"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_service_is_refused_with_its_reason(case):
    given, told = REFUSED[case]
    assert faults(lambda: args(**given)) == [told]


@pytest.mark.parametrize("case", JOBS)
def test_a_job_is_refused_with_its_reason(case):
    given, told = JOBS[case]
    assert faults(lambda: run(**given)) == [told]


def test_what_is_possible_is_not_refused():
    assert faults(lambda: args(MOST)) == []
    assert faults(lambda: args(**STEPS)) == []
