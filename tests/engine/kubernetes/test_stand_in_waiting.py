"""What `up` waits for, and when it gives up."""

import threading
import time

import pytest
from kubernetes_workspace import KubernetesWorkspace, WorkspaceFactory, summary

from cluster.api import Api

pytestmark = pytest.mark.engine

PROGRAM = """
broken = pulumi.Config().get_bool("broken")
def template(name, fail, **spec):
    notes = {"test.modelberth.dev/fail": fail} if broken else {}
    return {"metadata": {"labels": {"app": name}, "annotations": notes},
        "spec": {"containers": [{"name": "server", "image": "registry.example/server:1"}], **spec}}
for name, fail in (("pulled", "ImagePullBackOff"), ("configured", "CreateContainerConfigError")):
    k8s.apps.v1.Deployment(name, metadata={"name": name}, spec={
        "selector": {"match_labels": {"app": name}}, "template": template(name, fail)}, opts=opts())
k8s.batch.v1.Job("score", spec={"backoff_limit": 0,
    "template": template("score", "Error", restart_policy="Never")}, opts=opts())
k8s.core.v1.Service("door", metadata={"annotations":
    {"pulumi.com/timeoutSeconds": "1"} if broken else {"pulumi.com/skipAwait": "true"}},
    spec={"selector": {"app": "nobody"}, "ports": [{"port": 80}]}, opts=opts())
"""


@pytest.fixture(scope="module")
def place(kubernetes_workspace: WorkspaceFactory) -> KubernetesWorkspace:
    return kubernetes_workspace(PROGRAM)


def test_what_cannot_come_up_fails_at_once_and_says_why(place: KubernetesWorkspace, api: Api) -> None:
    began = time.monotonic()
    said = place.fails("--continue-on-error", "--config", "broken=true")
    print(f"{time.monotonic() - began:.1f} s")
    for reason in ("ImagePullBackOff", "CreateContainerConfigError"):
        assert f"container server: [{reason}]" in said
    assert "[BackoffLimitExceeded]" in said
    assert "timed out: the Service does not target any Pods" in said
    for name in ("pulled", "configured"):
        assert place.resources()[name]["id"] == f"{place.namespace}/{name}", "the engine knows what is there"
        # Nobody has waited for the deadline of the roll-out, which would have been 600 s.
        conditions = api.get("apps/v1", "Deployment", name, place.namespace)["status"]["conditions"]
        assert [one["status"] for one in conditions if one["type"] == "Progressing"] == ["True"]


def test_next_up_mends_it(place: KubernetesWorkspace, api: Api) -> None:
    said = summary(place.up("--config", "broken=false"))
    assert (said["updated"], said["replaced"]) == (3, 1), "the template of a Job never changes"
    for name in ("pulled", "configured"):
        assert api.get("apps/v1", "Deployment", name, place.namespace)["status"]["readyReplicas"] == 1
    (job,) = api.list("batch/v1", "Job", place.namespace)
    assert job["status"]["succeeded"] == 1


CUSTOM = """
k8s.apiextensions.CustomResource("berth", api_version="{group}/v1", kind="Berth", metadata={{"name": "berth",
    "annotations": {{"pulumi.com/waitFor": "condition=Ready"}}}}, spec={{"length": 12}}, opts=opts())
"""


def test_custom_resource_is_awaited_until_its_controller_says_ready(
    kubernetes_workspace: WorkspaceFactory, api: Api
) -> None:
    place = kubernetes_workspace("")
    group = f"{place.namespace}.example.com"
    place.write_program(CUSTOM.format(group=group))
    which, returned, early = (f"{group}/v1", "Berth"), threading.Event(), []

    def controller() -> None:
        about = {"name": "berth", "namespace": place.namespace}
        for status in ("False", "True"):
            api.wait_for(*which, "berth", place.namespace, seconds=180)
            time.sleep(1)
            early.append(returned.is_set())
            conditions = [{"type": "Ready", "status": status}]
            patch = {"apiVersion": which[0], "kind": which[1], "metadata": about, "status": {"conditions": conditions}}
            api.patch(patch, "status", "application/merge-patch+json")

    api.create(definition(group))
    thread = threading.Thread(target=controller)
    try:
        api.wait_for("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"berths.{group}", until=_established)
        thread.start()
        place.up()
        returned.set()
        thread.join()
        assert early == [False, False], "it was not awaited"
        assert place.resources()["berth"]["outputs"]["status"] == {"conditions": [{"type": "Ready", "status": "True"}]}
    finally:
        api.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"berths.{group}")


def _established(found: dict | None) -> bool:
    conditions = ((found or {}).get("status") or {}).get("conditions") or []
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


def definition(group: str) -> dict:
    """Of a kind with a status."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"berths.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": "Berth", "plural": "berths", "singular": "berth", "listKind": "BerthList"},
            "versions": [{**version, "subresources": {"status": {}}}],
        },
    }
