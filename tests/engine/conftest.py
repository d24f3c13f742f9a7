"""The real engine, a registry with the sample models made once, and a workspace per test module."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "tools/workspace")]

from traffic import Client  # noqa: E402

from workspace import Workspace, environment_for_tests  # noqa: E402


@pytest.fixture(scope="session")
def engine() -> dict[str, str]:
    """Environment in which `pulumi` is the engine that the tests run on."""
    return environment_for_tests()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runtime directory with the sample models and their pins. Copied, never used in place."""
    import samples

    from modelberth.local.registry import tracking_uri
    from modelberth.models import mlflow_registry, pins

    directory = tmp_path_factory.mktemp("registry")
    samples.register(directory)
    uris = [f"models:/{samples.NAME}/{sample.version}" for sample in samples.SAMPLES]
    pins.write(directory / "pins.local.yaml", mlflow_registry.client(tracking_uri(directory)), uris)
    return directory


@pytest.fixture(scope="module")
def workspace(engine: dict[str, str], registry: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A checkout of its own for a test module."""
    place = Workspace(tmp_path_factory.mktemp("a checkout"), engine, registry)
    try:
        place.init()
        yield place
    finally:
        place.end()


@pytest.fixture(scope="module")
def client(workspace: Workspace) -> Client:
    """The caller `web` of the sample service, once it is up."""
    workspace.up()
    outputs = workspace.outputs()
    return Client(outputs["endpoints"]["iris"], outputs["api_keys"]["iris"]["web"])
