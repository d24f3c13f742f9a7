"""Pods: hardened, patient while a model loads, gone without a failed request, on the nodes that have their devices."""

import pytest
from components.kubernetes.deployment.samples import (
    ACCELERATORS,
    EVERYTHING,
    IMAGE,
    LABELS,
    SIZE,
    objects,
    pod_of,
    served,
)  # fmt: skip

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.accelerators import Accelerator
from modelberth.kubernetes.pods import HARDENED, LEAVING_SECONDS, PROBE_SECONDS, probes
from modelberth.runtimes import load

GPUS = {"runtime": "vllm", "resources": {"cpu": 4, "memory_gib": 16}}


def container(pod):
    [found] = pod["containers"]
    return found


def volumes(pod):
    return {volume["name"]: volume for volume in pod["volumes"]}


def test_every_container_is_hardened():
    pod = served()
    assert [each["securityContext"] for each in (*pod["initContainers"], *pod["containers"])] == [dict(HARDENED)] * 2
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False


def test_it_stays_until_nobody_asks_it_and_then_until_all_is_answered():
    pod = served(drain_seconds="2m")
    assert container(pod)["lifecycle"] == {"preStop": {"sleep": {"seconds": LEAVING_SECONDS}}}
    assert pod["terminationGracePeriodSeconds"] == LEAVING_SECONDS + 120 + PROBE_SECONDS
    assert "--drain-seconds" in container(pod)["args" if "args" in container(pod) else "command"]


@pytest.mark.parametrize(("seconds", "attempts"), [(1, 1), (5, 1), (6, 2), (300, 60), (3601, 721)])
def test_a_model_may_load_as_long_as_was_said_and_never_less(seconds, attempts):
    startup = probes(load("serving"), seconds)["startupProbe"]
    assert (startup["failureThreshold"], startup["periodSeconds"]) == (attempts, PROBE_SECONDS)
    assert attempts * PROBE_SECONDS >= seconds


@pytest.mark.parametrize(
    ("runtime", "ready", "live"),
    [
        (
            "serving",
            {"httpGet": {"path": "/readyz", "port": "http"}},
            {"httpGet": {"path": "/healthz", "port": "http"}},
        ),
        ("torchserve", {"httpGet": {"path": "/ping", "port": "http"}}, {"httpGet": {"path": "/ping", "port": "http"}}),
        ("tensorflow-serving", {"tcpSocket": {"port": "http"}}, {"tcpSocket": {"port": "http"}}),
    ],
)
def test_a_server_is_asked_where_it_documents_a_page_and_else_whether_its_port_is_open(runtime, ready, live):
    made = probes(load(runtime), 60)
    assert made["startupProbe"].items() >= ready.items()
    assert made["readinessProbe"].items() >= ready.items()
    assert made["livenessProbe"].items() >= live.items()


def test_devices_are_asked_for_and_limited_alike_and_bring_the_pod_to_their_nodes():
    pod = served(**GPUS, devices={"accelerator": ACCELERATORS["l4"]})
    resources = container(pod)["resources"]
    assert resources["requests"]["nvidia.com/gpu"] == resources["limits"]["nvidia.com/gpu"] == "1"
    assert pod["nodeSelector"] == {"nvidia.com/gpu.product": "NVIDIA-L4"}
    assert pod["tolerations"] == [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    assert "affinity" not in pod


def test_a_slice_of_a_gpu_is_asked_for_by_its_own_name():
    pod = served(**GPUS, devices={"accelerator": ACCELERATORS["slice"]})
    assert container(pod)["resources"]["limits"]["nvidia.com/mig-1g.10gb"] == "1"


def test_spot_nodes_are_preferred_and_the_others_are_the_fallback():
    pod = served(**GPUS, devices={"accelerator": ACCELERATORS["spot"]})
    [term] = pod["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    chosen = {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot"]}
    assert term["preference"] == {"matchExpressions": [chosen]}
    assert pod["tolerations"][1] == {"key": "spot", "operator": "Equal", "value": "true", "effect": "NoSchedule"}
    assert "requiredDuringSchedulingIgnoredDuringExecution" not in pod["affinity"]["nodeAffinity"]


