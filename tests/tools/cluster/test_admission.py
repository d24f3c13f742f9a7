"""What the real API server takes and refuses, and in which words."""

import time
from collections import Counter

import pytest

from cluster import admission
from cluster.admission import strictly_admitted
from cluster.api import NotServed, Refused

from .manifests import config_map, container, custom, deployment, job, pod

pytestmark = pytest.mark.server


def test_an_unknown_field_is_refused_by_its_path(api, namespace):
    wrong = deployment(namespace)
    wrong["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"
    with pytest.raises(Refused, match=r'unknown field "spec.template.spec.containers\[0\].imagePullPolice"') as refused:
        api.create(wrong, dry_run=True)
    assert refused.value.status == 400


def test_an_unknown_field_is_refused_on_server_side_apply_too(api, namespace):
    wrong = deployment(namespace, nodeSelektor={})
    with pytest.raises(Refused, match="field not declared in schema"):
        api.apply(wrong, dry_run=True)


def test_a_value_out_of_range_is_refused(api, namespace):
    wrong = deployment(namespace, containers=[container(ports=[{"containerPort": 70000}])])
    with pytest.raises(Refused, match="must be between 1 and 65535") as refused:
        api.create(wrong, dry_run=True)
    assert refused.value.status == 422


def test_a_dry_run_keeps_nothing(api, namespace):
    made = api.create(config_map(namespace, key="value"), dry_run=True)
    assert made["data"] == {"key": "value"}
    assert made["metadata"]["uid"]
    assert api.found("v1", "ConfigMap", "settings", namespace) is None


def test_pod_security_refuses_a_privileged_pod(api, namespace):
    wrong = pod(namespace, containers=[container(securityContext={"privileged": True})])
    with pytest.raises(Refused, match='violates PodSecurity "restricted:latest": privileged') as refused:
        api.create(wrong)
    assert refused.value.status == 403
    assert api.create(pod(namespace))["spec"]["serviceAccountName"] == "default"


@pytest.mark.parametrize("make", [deployment, job])
def test_a_workload_whose_pods_would_be_refused_is_refused(api, namespace, make):
    good, bad = make(namespace), make(namespace)
    bad["spec"]["template"]["spec"]["hostNetwork"] = True
    assert strictly_admitted(api, [good]) == []
    [refusal] = strictly_admitted(api, [bad])
    assert "host namespaces (hostNetwork=true)" in str(refusal)


def test_every_refusal_is_listed_and_the_rest_counted(api, namespace, monkeypatch):
    counted = Counter()
    monkeypatch.setattr(admission, "ACCEPTED", counted)
    misspelt = config_map(namespace, "misspelt") | {"date": {}}
    absent = custom("nowhere.example/v1", "Nothing", namespace, {})
    refusals = strictly_admitted(api, [config_map(namespace), misspelt, absent, deployment(namespace)])
    assert [(item.kind, item.name, item.status) for item in refusals] == [
        ("ConfigMap", "misspelt", 400),
        ("Nothing", "sample", 0),
    ]
    assert counted == {("v1", "ConfigMap"): 1, ("apps/v1", "Deployment"): 1}
    assert admission.lines(counted) == [
        "2 objects of 2 kinds accepted with fieldValidation=Strict",
        "       1 Deployment (apps/v1)",
        "       1 ConfigMap (v1)",
    ]


def test_manifests_of_another_namespace_are_tried_in_the_one_that_is_named(api, namespace):
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "reader"}}
    elsewhere = [deployment("not-made-yet"), role | {"rules": []}]
    assert [item.status for item in strictly_admitted(api, elsewhere)] == [404]
    assert strictly_admitted(api, elsewhere, namespace) == []


def test_a_kind_that_is_not_served_is_named_with_what_is(api):
    with pytest.raises(NotServed, match=r"does not serve Deploymint of apps/v1; of that it serves .*DaemonSet"):
        api.list("apps/v1", "Deploymint")
    with pytest.raises(NotServed, match="is its CRD installed"):
        api.list("nowhere.example/v1", "Nothing")


def test_an_object_is_listed_changed_and_removed(api, namespace):
    api.create(config_map(namespace, key="one"))
    api.apply(config_map(namespace, key="two"))
    [found] = [item for item in api.list("v1", "ConfigMap", namespace) if item["metadata"]["name"] == "settings"]
    assert (found["kind"], found["data"]) == ("ConfigMap", {"key": "two"})
    api.patch(config_map(namespace, more="three"))
    assert api.get("v1", "ConfigMap", "settings", namespace)["data"] == {"key": "two", "more": "three"}
    api.delete("v1", "ConfigMap", "settings", namespace)
    api.wait_for("v1", "ConfigMap", "settings", namespace, lambda found: found is None)
    with pytest.raises(Refused, match="404") as refused:
        api.delete("v1", "ConfigMap", "settings", namespace)
    assert refused.value.status == 404


def test_a_field_of_another_manager_is_a_conflict_without_force(api, namespace):
    api.apply(config_map(namespace, key="one"), manager="first")
    with pytest.raises(Refused, match='conflict with "first"'):
        api.apply(config_map(namespace, key="two"), manager="second", force=False)


def test_what_does_not_come_is_waited_for_no_longer_than_told(api, namespace):
    with pytest.raises(TimeoutError, match="ConfigMap never is not as wanted after 0 s: it is not there"):
        api.wait_for("v1", "ConfigMap", "never", namespace, seconds=0.2)


def test_hundreds_of_dry_runs_take_seconds(api, namespace):
    manifests = [deployment(namespace, f"web-{number}") for number in range(100)]
    began = time.monotonic()
    assert strictly_admitted(api, manifests) == []
    assert time.monotonic() - began < 20  # 0.5 s where nothing else runs
