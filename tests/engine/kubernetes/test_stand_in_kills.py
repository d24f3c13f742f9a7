"""Provider dead in the middle of a run: what the next one finds, and with which setting it recovers.

The tests follow one another on one stack. The engine and the API server are killed in `test_kills.py`.
"""

import pytest
from kubernetes_workspace import KubernetesWorkspace, WorkspaceFactory, summary

from cluster.api import Api

pytestmark = pytest.mark.engine

MAPS = """
first = k8s.core.v1.ConfigMap("first", metadata={"name": "first"}, data={"a": "1"}, opts=opts())
second = k8s.core.v1.ConfigMap("second", metadata={"name": "second"}, data={"a": "2"}, opts=opts(depends_on=[first]))
third = k8s.core.v1.ConfigMap("third", metadata={"name": "third"}, data={"a": "3"}, opts=opts(depends_on=[second]))
"""


@pytest.fixture(scope="module")
def place(kubernetes_workspace: WorkspaceFactory) -> KubernetesWorkspace:
    return kubernetes_workspace(MAPS)


def maps(place: KubernetesWorkspace, api: Api) -> dict[str, str]:
    """The uid of each ConfigMap of the program by its name."""
    found = api.list("v1", "ConfigMap", place.namespace)
    return {one["metadata"]["name"]: one["metadata"]["uid"] for one in found if "a" in one["data"]}


def test_provider_that_dies_before_a_creation_has_made_nothing(place: KubernetesWorkspace, api: Api) -> None:
    place.faults.write({"on": "create", "name": "second", "do": "die", "times": 1})
    assert "exited prematurely" in place.fails()
    assert set(maps(place, api)) == {"first"} <= set(place.resources())


def test_object_made_by_a_provider_that_died_is_in_the_way_unless_it_may_be_taken_over(
    place: KubernetesWorkspace, api: Api
) -> None:
    place.faults.write({"on": "create", "name": "second", "do": "die", "when": "after", "times": 1})
    assert "exited prematurely" in place.fails()
    before = maps(place, api)
    assert set(before) == {"first", "second"}
    assert "second" not in place.resources()
    assert 'configmaps "second" already exists' in place.fails()
    place.configure(upsert_existing_objects=True, enable_config_map_mutable=True)
    place.write_program(MAPS)
    assert summary(place.up())["created"] == 2
    assert {**before, "third": maps(place, api)["third"]} == maps(place, api), "nothing was made twice"


def test_update_and_deletion_are_simply_done_again(place: KubernetesWorkspace, api: Api) -> None:
    place.faults.write(
        {"on": "update", "name": "second", "do": "die", "when": "after", "times": 1},
        {"on": "delete", "name": "third", "do": "die", "when": "after", "times": 1},
    )
    place.write_program(MAPS.replace('"2"', '"22"'))
    assert "exited prematurely" in place.fails()
    assert summary(place.up())["updated"] == 1
    assert api.get("v1", "ConfigMap", "second", place.namespace)["data"] == {"a": "22"}
    assert "exited prematurely" in place.destroy(check=False)
    place.destroy()
    assert maps(place, api) == {}
