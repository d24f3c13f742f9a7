"""A namespace that is made: pods are restricted, bounded, and talk to nobody unasked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth.core.labels import Labels
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.namespace import NamespaceShape, guard_objects, namespace_objects
from modelberth.kubernetes.peers import Dns, dns_rule

PLACE = Place("models", "ml")
QUOTA = {"cpu": 8, "memory_gib": 32}
SAYING_NOTHING = {"memory_gib": 0.5}


def shape(**fields):
    return NamespaceShape.parse({"name": "models", **fields})


def guards(**fields):
    return guard_objects("ml", shape(**fields), PLACE, Dns())


def test_its_pods_are_held_to_the_restricted_standard_of_today():
    [made] = namespace_objects("ml", shape(), None).values()
    assert made["metadata"]["labels"] == {
        "app.kubernetes.io/managed-by": "modelberth",
        **{f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")},
        **{f"pod-security.kubernetes.io/{mode}-version": "latest" for mode in ("enforce", "audit", "warn")},
    }


def test_it_carries_its_owner_and_labels_of_its_own():
    labels = Labels(
        owner="search", environment="prod", cost_centre="4711", service="shared", model="shared", version="shared",
        data_classification="internal",
    )  # fmt: skip
    [made] = namespace_objects("ml", shape(labels={"team": "ranking"}), labels).values()
    assert made["metadata"]["labels"]["modelberth.dev/owner"] == "search"
    assert made["metadata"]["labels"]["team"] == "ranking"


def test_a_pod_that_no_other_policy_names_asks_for_names_and_nothing_else():
    [made] = guards().values()
    assert made["metadata"]["name"] == "default-deny"
    assert made["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [dns_rule(Dns())],
    }


def test_its_quota_counts_what_pods_ask_for_and_admits_no_load_balancer():
    full = {**QUOTA, "pods": 40, "devices": {"nvidia.com/gpu": 4}, "storage_gib": 100}
    assert guards(quota=full, containers=SAYING_NOTHING)["ml-quota"]["spec"]["hard"] == {
        "requests.cpu": "8",
        "requests.memory": "32768Mi",
        "limits.memory": "32768Mi",
        "services.loadbalancers": "0",
        "services.nodeports": "0",
        "pods": "40",
        "requests.storage": "102400Mi",
        "requests.nvidia.com/gpu": "4",
    }


def test_what_is_not_in_the_quota_is_not_counted():
    counted = {"requests.cpu", "requests.memory", "limits.memory", "services.loadbalancers", "services.nodeports"}
    assert set(guards(quota=QUOTA, containers=SAYING_NOTHING)["ml-quota"]["spec"]["hard"]) == counted


@pytest.mark.parametrize(
    ("containers", "limits"),
    [
        ({"cpu": 0.25}, {"defaultRequest": {"cpu": "250m"}}),
        ({"memory_gib": 0.5}, {"default": {"memory": "512Mi"}, "defaultRequest": {"memory": "512Mi"}}),
        (
            {"cpu": 1, "memory_gib": 1, "most_memory_gib": 16},
            {
                "default": {"memory": "1024Mi"},
                "defaultRequest": {"cpu": "1", "memory": "1024Mi"},
                "max": {"memory": "16384Mi"},
            },
        ),
    ],
)
def test_containers_that_say_nothing_get_memory_as_a_limit_and_cores_as_a_request(containers, limits):
    assert guards(containers=containers)["ml-limits"]["spec"]["limits"] == [{"type": "Container", **limits}]


SIZES = st.floats(0.01, 1000, allow_nan=False)


@given(SIZES, SIZES, SIZES)
def test_what_one_container_may_have_lies_within_what_all_may_have(one, most, all_):
    given = {"containers": {"memory_gib": one, "most_memory_gib": most}, "quota": {"cpu": 8, "memory_gib": all_}}
    if one <= most <= all_:
        made = guards(**given)
        [limits] = made["ml-limits"]["spec"]["limits"]
        sizes = [
            limits["default"]["memory"],
            limits["max"]["memory"],
            made["ml-quota"]["spec"]["hard"]["limits.memory"],
        ]
        numbers = [int(size.removesuffix("Mi")) for size in sizes]
        assert numbers == sorted(numbers)
    else:
        with pytest.raises(ValueError, match="lower it"):
            guards(**given)


@pytest.mark.parametrize(
    ("mesh", "label"),
    [("ambient", ("istio.io/dataplane-mode", "ambient")), ("sidecar", ("istio-injection", "enabled"))],
)
def test_in_a_mesh_nobody_speaks_in_clear_text(mesh, label):
    [made] = namespace_objects("ml", shape(mesh=mesh), None).values()
    assert label in made["metadata"]["labels"].items()
    peers = guards(mesh=mesh)["ml-peers"]
    assert (peers["metadata"]["name"], peers["spec"]) == ("default", {"mtls": {"mode": "STRICT"}})
