"""What the stand-in calculates: differences, what a live object says of a program, paths, conditions, secrets."""

from typing import Any

import pytest
from clouds.kubernetes import jsonpath, verdicts
from clouds.kubernetes.changes import changes, delete_first, steps, written
from clouds.kubernetes.objects import named
from clouds.kubernetes.ownership import applied, without_ignored
from clouds.kubernetes.pruned import pruned
from clouds.kubernetes.sealed import opened, sealed
from clouds.wire import RefusedError
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.text("abcDEF-_./1", min_size=1, max_size=8).filter(lambda name: not name.isdigit())
PATHS = st.lists(NAMES | st.integers(0, 20), min_size=1, max_size=5).map(lambda path: ("spec", *path))
JSON = st.recursive(
    st.text(max_size=5) | st.integers(-3, 3) | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it", "namespace": "here"}}
URN = "urn:pulumi:dev::small::kubernetes:core/v1:ConfigMap::words"


@given(PATHS)
def test_path_is_read_as_it_is_written(path: tuple[str | int, ...]) -> None:
    assert steps(written(path)) == path


@given(st.dictionaries(st.text("abc", min_size=1), JSON), st.sets(st.text("abc", min_size=1)))
def test_secrets_are_sealed_where_they_were(values: dict[str, Any], names: set[str]) -> None:
    wrapped = sealed(values, {(name,) for name in names & set(values)})
    found = opened(wrapped)
    assert found.values == values
    assert found.secrets == {(name,) for name in names & set(values)}


def test_message_holds_no_secret() -> None:
    found = opened(sealed({"spec": {"token": "abc123", "size": "big"}}, {("spec", "token")}))
    assert found.hidden("invalid value: abc123 for big") == "invalid value: [secret] for big"


@given(st.dictionaries(st.sampled_from("abc"), JSON))
def test_untouched_object_says_what_the_program_said(said: dict[str, Any]) -> None:
    assert pruned({**said, "status": {}, "more": 1}, said) == said


@pytest.mark.parametrize(("live", "said"), [("1", "1000m"), ("1Gi", "1024Mi"), ("2", 2), ("500m", 0.5), (None, {})])
def test_another_spelling_is_no_drift(live: Any, said: Any) -> None:
    assert pruned({"spec": {"cpu": live}}, {"spec": {"cpu": said}}) == {"spec": {"cpu": said}}


OTHERS = [("2", "1000m"), ("1G", "1Gi"), (True, 1), ("new", "old"), (["b"], ["a"]), ("1.1.0", "1.0.0")]


@pytest.mark.parametrize(("live", "said"), OTHERS)
def test_another_value_is_drift(live: Any, said: Any) -> None:
    assert pruned({"spec": {"cpu": live}}, {"spec": {"cpu": said}}) == {"spec": {"cpu": live}}


def test_named_item_of_somebody_else_is_no_drift() -> None:
    live = {"containers": [{"name": "sidecar", "image": "s"}, {"name": "server", "image": "new"}]}
    assert pruned(live, {"containers": [{"name": "server", "image": "old"}]}) == {
        "containers": [{"name": "server", "image": "new"}]
    }


CHANGED = [
    ("ConfigMap", "v1", {"data": {"a": "1"}}, {"data": {"a": "2"}}, {}, {"data.a": True}),
    ("ConfigMap", "v1", {"data": {"a": "1"}}, {"data": {}}, {"enableConfigMapMutable": True}, {"data.a": False}),
    (
        "Secret",
        "v1",
        {"type": "Opaque", "immutable": True, "data": {"a": "1"}},
        {"type": "Opaque", "immutable": True, "data": {"a": "2"}},
        {"enableSecretMutable": True},
        {"data.a": True},
    ),
    ("Deployment", "apps/v1", {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, {}, {"spec.replicas": False}),
    (
        "Job",
        "batch/v1",
        {"spec": {"template": {"spec": {"containers": [{"image": "a"}]}}}},
        {"spec": {"template": {"spec": {"containers": [{"image": "b"}]}}}},
        {},
        {"spec.template.spec.containers[0].image": True},
    ),
    ("Pod", "v1", {"spec": {"nodeName": "a"}}, {"spec": {"nodeName": "b"}}, {}, {"spec.nodeName": True}),
    (
        "Service",
        "v1",
        {"metadata": {"annotations": {"a.b/c": "1"}}},
        {"metadata": {"annotations": {}}},
        {},
        {'metadata.annotations["a.b/c"]': False},
    ),
]


@pytest.mark.parametrize(("kind", "version", "old", "new", "settings", "expected"), CHANGED)
def test_change_replaces_only_what_cannot_change(kind, version, old, new, settings, expected) -> None:
    about = {"apiVersion": version, "kind": kind}
    found = changes({**about, **old}, {**about, **new}, settings)
    assert {one.property: one.replaces for one in found} == expected


@pytest.mark.parametrize(
    ("metadata", "first"),
    [
        ({"name": "it", "namespace": "here"}, True),
        ({"name": "it", "namespace": "there"}, False),
        ({"name": "it", "namespace": "here", "annotations": {"pulumi.com/autonamed": "true"}}, False),
    ],
)
def test_old_object_goes_first_only_where_both_have_one_chosen_name(metadata: dict[str, Any], first: bool) -> None:
    assert delete_first(MAP, {**MAP, "metadata": metadata}) is first


def test_made_up_name_is_kept_and_a_chosen_one_is_not_taken_for_it() -> None:
    made = named(URN, {"apiVersion": "v1", "kind": "ConfigMap"}, {}, b"seed")
    assert named(URN, {"apiVersion": "v1", "kind": "ConfigMap"}, made, b"another") == made
    chosen = {**MAP, "metadata": {"name": "chosen"}}
    assert named(URN, {"apiVersion": "v1", "kind": "ConfigMap"}, chosen, b"seed") == made


STATUS = {
    "metadata": {"labels": {"a.b/c": "x"}, "annotations": {}},
    "status": {
        "phase": "Running",
        "conditions": [{"type": "Synced", "status": "False"}, {"type": "Ready", "status": "True"}],
    },
}
CONDITIONS = {
    "condition=Ready": True,
    "condition=ready=true": True,
    "condition=Synced": False,
    "condition=Synced=False": True,
    "condition=Missing": False,
    "jsonpath={.status.phase}": True,
    "jsonpath={.status.phase}=Running": True,
    "jsonpath={.status.phase}=Pending": False,
    "jsonpath={.status.missing}": False,
    "jsonpath={.metadata.labels['a.b/c']}=x": True,
    "jsonpath={.status.conditions[1].status}=True": True,
    "jsonpath={.status.conditions[*].type}=Ready": True,
    'jsonpath={.status.conditions[?(@.type=="Ready")].status}=True': True,
    '["condition=Ready", "condition=Synced"]': False,
    '["condition=Ready", "jsonpath={.status.phase}=Running"]': True,
}


@pytest.mark.parametrize("wanted", CONDITIONS)
def test_condition_that_is_waited_for(wanted: str) -> None:
    live = {**STATUS, "metadata": {"annotations": {"pulumi.com/waitFor": wanted}, "labels": {"a.b/c": "x"}}}
    found = verdicts.custom(live)
    assert found is not None
    assert found.ready is CONDITIONS[wanted]


def test_path_that_is_not_understood_is_refused() -> None:
    with pytest.raises(RefusedError, match="not understood from '!odd' on"):
        jsonpath.found("{.status!odd}", STATUS)


def test_fields_that_were_created_become_applied_ones() -> None:
    other = {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:z": {}}}
    mine = {"manager": "me", "operation": "Update", "fieldsV1": {"f:data": {"f:a": {}}}}
    both = {"manager": "me", "operation": "Apply", "fieldsV1": {"f:data": {"f:b": {}}}}
    found = applied({"metadata": {"managedFields": [other, mine, both]}}, "me")
    assert found == [other, {**mine, "operation": "Apply", "fieldsV1": {"f:data": {"f:a": {}, "f:b": {}}}}]
    assert applied({"metadata": {"managedFields": [other, both]}}, "me") is None


def test_ignored_field_is_left_out_only_where_somebody_changed_it() -> None:
    obj = {"spec": {"replicas": 1, "paused": False}}
    assert without_ignored(obj, {"spec": {"replicas": 1}}, [("spec", "replicas")]) == obj
    assert without_ignored(obj, {"spec": {"replicas": 3}}, [("spec", "replicas")]) == {"spec": {"paused": False}}
