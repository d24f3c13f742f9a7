"""A cluster that does not answer, or of which the kubeconfig knows nothing. One test after the other on one stack."""

import socket
from pathlib import Path

import pytest
import yaml
from kubernetes_workspace import KubernetesWorkspace, WorkspaceFactory, summary

from cluster.control_plane import Cluster

pytestmark = pytest.mark.engine

PROGRAM = 'k8s.core.v1.ConfigMap("words", data={"a": "b"}, opts=opts())'


@pytest.fixture(scope="module")
def place(kubernetes_workspace: WorkspaceFactory) -> KubernetesWorkspace:
    return kubernetes_workspace(PROGRAM, cluster_identifier="one")


def nowhere(folder: Path, kubeconfig: Path) -> Path:
    """A kubeconfig whose server does not answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = yaml.safe_load(kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"
    (folder / "nowhere").write_text(yaml.safe_dump(config))
    return folder / "nowhere"


def test_context_that_is_not_there(place: KubernetesWorkspace) -> None:
    right = place.environment["MODELBERTH_TEST_CONTEXT"]
    place.environment["MODELBERTH_TEST_CONTEXT"] = "elsewhere"
    assert 'context "elsewhere" does not exist in the kubeconfig' in place.fails()
    place.environment["MODELBERTH_TEST_CONTEXT"] = right


def test_preview_does_without_the_cluster_and_up_says_so_once(place: KubernetesWorkspace, cluster: Cluster) -> None:
    place.use_cluster(nowhere(place.folder, cluster.kubeconfig))
    assert "configured Kubernetes cluster is unreachable" in place.preview()
    said = place.fails()
    # In the lines of progress it stands as well, which a terminal overwrites.
    diagnostics = said.partition("Diagnostics:")[2]
    assert diagnostics.count("configured Kubernetes cluster is unreachable: https://127.0.0.1:") == 1
    assert "Connection refused" in said and "Traceback" not in said
    place.use_cluster(cluster.kubeconfig)


def test_cluster_that_is_gone_is_forgotten_on_demand(place: KubernetesWorkspace, cluster: Cluster) -> None:
    place.up()
    # The identifier says that it is the same cluster, so nothing is made anew and nobody is asked.
    place.use_cluster(nowhere(place.folder, cluster.kubeconfig))
    assert summary(place.up())["unchanged"] >= 1
    place.configure()
    place.write_program(PROGRAM)
    assert "to replace" in place.preview(), "without an identifier it is another cluster"
    said = place.destroy(check=False)
    assert "PULUMI_K8S_DELETE_UNREACHABLE" in said
    assert "words" in place.resources()
    place.environment["PULUMI_K8S_DELETE_UNREACHABLE"] = "true"
    place.destroy()
    assert place.resources() == {}
