"""What cannot change in place is replaced. The tests follow one another on one stack."""

import pytest
from kubernetes_workspace import KubernetesWorkspace, WorkspaceFactory, summary

from cluster.api import Api, Manifest

pytestmark = pytest.mark.engine

OBJECTS = """
k8s.core.v1.ConfigMap("map", metadata={"name": "map"}, data={"a": "before"}, opts=opts())
k8s.core.v1.Secret("secret", metadata={"name": "secret"}, string_data={"a": "before"}, opts=opts())
k8s.rbac.v1.RoleBinding("binding", metadata={"name": "binding"}, subjects=[],
    role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "Role", "name": "before"}, opts=opts())
k8s.apps.v1.Deployment("server", metadata={"name": "server"}, spec={
    "replicas": 1, "selector": {"match_labels": {"app": "before"}}, "template": {
    "metadata": {"labels": {"app": "before"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}, opts=opts())
k8s.core.v1.PersistentVolumeClaim("claim", metadata={"name": "claim", "annotations": {"pulumi.com/skipAwait": "true"}},
    spec={"access_modes": ["ReadWriteOnce"], "storage_class_name": "before",
        "resources": {"requests": {"storage": "1Gi"}}}, opts=opts())
k8s.core.v1.ConfigMap("made-up", data={"a": "before"}, opts=opts())
"""
NAMED = {
    "map": ("v1", "ConfigMap"),
    "secret": ("v1", "Secret"),
    "binding": ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    "server": ("apps/v1", "Deployment"),
    "claim": ("v1", "PersistentVolumeClaim"),
}


@pytest.fixture(scope="module")
def place(kubernetes_workspace: WorkspaceFactory) -> KubernetesWorkspace:
    made = kubernetes_workspace(OBJECTS)
    made.up()
    return made


def live(place: KubernetesWorkspace, api: Api) -> dict[str, Manifest]:
    return {name: api.get(*which, name, place.namespace) for name, which in NAMED.items()}


def uids(found: dict[str, Manifest]) -> set[str]:
    return {one["metadata"]["uid"] for one in found.values()}


def test_immutable_field_replaces_an_object(place: KubernetesWorkspace, api: Api) -> None:
    old, made_up = live(place, api), place.resources()["made-up"]["id"]
    place.write_program(OBJECTS.replace("before", "after"))
    assert "6 to replace" in place.preview()
    said = place.up()
    assert summary(said)["replaced"] == 6
    assert not uids(old) & uids(live(place, api))
    # A chosen name must be free before the next can have it; with a made up one both are there for a moment.
    assert place.resources()["made-up"]["id"] != made_up
    lines = [line for line in said.splitlines() if " made-up " in line]
    order = [word for line in lines for word in ("created replacement", "deleted original") if word in line]
    assert order == ["created replacement", "deleted original"], said


def test_texts_change_and_a_claim_grows_in_place(place: KubernetesWorkspace, api: Api) -> None:
    old = live(place, api)
    place.configure(enable_config_map_mutable=True, enable_secret_mutable=True)
    program = OBJECTS.replace("before", "after").replace('{"a": "after"}', '{"a": "changed"}')
    # The API server lets only a bound claim grow; that the provider asks it to change this one is the point.
    place.write_program(program.replace("1Gi", "2Gi"))
    assert "spec is immutable after creation except resources.requests" in place.fails(command="preview")
    place.write_program(program)
    assert summary(place.up())["updated"] == 4, "three texts, and the provider by its settings"
    assert uids(live(place, api)) == uids(old)
    assert live(place, api)["map"]["data"] == {"a": "changed"}
    assert place.unchanged()
