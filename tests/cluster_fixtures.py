"""Fixtures with a real Kubernetes API server: one control plane for a test run, a namespace for each test.

Use: `pytest_plugins = ["cluster_fixtures"]` in tests/conftest.py, or `from cluster_fixtures import …` in any other one.
"""

import json
import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cluster import admission, crds
from cluster.api import Api, Refused
from cluster.control_plane import Cluster, running

POD_SECURITY = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of a run share."""
    base = factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "control-plane"


@pytest.fixture(scope="session")
def cluster(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The cluster of this test run, without add-ons: `addons` installs their definitions."""

    def say(line: str) -> None:
        with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():  # type: ignore
            print(f"\ncluster: {line}", flush=True)

    folder = shared_folder(tmp_path_factory)
    with running(folder, say) as found:
        yield found
    _write_counts(folder)


@pytest.fixture(scope="session")
def api(cluster: Cluster) -> Iterator[Api]:
    """A client as an administrator."""
    made = cluster.api()
    yield made
    made.close()


@pytest.fixture(scope="session")
def addons(api: Api) -> Callable[..., list[str]]:
    """`addons("kserve", "keda")` installs add-ons' definitions, each once in a run; gives the definitions' names."""
    made: dict[tuple[str, ...], list[str]] = {}

    def install(*names: str) -> list[str]:
        if names not in made:
            made[names] = crds.install(api, *names)
        return made[names]

    return install


@pytest.fixture
def namespace(api: Api) -> Iterator[str]:
    """A new namespace that enforces Pod Security `restricted`; removed afterwards, which nothing waits for."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": POD_SECURITY}})
    yield name
    with suppress(Refused):
        api.delete("v1", "Namespace", name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints how many objects the API server accepted, of how many kinds, in all processes of this run."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return  # a worker's summary is seen by nobody
    accepted = _read_counts(config)
    if accepted:
        terminalreporter.section("Kubernetes API server")
        for line in admission.lines(accepted):
            terminalreporter.write_line(line)


def _write_counts(folder: Path) -> None:
    counted = [[*kind, count] for kind, count in admission.ACCEPTED.items()]
    folder.mkdir(exist_ok=True)
    (folder / f"accepted-{os.getpid()}.json").write_text(json.dumps(counted))


def _read_counts(config: pytest.Config) -> Counter[tuple[str, str]]:
    factory = getattr(config, "_tmp_path_factory", None)
    accepted: Counter[tuple[str, str]] = Counter()
    if factory is None:
        return accepted
    folder = shared_folder(factory)
    for path in sorted(folder.glob("accepted-*.json")):
        for version, kind, count in json.loads(path.read_text()):
            accepted[version, kind] += count
        path.unlink()  # said once, by whichever registration of this plugin comes first
    return accepted
