"""The real API server takes every object that watches a service, and the pods that ship logs."""

import pytest
from components.kubernetes.monitoring.samples import SETTLED, SLO, WITH_METRICS, foundation, known
from components.kubernetes.monitoring.test_logs import ELASTIC, args, to

from cluster.admission import strictly_admitted
from modelberth.core.service import Slo
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.monitoring import monitoring_objects
from modelberth.kubernetes.monitoring.logs import namespace as log_namespace
from modelberth.kubernetes.monitoring.logs import shipping_objects

OPERATORS = ("prometheus-operator", "grafana-operator")


@pytest.mark.parametrize("runtime", WITH_METRICS)
@pytest.mark.parametrize("operators", [OPERATORS[:1], OPERATORS])
def test_every_object_that_watches_a_service(api, addons, namespace, runtime, operators):
    addons(*OPERATORS)
    slo = Slo.model_validate({"availability": "99.9%"}) if runtime == "torchserve" else SLO
    objects = monitoring_objects(foundation(*operators), Place(namespace, "ranker"), runtime, slo, SETTLED)
    assert len(objects) == 3
    assert strictly_admitted(api, list(objects.values()), namespace=namespace) == []


@pytest.mark.parametrize(
    "backend",
    [ELASTIC, {**ELASTIC, "kind": "opensearch"}, to("loki", plaintext="the mesh encrypts")],
    ids=lambda backend: backend["kind"],
)
def test_every_object_that_ships_logs_in_its_privileged_namespace(api, namespace, backend):
    made = log_namespace(args(namespace=f"{namespace}-logs", to=backend))
    api.apply(made, dry_run=False)
    try:
        given = args(namespace=made["metadata"]["name"], to=backend)
        objects = known(lambda: shipping_objects(given, "logs"))
        assert strictly_admitted(api, list(objects.values()), namespace=given.namespace) == []
    finally:
        api.delete("v1", "Namespace", made["metadata"]["name"])


def test_no_restricted_namespace_takes_the_pods_that_ship_logs(api, namespace):
    objects = known(lambda: shipping_objects(args(namespace=namespace), "logs"))
    refused = strictly_admitted(api, [objects["logs"]], namespace=namespace)
    assert [refusal.kind for refusal in refused] == ["DaemonSet"]
    assert "hostPath" in refused[0].message