def test_several_devices_share_memory_and_one_needs_none():
    one = served(**GPUS, devices={"accelerator": ACCELERATORS["l4"]})
    two = served(**GPUS, devices={"accelerator": ACCELERATORS["l4"], "count": 2})
    assert "shared-memory" not in volumes(one)
    assert volumes(two)["shared-memory"]["emptyDir"] == {"medium": "Memory", "sizeLimit": "8192Mi"}
    assert {"name": "shared-memory", "mountPath": "/dev/shm"} in container(two)["volumeMounts"]


def test_tolerations_of_spot_nodes_that_nothing_names_are_refused():
    with pytest.raises(ConfigError) as error:
        Accelerator.parse({"node_selector": {"a": "b"}, "spot_tolerations": [{"key": "spot"}]})
    told = "spot_tolerations are given, and spot says of no node that it is one; give its labels"
    assert [str(fault) for fault in error.value.faults] == [told]


def test_files_are_fetched_by_a_program_without_a_shell_and_checked():
    pod = served()
    [fetcher] = pod["initContainers"]
    assert fetcher["command"] == ["python", "-m", "modelberth.models.fetch"]
    assert fetcher["args"][:4:2] == ["--from", "--digest"]
    assert volumes(pod)["model"]["emptyDir"] == {"sizeLimit": "4096Mi"}
    assert container(pod)["resources"]["requests"]["ephemeral-storage"] == "5120Mi"
    [mount] = [mount for mount in container(pod)["volumeMounts"] if mount["name"] == "model"]
    assert mount["readOnly"] is True


def test_an_oci_image_is_mounted_and_nothing_runs_before_the_server():
    foundation = {**EVERYTHING, "models": {"oci": "ghcr.io/acme/models"}}
    pod = pod_of(objects(foundation=foundation)["ranker--1-4-0"])
    reference = f"ghcr.io/acme/models/ranker@sha256:{'1' * 64}"
    assert volumes(pod)["model"] == {
        "name": "model", "image": {"reference": reference, "pullPolicy": "IfNotPresent"},
    }  # fmt: skip
    assert "initContainers" not in pod
    assert container(pod)["resources"]["requests"]["ephemeral-storage"] == "1024Mi"


def test_a_registry_is_asked_as_somebody_whose_secret_is_a_file_of_the_fetching_container_alone():
    credentials = {"secret": "registry", "key": "token", "variable": "TOKEN_FILE"}
    foundation = {**EVERYTHING, "models": {"mlflow": "https://mlflow.example", "credentials": credentials}}
    pod = pod_of(objects(foundation=foundation)["ranker--1-4-0"])
    [fetcher] = pod["initContainers"]
    environment = {each["name"]: each["value"] for each in fetcher["env"]}
    assert environment["MLFLOW_TRACKING_URI"] == "https://mlflow.example"
    assert environment["TOKEN_FILE"] == "/var/run/secrets/models/token"
    assert "model-credentials" in {mount["name"] for mount in fetcher["volumeMounts"]}
    assert "model-credentials" not in {mount["name"] for mount in container(pod)["volumeMounts"]}


def test_its_priority_and_its_secrets_for_images_are_named():
    pod = served(priority_class="models")
    assert pod["priorityClassName"] == "models"
    assert pod["imagePullSecrets"] == [{"name": "registry"}]
    assert "priorityClassName" not in served()


def test_it_is_spread_where_there_is_room():
    first, second = served()["topologySpreadConstraints"]
    assert (first["topologyKey"], second["topologyKey"]) == ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    assert {first["whenUnsatisfiable"], second["whenUnsatisfiable"]} == {"ScheduleAnyway"}


def test_its_image_may_be_another():
    assert container(served())["image"] == IMAGE
    other = IMAGE.replace("serving", "mine")
    assert container(served(image=other))["image"] == other


def test_its_labels_tell_the_service_the_version_and_the_owner():
    made = objects(labels=LABELS)["ranker--1-4-0"]["spec"]["template"]["metadata"]["labels"]
    assert made["app.kubernetes.io/version"] == "1.4.0"
    assert made["modelberth.dev/owner"] == "search"


def test_a_server_that_runs_in_no_container_or_tells_no_port_is_refused():
    for runtime, told in (
        ("seldon-v2-triton", "seldon-core-2 brings it along"),
        ("flask", "flask says of no port that requests come to it"),
    ):
        with pytest.raises(ConfigError, match=told if runtime == "flask" else "brought along by seldon-core-2"):
            objects(server={"runtime": runtime, "resources": SIZE})
