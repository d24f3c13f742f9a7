"""Every example is a program that the real engine brings up, short enough to be read at once."""

import ast
import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from traffic import Client

from workspace import REPOSITORY, Workspace

pytestmark = [pytest.mark.engine, pytest.mark.server]

EXAMPLES = sorted(path.parent.name for path in (REPOSITORY / "examples").glob("*/Pulumi.yaml"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_is_short_and_explained(name: str) -> None:
    lines = (REPOSITORY / "examples" / name / "__main__.py").read_text().splitlines()
    assert len(lines) <= 40
    assert (REPOSITORY / "examples" / name / "README.md").read_text().startswith("# ")


def test_local_endpoint_is_ten_lines_of_the_users() -> None:
    tree = ast.parse((REPOSITORY / "examples/local-endpoint/__main__.py").read_text())
    assert len(tree.body) <= 10


@pytest.fixture
def place(engine: dict[str, str], registry: Path, tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path, engine, registry)
    example = workspace.folder / "example"
    shutil.copytree(REPOSITORY / "examples/local-endpoint", example)
    project = yaml.safe_load((example / "Pulumi.yaml").read_text())
    project["runtime"]["options"]["virtualenv"] = sys.prefix
    (example / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    models, workspace.folder = workspace.runtime, example
    workspace.runtime = example / ".modelberth/trial"
    try:
        workspace.pulumi("stack", "init", "trial")
        workspace.pulumi("config", "set", "registry", f"sqlite:///{models}/registry/registry.db")
        pins = yaml.safe_load((tmp_path / "stacks/config/pins.local.yaml").read_text())
        workspace.pulumi("config", "set", "digest", pins["models:/iris/1.0.0"])
        yield workspace
    finally:
        workspace.end()


def test_local_endpoint_serves(place: Workspace) -> None:
    began = time.monotonic()
    place.pulumi("up", "--yes", "--skip-preview")
    print(f"examples/local-endpoint: up in {time.monotonic() - began:.1f} s")
    outputs = json.loads(place.pulumi("stack", "output", "--json", "--show-secrets").stdout)
    authority = place.runtime / "tls/authority/ca.pem"
    client = Client({"url": outputs["url"], "ca_certificate_file": authority}, outputs["api_keys"]["web"])
    assert client.predict() == (200, {"predictions": [0], "model": "iris", "model_version": "1.0.0"})
    place.pulumi("destroy", "--yes", "--skip-preview")
    assert place.processes() == []
