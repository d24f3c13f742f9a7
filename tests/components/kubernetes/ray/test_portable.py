"""A `Service` of a large language model as a RayService, or the fields that Ray cannot honour."""

from types import SimpleNamespace

import pytest
from components.kubernetes.deployment.samples import ACCELERATORS, CANDIDATE, LABELS
from components.kubernetes.ray.samples import ALL, IMAGE, STABLE
from hypothesis import given
from hypothesis import strategies as st

from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.ray.portable import translate

PER_NODE = 8
SHARED = {
    **ALL,
    "images": {**ALL["images"], "ray-llm": IMAGE},
    "accelerators": {"l4": {**ACCELERATORS["l4"], "per_node": PER_NODE}},
}
SIZE = {"cpu": 16, "memory_gib": 128, "gpu": {"type": "l4", "count": 2}}
LEAST = {"on": "kubernetes:ray", "model": {"uri": "models:/ranker/1.4.0"}, "runtime": "ray-llm", "size": SIZE}


def translated(traffic=None, cluster=None, without=(), **fields):
    given = {name: value for name, value in SHARED.items() if name not in without}
    shared = Foundation.parse(given if cluster is None else {**given, "cluster": cluster})
    told = Traffic.parse(traffic or {"stable": STABLE})
    return translate(Service.parse({**LEAST, **fields}), told, Labels.parse(LABELS), SimpleNamespace(shared=shared))


def refused(**given):
    made = translated(**given)
    assert isinstance(made, Unsupported)
    return {refusal.field: f"{refusal.why}; {refusal.fix}" for refusal in made.refusals}


def sized(**size):
    return {"size": {**SIZE, **size}}


def gpus(count):
    return sized(gpu={"type": "l4", "count": count})


def engine(made):
    [config] = made.endpoint.application.args["llm_configs"]
    return config["engine_kwargs"]


def test_a_model_that_fits_one_node_stays_on_it():
    made = translated()
    assert isinstance(made, Translation)
    assert engine(made) == {"tensor_parallel_size": 2, "pipeline_parallel_size": 1}
    assert made.endpoint.cluster.workers.hosts == 1
    [config] = made.endpoint.application.args["llm_configs"]
    assert config["model_loading_config"] == {"model_id": "ranker", "model_source": "/mnt/models"}


@given(count=st.integers(min_value=1, max_value=128), cpu=st.integers(min_value=64, max_value=640))
def test_nodes_have_equal_parts_that_are_together_what_was_asked_for_or_it_is_refused(count, cpu):
    made = translated(size={"cpu": cpu, "memory_gib": 1024, "gpu": {"type": "l4", "count": count}})
    hosts = -(-count // PER_NODE)
    if count % hosts:
        assert [refusal.field for refusal in made.refusals] == ["size.gpu.count"]
        return
    workers = made.endpoint.cluster.workers
    assert workers.hosts == hosts
    assert workers.devices.count <= PER_NODE
    assert workers.devices.count * workers.hosts == count
    assert round(workers.resources.cpu * hosts, 6) == cpu
    assert round(workers.resources.memory_gib * hosts, 6) == 1024
    assert engine(made) == {"tensor_parallel_size": count // hosts, "pipeline_parallel_size": hosts}


def test_ray_serve_scales_on_requests_in_flight_and_its_autoscaler_brings_the_nodes():
    made = translated(scale={"min": 1, "max": 4, "on": {"concurrency": 8}})
    [config] = made.endpoint.application.args["llm_configs"]
    told = {"min_replicas": 1, "max_replicas": 4, "target_ongoing_requests": 8}
    assert config["deployment_config"]["autoscaling_config"] == told
    workers = made.endpoint.cluster.workers
    assert (workers.min_replicas, workers.max_replicas) == (1, 4)


MOVING = {"scale": {"min": 1, "max": 4, "on": {"concurrency": 8}}}
REFUSED = {
    "no KubeRay": (
        {"without": ["addons"]},
        {"on": "a RayService needs ray in the cluster; foundation.addons has none; install it and name it there; or "
         "take kubernetes:deployment"},
    ),
    "another server": (
        {"runtime": "vllm"},
        {"runtime": "vllm is no application of Ray Serve; write ray-llm, or take kubernetes:deployment"},
    ),
    "no GPU": (
        {"size": {"cpu": 16, "memory_gib": 128}},
        {"size.gpu": "its models run on GPUs only; give size.gpu, or take kubernetes:deployment"},
    ),
    "too few cores": (
        sized(cpu=1.5),
        {"size.cpu": "the router and a replica keep a whole core each, and 1.5 are not 2; write 2 or more"},
    ),
    "unequal parts": (gpus(9), {"size.gpu.count": "they are no equal parts for 2 nodes; write a multiple of it"}),
    "no replica": (
        {"scale": {"min": 0}},
        {"scale.min": "the last replica of a model is hours of loading away from the next request; write 1"},
    ),
    "a range without a signal": (
        {"scale": {"max": 3}},
        {"scale.max": "nothing moves the number between min and max; give scale.on, or write max like min"},
    ),
    "by the processor": (
        {"scale": {"max": 3, "on": {"cpu": "70%"}}},
        {"scale.on": "Ray Serve scales on requests in flight only; write concurrency"},
    ),
    "an autoscaler that cannot ask": (
        {**MOVING, "cluster": {"kubeconfig": "kubeconfig", "context": "models"}},
        {"scale.max": "Ray's autoscaler cannot ask the API server; give foundation.cluster.api_server"},
    ),
    "a candidate": (
        {"traffic": {"stable": STABLE, "candidate": CANDIDATE, "weight": 10}},
        {"rollout": "KubeRay moves the requests itself, and the rollouts file names a candidate; name the stable "
         "version only"},
    ),
    "a canary": (
        {"rollout": {"canary": {"steps": [10]}}},
        {"rollout.canary": "nothing carries out steps here; change the weight in the rollouts file"},
    ),
    "an objective": (
        {"slo": {"p95": "1s"}}, {"slo": "Ray's series tell nothing of one model's requests; leave it out"},
    ),
    "kept logs": (
        {"data": {"retention": "30d"}}, {"data.retention": "the cluster's collector keeps logs; set it there"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_by_name(case):
    given, told = REFUSED[case]
    assert refused(**given) == told
