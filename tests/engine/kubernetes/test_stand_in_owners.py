"""Who wins where two write one field or one object: the program, once its provider may. One test after the other."""

import pytest
from kubernetes_workspace import KubernetesWorkspace, WorkspaceFactory

from cluster.api import Api

pytestmark = pytest.mark.engine

DEPLOYMENTS = """
def deployment(name, image, **words):
    k8s.apps.v1.Deployment(name, metadata={"name": name}, spec={
        "replicas": 1, "selector": {"match_labels": {"app": name}}, "template": {
        "metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": image}]}}},
        opts=opts(**words))

deployment("held", "i")
deployment("left", "i", ignore_changes=["spec.replicas"])
"""
MORE = (
    DEPLOYMENTS.replace('"left", "i"', '"left", "j"')
    + """
k8s.core.v1.ConfigMap("theirs", metadata={"name": "theirs"}, data={"a": "ours"}, opts=opts())
"""
)


@pytest.fixture(scope="module")
def place(kubernetes_workspace: WorkspaceFactory, api: Api) -> KubernetesWorkspace:
    """Somebody else has made `theirs`, and has set the number of pods of both Deployments."""
    made = kubernetes_workspace(DEPLOYMENTS)
    made.up()
    for name in ("held", "left"):
        about = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": made.namespace}}
        api.patch({**about, "spec": {"replicas": 3}})
    about = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "namespace": made.namespace}}
    api.create({**about, "data": {"a": "theirs"}})
    made.refresh()
    return made


def pods_and_image(place: KubernetesWorkspace, api: Api, name: str) -> tuple[int, str]:
    spec = api.get("apps/v1", "Deployment", name, place.namespace)["spec"]
    return spec["replicas"], spec["template"]["spec"]["containers"][0]["image"]


def test_what_another_wrote_is_a_conflict_and_what_another_made_is_in_the_way(
    place: KubernetesWorkspace, api: Api
) -> None:
    place.write_program(MORE)
    said = place.fails("--continue-on-error")
    assert "Server-Side Apply field conflict detected" in said
    assert ".spec.replicas" in said
    assert 'configmaps "theirs" already exists' in said
    assert pods_and_image(place, api, "left") == (3, "j"), "an ignored field is left to whoever sets it"


def test_provider_that_may_overrules_and_takes_over(place: KubernetesWorkspace, api: Api) -> None:
    place.configure(upsert_existing_objects=True, enable_patch_force=True)
    place.write_program(MORE)
    place.up()
    assert pods_and_image(place, api, "held") == (1, "i")
    assert pods_and_image(place, api, "left") == (3, "j")
    assert api.get("v1", "ConfigMap", "theirs", place.namespace)["data"] == {"a": "ours"}
