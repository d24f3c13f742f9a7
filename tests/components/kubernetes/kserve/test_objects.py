"""What an InferenceService says: its pods, who scales, who splits, who may reach it."""

import pulumi
import pytest
from components.kubernetes.kserve.samples import (
    BOTH,
    BY_RUNTIME,
    EVERYTHING,
    FOUNDATION,
    IN_CONTAINERS,
    KEDA,
    KNATIVE,
    LABELS,
    LEAST,
    RUNTIME,
    SINK,
    SIZE,
    STEP,
    args,
    objects,
    predictor,
    service,
)

from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.kserve.endpoint import objects_of
from modelberth.kubernetes.kserve.ports import KNATIVE_OWN
from modelberth.runtimes import load

ON_KNATIVE = {**LEAST, "mode": KNATIVE}
NAMESPACE = "kubernetes.io/metadata.name"


def served(name, given=LEAST):
    return {**given, "server": {"runtime": name, "resources": SIZE}}


@pytest.mark.parametrize("name", IN_CONTAINERS)
def test_requests_reach_the_first_port_of_the_container_and_management_is_on_none(name):
    [container] = predictor(served(name))["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    known = load(name).ports
    assert next(iter(ports.items())) == ("http", known["http"])
    assert ports == {name: port for name, port in known.items() if name != "management"}


@pytest.mark.parametrize("name", IN_CONTAINERS)
def test_on_knative_a_container_has_one_port_and_probes_by_number(name):
    [container] = predictor(served(name, ON_KNATIVE))["containers"]
    [port] = container["ports"]
    assert port == {"name": "http1", "containerPort": load(name).ports["http"]}
    assert port["containerPort"] not in KNATIVE_OWN
    asked = [ask["port"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")
             for ask in container[probe].values() if isinstance(ask, dict)]  # fmt: skip
    assert asked
    assert all(isinstance(each, int) for each in asked)


def test_on_knative_a_pod_has_no_field_that_knative_refuses():
    whole = predictor(ON_KNATIVE)
    bare = predictor(BY_RUNTIME, mode={**KNATIVE, "features": []})
    refused = {"terminationGracePeriodSeconds", "nodeName", "hostNetwork", "restartPolicy"}
    assert not refused & (whole.keys() | bare.keys())
    assert not {"securityContext", "topologySpreadConstraints", "nodeSelector"} & bare.keys()
    assert all("lifecycle" not in each for each in whole["containers"])
    assert whole["securityContext"]["fsGroup"] == 65532
    assert "fsGroupChangePolicy" not in whole["securityContext"]


def test_without_the_flag_each_container_says_who_it_is():
    contexts = [
        predictor(BY_RUNTIME, mode={**KNATIVE, "features": []})["model"]["securityContext"],
        *(each["securityContext"] for each in predictor(ON_KNATIVE)["containers"]),
    ]
    for context in contexts:
        assert (context["runAsUser"], context["runAsNonRoot"], context["allowPrivilegeEscalation"]) == (
            65532,
            True,
            False,
        )
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}


@pytest.mark.parametrize("given", [LEAST, ON_KNATIVE, BY_RUNTIME, {**LEAST, "transformer": STEP}])
def test_cores_are_limited_where_kserve_would_set_a_limit_of_its_own(given):
    for part in service(given)["spec"].values():
        made = part["model"] if "model" in part else part["containers"][0]
        assert made["resources"]["limits"]["cpu"] == made["resources"]["requests"]["cpu"]


def test_kserve_fetches_a_version_by_its_digest():
    address = predictor(BY_RUNTIME)["model"]["storageUri"]
    assert address == f"s3://models/prod/ranker/1.4.0/sha256-{'1' * 64}"
    oci = {**FOUNDATION, "models": {"oci": "ghcr.io/acme/models"}}
    assert predictor(BY_RUNTIME, foundation=oci)["model"]["storageUri"].endswith(f"/ranker@sha256:{'1' * 64}")


def test_a_cache_holds_what_the_service_fetches_under_a_name_of_its_own_in_the_cluster():
    given = {**BY_RUNTIME, "runtime": {**RUNTIME, "cache": {"node_group": "gpu", "size_gib": 1.5}}}
    made = objects(given)
    cache = made["ranker--1-4-0-cache"]
    assert cache["metadata"]["name"] == "models-ranker--1-4-0"
    assert "namespace" not in cache["metadata"]
    fetched = made["ranker--1-4-0"]["spec"]["predictor"]["model"]["storageUri"]
    assert cache["spec"] == {"sourceModelUri": fetched, "modelSize": "1536Mi", "nodeGroups": ["gpu"]}
    assert made["ranker--1-4-0"]["metadata"]["annotations"]["serving.kserve.io/nodegroup"] == "gpu"


@pytest.mark.parametrize(
    ("scaling", "annotation", "fields"),
    [
        ({"by": "none", "replicas": 3}, "none", {"minReplicas": 3, "maxReplicas": 3}),
        (
            {"by": "hpa", "max_replicas": 3, "target_percent": 60},
            "hpa",
            {"minReplicas": 1, "maxReplicas": 3, "scaleMetric": "cpu", "scaleTarget": 60},
        ),
        ({"by": "external", "max_replicas": 3}, "external", {"minReplicas": 1, "maxReplicas": 3}),
    ],
)
def test_who_scales_plain_deployments(scaling, annotation, fields):
    made = service(LEAST, mode={"kind": "standard", "scaling": scaling})
    assert made["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] == annotation
    assert {field: made["spec"]["predictor"].get(field) for field in fields} == fields
    assert "autoScaling" not in made["spec"]["predictor"]


def test_keda_asks_prometheus_about_the_version():
    part = predictor(LEAST, foundation=EVERYTHING, mode={"kind": "standard", "scaling": KEDA})
    cpu, memory, asked = part["autoScaling"]["metrics"]
    assert cpu["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
    assert memory["resource"]["name"] == "memory"
    assert asked["external"]["metric"] == {
        "backend": "prometheus",
        "serverAddress": "http://prometheus.monitoring.svc:9090",
        "query": 'sum(in_flight{namespace="models",service="ranker",version="1.4.0"})',
    }
    assert asked["external"]["target"] == {"type": "Value", "value": "4"}
    assert part["autoScaling"]["behavior"] == {"scaleDown": {"stabilizationWindowSeconds": 600}}
    assert "scaleMetric" not in part


def test_a_namespace_that_is_known_late_is_in_the_query():
    late = Foundation.parse({**EVERYTHING, "namespace": pulumi.Output.from_input("late")})
    made = args(LEAST, foundation=late, mode={"kind": "standard", "scaling": KEDA})
    query = objects_of(made, "ranker")["ranker--1-4-0"]["spec"]["predictor"]["autoScaling"]["metrics"][2]
    assert isinstance(query["external"]["metric"]["query"], pulumi.Output)


def test_knative_scales_by_requests_or_by_cores():
    made = service(LEAST, mode={**KNATIVE, "metric": "rps", "target": 50, "min_replicas": 0, "retention_seconds": 90})
    part = made["spec"]["predictor"]
    assert (part["scaleMetric"], part["scaleTarget"], part["minReplicas"]) == ("rps", 50, 0)
    retention = "autoscaling.knative.dev/scale-to-zero-pod-retention-period"
    assert made["metadata"]["annotations"][retention] == "90s"
    assert "autoscaling.knative.dev/class" not in made["metadata"]["annotations"]
    by_cores = service(LEAST, mode={**KNATIVE, "metric": "cpu"})["metadata"]["annotations"]
    assert by_cores["autoscaling.knative.dev/class"] == "hpa.autoscaling.knative.dev"


@pytest.mark.parametrize(
    ("traffic", "version", "percent"),
    [
        ({"stable": BOTH["stable"]}, "1.4.0", 100),
        ({**BOTH, "weight": 0}, "1.5.0", 0),
        (BOTH, "1.5.0", 10),
    ],
)
def test_on_knative_one_service_holds_the_candidate_and_its_share(traffic, version, percent):
    part = predictor(ON_KNATIVE, traffic=traffic)
    assert part["canaryTrafficPercent"] == percent
    assert part["labels"]["app.kubernetes.io/version"] == version


def test_a_change_of_weight_changes_nothing_of_the_pods():
    """Or Knative would make a revision of it, and the candidate would be started anew at each step."""
    one, other = (service(ON_KNATIVE, traffic={**BOTH, "weight": weight}) for weight in (0, 50))
    for made in (one, other):
        del made["spec"]["predictor"]["canaryTrafficPercent"]
    assert one == other


def test_plain_deployments_have_a_service_for_each_version_and_no_share_that_kserve_would_ignore():
    made = objects(LEAST, traffic=BOTH)
    both = {name: each for name, each in made.items() if each["kind"] == "InferenceService"}
    assert set(both) == {"ranker--1-4-0", "ranker--1-5-0"}
    assert all("canaryTrafficPercent" not in each["spec"]["predictor"] for each in both.values())
    stable = made["ranker-stable"]["spec"]
    assert stable["selector"]["app.kubernetes.io/version"] == "1.4.0"


@pytest.mark.parametrize(
    ("given", "target"),
    [(LEAST, 8080), (served("triton"), 8000), ({**LEAST, "logger": SINK, "labels": LABELS}, 9081), (ON_KNATIVE, 8012)],
)
def test_our_services_ask_where_requests_are_counted_and_logged(given, target):
    ours = [each for each in objects(given).values() if each["kind"] == "Service"]
    assert [port["targetPort"] for each in ours for port in each["spec"]["ports"]] == [target]


@pytest.mark.parametrize(
    ("given", "label"),
    [(LEAST, "networking.kserve.io/visibility"), (ON_KNATIVE, "networking.knative.dev/visibility")],
)
def test_nothing_is_published_by_kserve_itself(given, label):
    assert service(given)["metadata"]["labels"][label] == "cluster-local"


def test_a_step_is_told_what_the_model_is_called():
    made = service(LEAST, transformer={**STEP, "arguments": ["--quiet"]})
    assert made["spec"]["transformer"]["containers"][0]["args"] == ["--quiet", "--model_name", "ranker"]


def test_parts_may_ask_one_another_and_knative_may_ask_them():
    policy = objects({**ON_KNATIVE, "transformer": STEP})["ranker-parts"]["spec"]
    knative = [rule for rule in policy["ingress"] if any("namespaceSelector" in peer for peer in rule["from"])]
    named = [peer["namespaceSelector"]["matchLabels"][NAMESPACE] for rule in knative for peer in rule["from"]]
    assert named == ["knative-serving", "istio-system"]
    assert [port["port"] for port in knative[0]["ports"]] == [8012, 8013, 8022, 9090]
    own = {"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "ranker"}}}
    assert [own] in [rule["from"] for rule in policy["ingress"]]
    assert [own] in [rule["to"] for rule in policy["egress"]]
    assert "ranker-parts" not in objects(LEAST)


def test_the_sink_of_a_logger_is_reached_and_how_long_it_keeps_is_said():
    made = objects({**LEAST, "logger": SINK, "labels": LABELS})
    assert made["ranker--1-4-0"]["spec"]["predictor"]["logger"] == {"url": "http://sink.audit.svc", "mode": "request"}
    assert made["ranker--1-4-0"]["metadata"]["annotations"]["modelberth.dev/retention-days"] == "14"
    reached = [peer for rule in made["ranker-network"]["spec"]["egress"] for peer in rule["to"]]
    assert {"namespaceSelector": {"matchLabels": {NAMESPACE: "audit"}}} in reached


def test_batches_are_made_by_kserve():
    part = predictor(BY_RUNTIME, batcher={"max_batch_size": 32, "max_latency_ms": 50})
    assert part["batcher"] == {"maxBatchSize": 32, "maxLatency": 50}
