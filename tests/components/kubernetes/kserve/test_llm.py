"""Services of large language models: what cannot be, and what KServe gets."""

import pulumi
import pytest
from components.kubernetes.kserve.samples import FOUNDATION, IMAGE, L4, LABELS, SIZE, faults

from cluster.admission import strictly_admitted
from modelberth.kubernetes.kserve.llm import LLMInferenceService, LLMInferenceServiceArgs, llm_objects
from modelberth.kubernetes.kserve.llm_parts import pinned_uri
from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import Limits
from modelberth_policies.rules.kubernetes import RULES
from modelberth_policies.sources.program import run_in_process

COMMIT = "0123456789abcdef0123456789abcdef01234567"
URI = f"hf://acme/writer:{COMMIT}"
WORKLOAD = {"image": IMAGE.replace("serving", "vllm"), "resources": SIZE, "devices": {"accelerator": L4, "count": 8}}
LEAST = {"foundation": FOUNDATION, "model": {"uri": URI}, "workload": WORKLOAD}
WORKERS = {**WORKLOAD, "workers": True, "parallelism": {"data": 4, "data_local": 2, "tensor": 4, "expert": True}}
MOST = {
    **LEAST,
    "model": {
        "uri": URI,
        "name": "writer",
        "criticality": "Critical",
        "adapters": [{"name": "legal", "uri": "s3://adapters/legal/v3"}],
    },
    "workload": {**WORKERS, "replicas": 2, "environment": {"VLLM_LOGGING_LEVEL": "INFO"}, "user": 2000},
    "prefill": {**WORKLOAD, "replicas": 3, "parallelism": {"tensor": 8}},
    "router": {"managed": {"reason": "a network of its own"}, "scheduler": True},
    "egress": [{"cidr": "0.0.0.0/0"}],
    "callers": {"namespaces": ["shop"]},
    "labels": LABELS,
}
ACCEPTED = {
    "least": LEAST,
    "most": MOST,
    "routes of one's own": {**LEAST, "router": {"own": {"routes": ["writer"]}, "scheduler": True}},
    "a pipeline": {**LEAST, "workload": {**WORKLOAD, "workers": True, "parallelism": {"pipeline": 2, "tensor": 8}}},
    "an OCI model": {**LEAST, "model": {"uri": f"oci://ghcr.io/acme/writer@sha256:{'1' * 64}"}},
    "a volume": {**LEAST, "model": {"uri": "pvc://models/writer/v3"}},
}


def spread(**parallelism):
    return {**LEAST, "workload": {**WORKLOAD, "parallelism": parallelism}}


NO_VERSION = "model.uri: names no version; write hf://<org>/<model>:<commit>"
WRONG = {
    "unpinned": ({**LEAST, "model": {"uri": "hf://acme/writer"}}, NO_VERSION),
    "a branch": ({**LEAST, "model": {"uri": "hf://acme/writer:main"}}, NO_VERSION),
    "a tag": (
        {**LEAST, "model": {"uri": "oci://ghcr.io/acme/writer:v3"}},
        "model.uri: names no version; write oci://<image>@sha256:<digest>",
    ),
    "no version": (
        {**LEAST, "model": {"uri": "s3://models/writer"}},
        "model.uri: names no version; write s3://…/<version>/…",
    ),
    "no scheme": (
        {**LEAST, "model": {"uri": "models:/writer/1.0.0"}},
        "model.uri: is no address of a model; write one with hf://, oci://, pvc://, s3://",
    ),
    "adapters of one name": (
        {**LEAST, "model": {"uri": URI, "name": "a", "adapters": [{"name": "a", "uri": URI}]}},
        "model: adapters are named a; each needs another name, the model's too",
    ),
    "both ways": (
        spread(pipeline=2, data=2, data_local=1),
        "workload.parallelism: pipeline and data are both given, and KServe does one of them; leave one out",
    ),
    "half of data": (
        spread(data=2),
        "workload.parallelism: data is given and data_local is not; KServe wants both",
    ),
    "half of data, the other": (
        spread(data_local=2),
        "workload.parallelism: data_local is given and data is not; KServe wants both",
    ),
    "no multiple": (
        spread(data=3, data_local=2),
        "workload.parallelism: data is 3, which pods of 2 do not make; write a multiple",
    ),
    "a pipeline alone": (
        spread(pipeline=2),
        "workload: parallelism.pipeline is 2, and there is one pod; set workers to true",
    ),
    "workers of nothing": (
        {**LEAST, "workload": {**WORKLOAD, "workers": True}},
        "workload: workers is true, and parallelism has neither pipeline nor data; give one, or leave workers out",
    ),
    "too few devices": (
        spread(tensor=16),
        "workload: parallelism wants 16 devices in a pod, which has 8; raise devices.count to 16",
    ),
    "no LeaderWorkerSet": (
        {**MOST, "foundation": {**FOUNDATION, "addons": ["kserve", "gateway-api"]}},
        "workers needs leader-worker-set in the cluster; foundation.addons has gateway-api, kserve; "
        "install it and name it there",
    ),
    "two routers": (
        {**LEAST, "router": {"own": {"routes": ["writer"]}, "managed": {"reason": "a network of its own"}}},
        "router: got neither or both of own and managed; give one: whose routes are they?",
    ),
}


