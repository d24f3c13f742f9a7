"""Which objects watch a service: the monitor, the rules, the dashboard, and annotations for another agent."""

import json

import pytest
from components.kubernetes.monitoring.samples import (
    GPU,
    PLACE,
    SETTLED,
    SLO,
    WITH_METRICS,
    board_of,
    expressions_of,
    foundation,
    parsed,
)

from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.monitoring import Watching, datadog_annotations, monitoring_objects
from modelberth.kubernetes.pods import SERVER
from modelberth.runtimes import load, names

OPERATORS = ("prometheus-operator", "grafana-operator")


def made(runtime="serving", *addons, watching=SETTLED, **given):
    return monitoring_objects(foundation(*addons, **given), PLACE, runtime, None, watching)


def test_without_the_operator_there_is_nothing():
    assert made("serving", "keda") == {}


def test_of_a_runtime_without_metrics_there_is_nothing():
    assert made("fastapi") == {}


@pytest.mark.parametrize("runtime", WITH_METRICS)
class TestEachRuntime:
    def test_it_is_read_at_its_own_port_and_path(self, runtime):
        metrics = load(runtime).metrics
        assert metrics is not None
        [endpoint] = made(runtime)["ranker-monitor"]["spec"]["podMetricsEndpoints"]
        assert endpoint == {"port": metrics.port, "path": metrics.path}

    def test_every_graph_is_promql(self, runtime):
        found = list(expressions_of(made(runtime)))
        assert len(found) > 6
        for expression in found:
            parsed(expression)

    def test_datadog_reads_the_same_page(self, runtime):
        metrics = load(runtime).metrics
        assert metrics is not None
        [(key, value)] = datadog_annotations(runtime, "ranker").items()
        assert key == f"ad.datadoghq.com/{SERVER}.checks"
        [instance] = json.loads(value)["openmetrics"]["instances"]
        assert instance["openmetrics_endpoint"] == f"http://%%host%%:{load(runtime).ports[metrics.port]}{metrics.path}"
        assert instance["metrics"]
        assert not [name for name in instance["metrics"] if name.endswith("_total")]


def test_the_labels_of_prometheus_operator_are_on_what_it_reads_and_on_nothing_else():
    objects = made()
    carrying = {name for name, object_ in objects.items() if object_["metadata"]["labels"].get("release") == "kps"}
    assert carrying == {"ranker-monitor", "ranker-alarms"}


def test_the_version_and_the_service_are_copied_from_the_pods():
    spec = made()["ranker-monitor"]["spec"]
    assert spec["podTargetLabels"] == ["app.kubernetes.io/instance", "app.kubernetes.io/version"]
    assert spec["selector"] == {"matchLabels": {"app.kubernetes.io/instance": "ranker"}}


def test_a_product_with_ports_of_its_own_is_read_there():
    assert made(watching=Watching(port="http1"))["ranker-monitor"]["spec"]["podMetricsEndpoints"][0]["port"] == "http1"


def test_a_page_that_must_be_switched_on_is_read_only_once_it_is():
    assert made("torchserve", watching=Watching()) == {}
    assert "ranker-monitor" in made("torchserve", watching=Watching(settled=True))


def test_grafanas_sidecar_or_its_operator_gets_the_dashboard():
    config_map = made()["ranker-dashboard"]
    assert (config_map["kind"], config_map["metadata"]["labels"]["grafana_dashboard"]) == ("ConfigMap", "1")
    given = made("serving", *OPERATORS)["ranker-dashboard"]
    assert (given["kind"], given["apiVersion"]) == ("GrafanaDashboard", "grafana.integreatly.org/v1beta1")
    assert json.loads(given["spec"]["json"]) == board_of(made())


def test_a_dashboard_is_the_same_every_time_and_another_for_another_service():
    assert made()["ranker-dashboard"] == made()["ranker-dashboard"]
    other = monitoring_objects(foundation(), Place("prod", "search"), "serving", None)["search-dashboard"]
    text = other["data"]["search.json"]
    assert "ranker" not in text
    assert "@" not in text


def test_services_of_one_name_in_two_namespaces_have_two_dashboards():
    both = [monitoring_objects(foundation(), Place(space, "ranker"), "serving", None) for space in ("dev", "prod")]
    assert len({board_of(objects)["uid"] for objects in both}) == 2


def test_the_rows_are_those_that_the_server_can_fill():
    def rows(runtime, watching):
        panels = board_of(made(runtime, watching=watching))["panels"]
        return [panel["title"] for panel in panels if panel["type"] == "row"]

    assert rows("serving", Watching()) == ["Requests", "Latency", "Saturation", "Pods"]
    assert rows("vllm", Watching(devices=GPU)) == ["Requests", "Latency", "Saturation", "Pods", "Devices"]
    assert rows("torchserve", Watching(settled=True)) == ["Requests", "Saturation", "Pods"]


@pytest.mark.parametrize("runtime", WITH_METRICS)
def test_grafana_can_read_the_dashboard(runtime):
    board = board_of(made(runtime))
    assert len(board["uid"]) <= 40
    assert board["templating"]["list"][0]["type"] == "datasource"
    assert board["schemaVersion"] >= 36
    ids = [panel["id"] for panel in board["panels"]]
    assert ids == list(range(1, len(ids) + 1))
    for panel in board["panels"]:
        assert None not in panel.values()
        assert panel["type"] in ("row", "timeseries")
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        letters = [target["refId"] for target in panel.get("targets", [])]
        assert len(letters) == len(set(letters))
        for target in panel.get("targets", []):
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    squares = [
        (x, y)
        for at in (panel["gridPos"] for panel in board["panels"])
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(squares) == len(set(squares)), "two panels lie on one another"


def test_the_longest_name_of_a_service_still_has_a_dashboard():
    name = "a" * 63
    objects = monitoring_objects(foundation(), Place("models", name), "serving", SLO)
    assert all(len(object_["metadata"]["name"]) <= 253 for object_ in objects.values())
    assert len(board_of(objects)["uid"]) <= 40


def test_a_runtime_without_metrics_has_no_annotations():
    without = [name for name in names() if load(name).metrics is None]
    assert without
    assert all(datadog_annotations(name, "ranker") == {} for name in without)
