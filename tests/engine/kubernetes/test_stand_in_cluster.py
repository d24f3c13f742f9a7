"""A program goes up into a real cluster, stays as it is, comes back after drift, and goes without a trace."""

import pytest
from clouds.kubernetes.contents import contents
from kubernetes_workspace import KubernetesWorkspace, WorkspaceFactory, summary

from cluster.api import Api

pytestmark = pytest.mark.engine

PROGRAM = """
settings = pulumi.Config()
labels = {"app": "ranker"}
words = k8s.core.v1.ConfigMap("words", data={"greeting": settings.get("greeting") or "hello"}, opts=opts())
key = k8s.core.v1.Secret("key", string_data={"key": pulumi.Output.secret("s3cret-of-the-test")}, opts=opts())
model = k8s.apps.v1.Deployment("ranker", metadata={"name": "ranker"}, spec={
    "replicas": settings.get_int("replicas") or 2,
    "selector": {"match_labels": labels},
    "template": {"metadata": {"labels": labels}, "spec": {"containers": [{
        "name": "server", "image": "registry.example/server:1",
        "resources": {"requests": {"cpu": "1000m", "memory": "1024Mi"}},
        "env": [{"name": "WORDS", "value": words.metadata.name}],
    }]}},
}, opts=opts())
door = k8s.core.v1.Service("ranker", metadata={"name": "ranker"},
    spec={"selector": labels, "ports": [{"port": 80, "target_port": 8080}]}, opts=opts(depends_on=[model]))
pulumi.export("words", words.metadata.name)
pulumi.export("address", door.spec.cluster_ip)
pulumi.export("ready", model.status.ready_replicas)
"""


@pytest.fixture(scope="module")
def place(kubernetes_workspace: WorkspaceFactory) -> KubernetesWorkspace:
    made = kubernetes_workspace(PROGRAM, enable_patch_force=True)
    assert summary(made.up())["created"] == 6
    return made


def test_deployment_is_ready_when_up_returns(place: KubernetesWorkspace, api: Api) -> None:
    live = api.get("apps/v1", "Deployment", "ranker", place.namespace)
    assert live["status"]["readyReplicas"] == place.outputs()["ready"] == 2
    assert place.outputs()["address"].count(".") == 3


def test_second_up_and_refresh_change_nothing(place: KubernetesWorkspace) -> None:
    assert summary(place.up()) == {"unchanged": 6}
    # Quantities come back in another spelling, a Secret's texts as data.
    place.refresh("--expect-no-changes")


def test_name_is_made_up_once_and_marked(place: KubernetesWorkspace, api: Api) -> None:
    name = place.outputs()["words"]
    assert name.startswith("words-") and len(name) == len("words-") + 8
    live = api.get("v1", "ConfigMap", name, place.namespace)
    assert live["metadata"]["annotations"]["pulumi.com/autonamed"] == "true"
    assert place.resources()["words"]["id"] == f"{place.namespace}/{name}"


def test_secret_is_nowhere_in_plain_text(place: KubernetesWorkspace, api: Api) -> None:
    (name,) = (one["metadata"]["name"] for one in api.list("v1", "Secret", place.namespace))
    assert name.startswith("key-")
    files = [file for file in (place.folder / "state").rglob("*") if file.is_file()]
    assert any(b"words-" in file.read_bytes() for file in files), "the state is read"
    texts = (b"s3cret-of-the-test", b"czNjcmV0LW9mLXRoZS10ZXN0")
    assert [file for file in files if any(text in file.read_bytes() for text in texts)] == []


def test_drift_is_shown_by_refresh_and_mended_by_up(place: KubernetesWorkspace, api: Api) -> None:
    containers = [{"name": "server", "image": "registry.example/other"}]
    spec = {"replicas": 5, "template": {"spec": {"containers": containers}}}
    about = {"name": "ranker", "namespace": place.namespace}
    api.patch({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": about, "spec": spec})
    api.delete("v1", "Service", "ranker", place.namespace)
    assert place.unchanged(), "without a refresh nobody looks"
    found = summary(place.refresh())
    assert (found["updated"], found["deleted"]) == (1, 1)
    mended = summary(place.up())
    assert (mended["updated"], mended["created"]) == (1, 1)
    live = api.get("apps/v1", "Deployment", "ranker", place.namespace)
    assert live["spec"]["replicas"] == 2
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example/server:1"
    assert api.found("v1", "Service", "ranker", place.namespace) is not None


def test_field_that_a_program_drops_goes(place: KubernetesWorkspace, api: Api) -> None:
    place.write_program(PROGRAM.replace('"env": [{"name": "WORDS", "value": words.metadata.name}],', ""))
    assert summary(place.up())["updated"] == 1
    live = api.get("apps/v1", "Deployment", "ranker", place.namespace)
    assert "env" not in live["spec"]["template"]["spec"]["containers"][0]


def test_destroy_leaves_an_empty_namespace(place: KubernetesWorkspace, api: Api) -> None:
    assert contents(api, place.namespace) != []
    place.destroy()
    assert contents(api, place.namespace) == []
    assert place.resources() == {}