def args(given):
    return LLMInferenceServiceArgs.parse(given)


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused(case):
    given, message = WRONG[case]
    assert faults(lambda: args(given)) == [message]


def test_a_name_that_is_too_long_is_refused():
    [fault] = faults(lambda: llm_objects(args(LEAST), "w" * 44))
    assert fault.endswith("with 64 characters; at most 63 are allowed; shorten it by 1")


@pytest.mark.parametrize("uri", [URI, "s3://m/w/2026-11-20/v3", "s3://m/w/1.4", f"s3://m/sha256-{'a' * 64}"])
def test_a_version_is_seen(uri):
    assert pinned_uri(uri) == uri


@pytest.mark.server
@pytest.mark.parametrize("option", ACCEPTED)
def test_its_objects_are_admitted(option, api, namespace, addons):
    addons("kserve")
    made = llm_objects(args(ACCEPTED[option]), "writer")
    assert [str(each) for each in strictly_admitted(api, made.values(), namespace)] == []


def test_kserve_gets_it_in_its_own_words():
    spec = llm_objects(args(MOST), "writer")["writer"]["spec"]
    assert spec["model"]["lora"]["adapters"] == [{"name": "legal", "uri": "s3://adapters/legal/v3"}]
    assert spec["parallelism"] == {"tensor": 4, "data": 4, "dataLocal": 2, "expert": True}
    assert spec["worker"] == spec["template"]
    assert (spec["replicas"], spec["prefill"]["replicas"]) == (2, 3)
    assert spec["router"] == {"route": {}, "gateway": {}, "scheduler": {}}


@pytest.mark.parametrize("part", ["template", "worker", "prefill"])
def test_each_pod_is_hardened_and_has_its_devices(part):
    spec = llm_objects(args(MOST), "writer")["writer"]["spec"]
    pod = spec["prefill"]["template"] if part == "prefill" else spec[part]
    [container] = pod["containers"]
    assert container["name"] == "main"
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "8"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["nodeSelector"] == L4["node_selector"]


def test_without_a_router_it_is_reached_in_the_cluster_only():
    def program():
        made = LLMInferenceService("writer", LEAST)
        pulumi.export("url", made.url)

    plan = run_in_process(program)
    assert plan.outputs["url"] == "http://writer-kserve-workload-svc.models.svc:8000"
    [service] = [each for each in plan if each.type.endswith(":LLMInferenceService") and each.custom]
    assert "router" not in service.inputs["spec"]


def test_it_passes_our_own_rules():
    found = evaluate(run_in_process(lambda: LLMInferenceService("writer", MOST)), RULES, Limits())
    assert {each.rule for each in found} == set()
