"""The environment `kubernetes` on the real engine against a real API server: up, a canary's step, drift, destroy.

The API server, the controllers of Kubernetes itself and the scheduler are real; nodes and the controllers of add-ons
are played (`clouds.kubernetes.controllers`). The tests follow one another on one stack.
"""

import base64
import json
from collections.abc import Iterator

import pytest
from clouds.kubernetes.contents import contents
from clouds.kubernetes.controllers import Controllers, played
from environments import ADDONS, ROUTE, Installed, Workspace, keys_in_cluster, known, ready, standing, weights
from kubernetes_workspace import WorkspaceFactory, summary

from cluster.api import Api

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def place(kubernetes_workspace: WorkspaceFactory, api: Api, addons: Installed) -> Iterator[Workspace]:
    addons(*ADDONS)
    made = kubernetes_workspace()
    with played(api, made.namespace) as controllers:
        made.up()
        check_ready(made, api, controllers)
        yield made


def check_ready(place: Workspace, api: Api, controllers: Controllers) -> None:
    """Every Deployment is ready by the real controllers, every InferenceService because it was played."""
    found = ready(place, api)
    assert found.keys() == {"1.0.0", "1.1.0"} and min(found.values()) >= 1
    pods = api.list("v1", "Pod", place.namespace, labelSelector="app.kubernetes.io/instance=iris")
    assert {one["status"]["phase"] for one in pods} == {"Running"}
    services = api.list("serving.kserve.io/v1beta1", "InferenceService", place.namespace)
    assert {f"InferenceService {one['metadata']['name']}" for one in services} == controllers.told != set()


def test_every_object_is_known_once_and_nothing_else_was_made(place: Workspace, api: Api) -> None:
    assert standing(place, api) == known(place)
    print(f"{len(known(place))} objects in the namespace, {len(place.urns())} resources in the state")


def test_second_up_changes_nothing_nor_does_a_refresh(place: Workspace) -> None:
    place.up("--refresh", "--expect-no-changes")


def test_outputs_name_address_versions_and_keys(place: Workspace, api: Api) -> None:
    outputs = place.outputs()
    iris, ranker = outputs["endpoints"]["iris"], outputs["endpoints"]["ranker"]
    assert (iris["versions"], ranker["versions"]) == ({"1.0.0": 90, "1.1.0": 10}, {"1.0.0": 100})
    assert iris["url"].startswith("https://models.example.com")
    assert set(outputs["api_keys"]["iris"]) == {"web", "batch"}
    for service, keys in outputs["api_keys"].items():
        assert keys_in_cluster(place, api, service) == keys


def test_no_key_is_in_the_state_in_plain_text(place: Workspace) -> None:
    keys = [key for keys in place.outputs()["api_keys"].values() for key in keys.values()]
    texts = [*keys, *(base64.b64encode(key.encode()).decode() for key in keys)]
    state = json.dumps(place.state())
    files = [file.read_text() for file in (place.folder / "state").rglob("*.json")]
    assert len(keys) == 3 and "iris-api-keys" in state and files
    assert [text for text in texts if any(text in one for one in (state, *files))] == []


def test_step_of_a_canary_changes_only_the_route(place: Workspace, api: Api) -> None:
    before = generations(place, api)
    assert all(split == {"1.0.0": 90, "1.1.0": 10} for split in weights(place, api, "iris"))
    place.roll("iris", weight=50)
    place.up()
    after = generations(place, api)
    changed = {name for name in before if before[name] != after[name]}
    print(f"changed: {sorted(changed)}")
    assert before.keys() == after.keys()
    assert changed and {name.partition("/")[0] for name in changed} == {"HTTPRoute"}
    assert all(split == {"1.0.0": 50, "1.1.0": 50} for split in weights(place, api, "iris"))
    assert place.outputs()["endpoints"]["iris"]["versions"] == {"1.0.0": 50, "1.1.0": 50}


def generations(place: Workspace, api: Api) -> dict[str, tuple[str, int]]:
    """Each object that a stack's step could change: who it is, and how often somebody changed it."""
    kinds = (("apps/v1", "Deployment"), ("serving.kserve.io/v1beta1", "InferenceService"), ROUTE)
    more = (("v1", "Service"), ("v1", "Secret"), ("v1", "ServiceAccount"), ("networking.k8s.io/v1", "NetworkPolicy"))
    found = [one for which in (*kinds, *more) for one in api.list(*which, place.namespace)]
    # Kinds without a specification count no generations, and whoever changes one of them changes its version.
    return {
        f"{one['kind']}/{one['metadata']['name']}": (
            one["metadata"]["uid"],
            one["metadata"].get("generation") or int(one["metadata"]["resourceVersion"]),
        )
        for one in found
    }


def test_drift_by_another_hand_is_shown_by_refresh_and_mended_by_up(place: Workspace, api: Api) -> None:
    (route,) = (one for one in api.list(*ROUTE, place.namespace) if one["metadata"]["name"].startswith("iris"))
    where = {"name": route["metadata"]["name"], "namespace": place.namespace}
    about = {"apiVersion": ROUTE[0], "kind": ROUTE[1], "metadata": where}
    hijacked = [{"backendRefs": [{"name": "theirs", "port": 80}]}]
    api.delete("v1", "Service", "iris", place.namespace)
    api.patch({**about, "spec": {"rules": hijacked}}, kind="application/merge-patch+json")
    found = summary(place.refresh())
    assert (found["deleted"], found["updated"]) == (1, 1)
    assert {"kubernetes:core/v1:Service iris", f"kubernetes:{ROUTE[0]}:{ROUTE[1]} iris"} <= set(place.planned())
    place.up()
    assert api.found("v1", "Service", "iris", place.namespace) is not None
    assert all(split == {"1.0.0": 50, "1.1.0": 50} for split in weights(place, api, "iris"))
    assert standing(place, api) == known(place)


def test_destroy_leaves_an_empty_namespace_and_then_none(place: Workspace, api: Api) -> None:
    place.unprotect()
    place.protect(place.namespace_urn())
    place.pulumi("destroy", "--stack", place.stack, "--yes", "--skip-preview", "--exclude-protected")
    assert api.found("v1", "Namespace", place.namespace) is not None
    assert contents(api, place.namespace) == []
    place.destroy()
    assert api.found("v1", "Namespace", place.namespace) is None
    assert place.urns() == []
