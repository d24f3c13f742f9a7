"""What a preview finds: words that do not exist, values of a wrong type; what a program makes itself is no fault."""

import pytest
from kubernetes_workspace import KubernetesWorkspace, WorkspaceFactory, summary

from cluster.api import Api

pytestmark = pytest.mark.engine

DEPLOYMENT = """
k8s.apiextensions.CustomResource("ranker", api_version="apps/v1", kind="Deployment", spec={{
    "selector": {{"matchLabels": {{"app": "ranker"}}}}, {spec},
    "template": {{"metadata": {{"labels": {{"app": "ranker"}}}}, "spec": {{"containers": [{{
        "name": "server", "image": "registry.example/server:1", {container}}}]}}}},
}}, opts=opts())
"""
PARTLY_UNKNOWN = """
first = k8s.core.v1.ConfigMap("first", data={"a": "b"}, opts=opts())
k8s.apiextensions.CustomResource("second", api_version="rbac.authorization.k8s.io/v1", kind="Role",
    metadata={"annotations": {"uid": first.metadata.uid}}, spec={"rules": []}, opts=opts())
"""
FAULTS = {
    "misspelt fields": (
        DEPLOYMENT.format(spec='"replcas": 2', container='"imagePullPolcy": "Always"'),
        ['unknown field "spec.replcas"', 'unknown field "spec.template.spec.containers[0].imagePullPolcy"'],
    ),
    "wrong type": (DEPLOYMENT.format(spec='"replicas": "two"', container=""), ["spec.replicas"]),
    "value out of range": (
        DEPLOYMENT.format(spec='"paused": False', container='"ports": [{"containerPort": 70000}]'),
        ["spec.template.spec.containers[0].ports[0].containerPort", "must be between 1 and 65535"],
    ),
    "what is known, although the rest is not": (PARTLY_UNKNOWN, ['unknown field "spec"']),
}


@pytest.fixture(scope="module")
def place(kubernetes_workspace: WorkspaceFactory) -> KubernetesWorkspace:
    return kubernetes_workspace("")


@pytest.mark.parametrize("case", FAULTS)
def test_preview_names_the_property(place: KubernetesWorkspace, case: str) -> None:
    program, named = FAULTS[case]
    place.write_program(program)
    said = place.fails(command="preview")
    assert [words for words in named if words not in said] == [], said


def test_namespace_and_kind_of_the_same_program_are_no_fault(kubernetes_workspace: WorkspaceFactory, api: Api) -> None:
    program = """
    space = k8s.core.v1.Namespace("space", metadata={"name": f"{NAMESPACE}-more"}, opts=opts())
    k8s.core.v1.ConfigMap("inside", metadata={"name": "inside", "namespace": f"{NAMESPACE}-more"}, opts=opts())
    group = f"{NAMESPACE}.example.com"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    k8s.apiextensions.v1.CustomResourceDefinition("kind", metadata={"name": f"berths.{group}"}, spec={
        "group": group, "scope": "Namespaced", "names": {"kind": "Berth", "plural": "berths"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"open_apiv3_schema": schema}}],
    }, opts=opts())
    k8s.apiextensions.CustomResource("berth", api_version=f"{group}/v1", kind="Berth", spec={"length": 12}, opts=opts())
    """
    place = kubernetes_workspace(program)
    assert "6 to create" in place.preview()
    # Nothing says what must come first: the provider tries again until it is there.
    assert summary(place.up())["created"] == 6
    assert summary(place.destroy())["deleted"] == 6
    assert api.found("v1", "Namespace", f"{place.namespace}-more") is None
