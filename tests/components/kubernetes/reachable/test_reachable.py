"""No cluster to talk to: one message that says what, got and what to do, in seconds, and only where it matters."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest
import yaml

from modelberth.core.errors import ModelberthError
from modelberth.kubernetes import reachable
from modelberth.kubernetes.reachable import refuse_unreachable, server_of


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest.fixture(autouse=True)
def _an_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)


def kubeconfig(folder: Path, port: int, **cluster: str) -> str:
    about = {"cluster": {"server": f"https://127.0.0.1:{port}", **cluster}, "name": "c"}
    content = {"clusters": [about], "contexts": [{"name": "models", "context": {"cluster": "c", "user": "u"}}]}
    (folder / "config").write_text(yaml.safe_dump(content))
    return str(folder / "config")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as made:
        return made.getsockname()[1]


def test_cluster_that_answers_is_no_fault(server: socket.socket, tmp_path: Path) -> None:
    refuse_unreachable(kubeconfig(tmp_path, server.getsockname()[1]), "models", {})


def test_cluster_that_refuses_connections(tmp_path: Path) -> None:
    port = free_port()
    with pytest.raises(ModelberthError) as raised:
        refuse_unreachable(kubeconfig(tmp_path, port), "models", {})
    assert str(raised.value) == (
        f"cluster models: https://127.0.0.1:{port} does not answer: connection refused; "
        "is it running, and are you in its network? A preview does without it"
    )


def test_cluster_that_says_nothing_is_given_up_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "_knock", lambda *_: time.sleep(30))
    began = time.monotonic()
    with pytest.raises(ModelberthError, match="does not answer: nothing in 3 s;"):
        refuse_unreachable(kubeconfig(tmp_path, 1), "models", {})
    assert time.monotonic() - began < 5


FILES = {
    "missing": (None, "cluster.kubeconfig: {file}: No such file or directory; write the path of a kubeconfig"),
    "no YAML": ("a: [", "cluster.kubeconfig: {file} is no YAML; write the path of a kubeconfig"),
    "no map": ("- a", "cluster.context: models is not in {file}, which has: none; write one of them"),
    "another context": (
        "contexts: [{name: b, context: {}}, {name: a, context: {}}]",
        "cluster.context: models is not in {file}, which has: a, b; write one of them",
    ),
    "no cluster": (
        "contexts: [{name: models, context: {cluster: c}}]",
        "cluster.kubeconfig: {file} has no address of the cluster c; write its server",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_kubeconfig_that_does_not_lead_to_a_cluster(tmp_path: Path, case: str) -> None:
    content, message = FILES[case]
    file = tmp_path / "config"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ModelberthError) as raised:
        server_of(str(file), "models")
    assert str(raised.value) == message.format(file=file)


def test_nothing_is_asked_in_a_preview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    refuse_unreachable(str(tmp_path / "missing"), "models", {})


def test_nothing_is_asked_of_a_kubeconfig_of_another_stack() -> None:
    refuse_unreachable(pulumi.Output.from_input("apiVersion: v1"), "models", {})


@pytest.mark.parametrize("variables", [{name: "true"} for name in reachable.LEFT_OUT] + [{"HTTPS_PROXY": "http://p"}])
def test_nothing_is_tried_where_somebody_knows_better(tmp_path: Path, variables: dict[str, str]) -> None:
    refuse_unreachable(kubeconfig(tmp_path, free_port()), "models", variables)


def test_nothing_is_tried_where_the_kubeconfig_names_a_proxy(tmp_path: Path) -> None:
    refuse_unreachable(kubeconfig(tmp_path, free_port(), **{"proxy-url": "http://proxy:3128"}), "models", {})
