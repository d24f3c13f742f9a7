"""What goes wrong on a machine gets one clear message, and nothing is lost."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from traffic import Client

from modelberth.stack.files import read_yaml
from workspace import Workspace

pytestmark = [pytest.mark.engine, pytest.mark.server]


@pytest.fixture(scope="module")
def client(workspace: Workspace) -> Client:
    workspace.roll(candidate=None)
    workspace.up("--skip-preview")
    outputs = workspace.outputs()
    return Client(outputs["endpoints"]["iris"], outputs["api_keys"]["iris"]["web"])


@pytest.fixture(autouse=True)
def _files_as_they_were(workspace: Workspace, client: Client) -> Iterator[None]:
    # Not the rollouts file: what the stack has carried out must not be taken back.
    kept = {file: file.read_text() for file in (workspace.folder / "stacks/config").glob("P*.yaml")}
    yield
    for file, content in kept.items():
        file.write_text(content)


def _fails(workspace: Workspace, *arguments: str) -> str:
    done = workspace.pulumi("up", "--stack", "local", "--yes", *arguments, check=False)
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert "Traceback" not in said, said
    return said


def _files_of(workspace: Workspace, version: str) -> Path:
    from modelberth.local.registry import tracking_uri
    from modelberth.models.mlflow_registry import client, resolve

    return resolve(client(tracking_uri(workspace.runtime)), f"models:/iris/{version}").files


def test_altered_model_is_refused_and_the_old_version_serves_on(workspace: Workspace, client: Client) -> None:
    file = next(_files_of(workspace, "1.1.0").glob("*.skops"))
    model = file.read_bytes()
    file.write_bytes(model + b"more")
    workspace.roll(candidate="1.1.0", weight=10)
    said = _fails(workspace, "--skip-preview")
    assert "model models:/iris/1.1.0: its files have digest sha256:" in said
    assert "it was altered: put the files back" in said
    assert client.predict()[1]["model_version"] == "1.0.0"
    file.write_bytes(model)
    workspace.up("--skip-preview")
    assert set(client.split(100)) == {"1.0.0", "1.1.0"}
    workspace.roll(candidate=None, weight=0)
    workspace.up("--skip-preview")


def test_unknown_version_lists_those_that_there_are(workspace: Workspace, client: Client) -> None:
    before = workspace.rollouts.read_text()
    workspace.roll(candidate="7.0.0")
    said = _fails(workspace)
    workspace.rollouts.write_text(before)
    assert "services.iris.model: models:/iris/7.0.0 has no digest; run `modelberth pin`, or give model.digest" in said


def test_all_faults_of_the_file_in_one_message(workspace: Workspace, client: Client) -> None:
    workspace.configure(on="locall", size={"cpu": -1}, scael={})
    said = _fails(workspace)
    assert "Pulumi.local.yaml: 2 faults" in said
    assert "modelberth:stack.services.iris.scael: no such field" in said
    assert "did you mean 'scale'?" in said
    assert "modelberth:stack.services.iris.size.cpu: got -1, input should be greater than 0" in said


def test_what_the_machine_cannot_honour_is_refused_by_name(workspace: Workspace, client: Client) -> None:
    workspace.configure(scale={"min": 2, "max": 4}, slo={"p95": "200ms"})
    said = _fails(workspace)
    assert "services.iris.scale.min" in said
    assert "services.iris.slo" in said
    assert "local cannot honour" in said


def test_taken_port_names_the_port(workspace: Workspace, client: Client) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        workspace.configure(native={"port": port})
        said = _fails(workspace, "--skip-preview")
        assert f"iris-gateway: port {port} is taken by another program" in said
    workspace.configure(native={})
    workspace.up("--skip-preview", "--refresh")
    assert _fresh(workspace).predict()[0] == 200


def test_wrong_passphrase_is_one_message_and_changes_nothing(workspace: Workspace, client: Client) -> None:
    passphrase = Path(workspace.environment["PULUMI_CONFIG_PASSPHRASE_FILE"])
    right = passphrase.read_text()
    passphrase.write_text("another one")
    said = _fails(workspace)
    assert "incorrect passphrase" in said
    passphrase.write_text(right)
    workspace.up("--skip-preview", "--expect-no-changes")


def test_expired_certificate_is_renewed_by_an_up(workspace: Workspace, client: Client) -> None:
    from modelberth.local import encryption

    folder = workspace.runtime / "tls"
    old = (folder / "server.pem").read_text()
    days = encryption.SERVER_DAYS
    encryption.SERVER_DAYS = 0  # an authority that signs for no time at all
    try:
        (folder / "server.pem").unlink()
        encryption.issue(encryption.ensure_authority(folder), folder)
    finally:
        encryption.SERVER_DAYS = days
    workspace.up("--skip-preview")
    assert (folder / "server.pem").read_text() != old
    assert _fresh(workspace).predict()[0] == 200


def test_damaged_registry_is_told_from_a_missing_one(workspace: Workspace, client: Client) -> None:
    database = workspace.runtime / "registry/registry.db"
    content = database.read_bytes()
    database.write_bytes(b"not a database" * 100)
    said = _fails(workspace, "--refresh")
    assert "damaged" in said
    database.write_bytes(content)
    workspace.up("--skip-preview", "--refresh", "--expect-no-changes")


def _fresh(workspace: Workspace) -> Client:
    outputs = workspace.outputs()
    return Client(outputs["endpoints"]["iris"], outputs["api_keys"]["iris"]["web"])


def test_configuration_survived_all_of_it(workspace: Workspace, client: Client) -> None:
    assert read_yaml(workspace.config)["config"]["modelberth:stack"]["services"]["iris"]["on"] == "local"
    assert json.dumps(workspace.state())
    assert _files_of(workspace, "1.0.0").is_dir()
