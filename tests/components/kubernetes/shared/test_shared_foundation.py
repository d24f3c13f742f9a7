"""A foundation that another stack made: what is stated here is what is there, or it is said at once."""

import json

import pulumi
import pytest

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.foundation import Foundation, KubernetesFoundation
from modelberth.kubernetes.shared import SharedArgs, checked, exported, shared_from
from modelberth_policies.resources import UNKNOWN
from modelberth_policies.sources.program import run_in_process

CLUSTER = {"kubeconfig": "kubeconfig", "context": "models"}
IMAGE = "ghcr.io/acme/serving@sha256:" + "1" * 64
STATED = {
    "models": {"prefix": "s3://models/prod"},
    "images": {"serving": IMAGE},
    "addons": ["gateway-api", "keda"],
    "gateway": {"name": "ml", "namespace": "models", "hostname": "models.example.com"},
    "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
    "accelerators": {"l4": {"node_selector": {"nvidia.com/gpu.product": "NVIDIA-L4"}}},
    "pull_secrets": ["registry"],
    "residency": ["eu"],
    "identity": {"role_arn": "arn:aws:iam::123456789012:role/models"},
    "mesh": "ambient",
}
WHOLE = exported(Foundation.parse({**STATED, "namespace": "models", "cluster": CLUSTER}))
LEAST = {"models": STATED["models"], "mesh": "ambient"}
AS_THERE = "state it as that stack does, or add it there"


class Answered:
    """A stack reference whose stack has answered."""

    pulumi_resource_name = "platform/cluster/prod"

    def __init__(self, outputs):
        self.outputs = outputs

    def get_output(self, name):
        return pulumi.Output.from_input(self.outputs.get(name))


def read_back(outputs, **args):
    """What a program that reads these outputs exports of the foundation."""

    def program():
        pulumi.export("read", exported(shared_from(Answered(outputs), {"cluster": CLUSTER, **args})))

    return run_in_process(program).outputs["read"]


def test_a_foundation_is_exported_as_plain_values_without_the_way_into_the_cluster():
    assert json.loads(json.dumps(WHOLE)) == WHOLE
    assert "cluster" not in WHOLE


def test_what_is_exported_is_read():
    assert read_back({"shared": WHOLE}, **STATED) == WHOLE


def test_what_is_not_stated_is_not_used():
    assert {*read_back({"shared": WHOLE}, **LEAST)} == {*WHOLE} - {"gateway", "prometheus", "identity"}


def test_the_output_may_have_another_name():
    assert read_back({"ml": WHOLE}, output="ml", **LEAST)["namespace"] == "models"


def test_what_a_later_version_exports_besides_does_no_harm():
    assert read_back({"shared": {**WHOLE, "colour": "green"}}, **LEAST)["namespace"] == "models"


def test_in_a_preview_all_but_the_namespace_is_known():
    def program():
        shared = shared_from(pulumi.StackReference("platform/cluster/prod"), {"cluster": CLUSTER, **STATED})
        assert shared.mesh == "ambient"
        pulumi.export("namespace", shared.namespace)

    assert run_in_process(program).outputs["namespace"] is UNKNOWN


def test_one_stack_makes_it_and_exports_what_others_read():
    def program():
        namespace = {"name": "models", "mesh": "ambient"}
        args = {"models": LEAST["models"], "cluster": CLUSTER, "namespace": namespace, "addons": ["istio"]}
        pulumi.export("shared", exported(KubernetesFoundation("ml", args).shared))

    shared = run_in_process(program).outputs["shared"]
    assert read_back({"shared": shared}, **LEAST)["namespace"] == "models"


FAULTS = [
    (None, {}, ['there is none; write pulumi.export("shared", exported(…)) there']),
    ("models", {}, ['it is no foundation; write pulumi.export("shared", exported(…)) there']),
    ({}, {}, ["namespace: field required", "models: field required"]),
    (WHOLE, {"mesh": None}, ["mesh: it is another there; state what that stack has: ambient"]),
    (WHOLE, {"models": {"prefix": "s3://models/dev"}},
     ["models: it is another there; state what that stack has: {'prefix': 's3://models/prod', 'egress': [], "
      "'fetched_gib': 4.0}"]),
    ({**WHOLE, "gateway": None}, {"gateway": STATED["gateway"]},
     ["gateway: there is none there; leave it out, or add it there"]),
    (WHOLE, {"addons": ["kserve"]},
     ["addons: got kserve, that stack has gateway-api, keda; take it out, or add it there"]),
    ({**WHOLE, "residency": []}, {"residency": ["eu"]},
     ["residency: got eu, that stack has none; take it out, or add it there"]),
    (WHOLE, {"accelerators": {"h100": {"node_selector": {"gpu": "h100"}}}},
     [f"accelerators.h100: there is none there; {AS_THERE}"]),
    (WHOLE, {"images": {"serving": IMAGE.replace("1", "2")}}, [f"images.serving: it is another there; {AS_THERE}"]),
    (WHOLE, {"addons": ["kserve"], "pull_secrets": ["other"]},
     ["addons: got kserve, that stack has gateway-api, keda; take it out, or add it there",
      "pull_secrets: got other, that stack has registry; take it out, or add it there"]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "change", "said"), FAULTS)
def test_all_that_differs_is_said_at_once(value, change, said):
    args = {name: given for name, given in {**LEAST, **change}.items() if given is not None}
    with pytest.raises(ConfigError) as error:
        checked(value, SharedArgs.parse({"cluster": CLUSTER, **args}), "platform/cluster/prod")
    head, *lines = str(error.value).splitlines()
    assert head.startswith("output 'shared' of stack platform/cluster/prod: ")
    assert [line.strip() for line in lines] == said
