"""Every object of a registry is accepted by a real API server, strictly; its pods are admitted and become ready."""

import base64

import pytest
from cluster_fixtures import api, cluster, namespace  # noqa: F401
from components.kubernetes.registry.samples import EXTERNAL, FOUNDATION, LEAST, MOST, objects

from cluster.admission import strictly_admitted

FILES = {
    "registry": ("pg_service.conf", "basic_auth.ini", "server.env"),
    "registry-database": ("password",),
}


def secrets(namespace):  # noqa: F811
    """The Secrets that the pods mount; their texts are tried elsewhere."""
    return [
        {
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace},
            "data": {key: base64.b64encode(b"text").decode() for key in keys},
        }
        for name, keys in FILES.items()
    ]  # fmt: skip


@pytest.mark.parametrize("fields", [LEAST, MOST, EXTERNAL], ids=["least", "most", "external"])
def test_it_is_admitted(fields, api, namespace):  # noqa: F811
    made = objects(fields)
    assert [str(each) for each in strictly_admitted(api, made.values(), namespace)] == []


def test_its_server_and_its_database_become_ready(api, namespace):  # noqa: F811
    made = objects(LEAST, foundation={**FOUNDATION, "namespace": namespace})
    # Scheduling waits for a volume, which nobody provides here.
    claims = made["registry-database"]["spec"].pop("volumeClaimTemplates")
    room = [{"name": claim["metadata"]["name"], "emptyDir": {}} for claim in claims]
    made["registry-database"]["spec"]["template"]["spec"]["volumes"] += room
    for each in [*secrets(namespace), *made.values()]:
        api.create(each)
    ready = {"registry": ("Deployment", 2), "registry-database": ("StatefulSet", 1)}
    for name, (kind, count) in ready.items():
        found = api.wait_for(
            "apps/v1", kind, name, namespace,
            until=lambda each, count=count: each.get("status", {}).get("readyReplicas") == count, seconds=60,
        )  # fmt: skip
        assert found["status"]["readyReplicas"] == count
