"""The gateway as a resource: what changed behind its back is seen by a refresh and put right by the next update."""

import json

import pytest
from components.local.gateway.wire import NEW, OLD

from modelberth.core.errors import ModelberthError
from modelberth.local import supervisord
from modelberth.local.gateway import control, files
from modelberth.local.gateway.discovery import file_of
from modelberth.local.gateway.gateway import _Provider, folder_of, settings_of


@pytest.fixture
def inputs(settings, tmp_path, backends):
    """What the program asks for, with servers that answer."""
    wanted = settings()
    return {
        "service": "iris",
        "directory": str(tmp_path),
        "certificate": str(wanted.certificate),
        "private_key": str(wanted.private_key),
        "backends": dict(backends),
        "weights": {OLD: 100, NEW: 0},
        "mirror": {},
        "key_hashes": wanted.key_hashes,
        "max_body_bytes": 1 << 20,
        "ready_path": "/readyz",
        "labels": {},
        "schema_version": 1,
    }


def recorded(inputs, tmp_path, port, metrics_port):
    """What the state holds of a gateway."""
    outputs = {"https_port": port, "metrics_port": metrics_port, "folder": str(folder_of(tmp_path, "iris"))}
    return {**inputs, **outputs, "applied": True}


@pytest.fixture
def served(inputs, start, tmp_path, free_port):
    """A gateway that serves what its record says, and the record."""
    ports = free_port(), free_port()
    (tmp_path / "gateways").mkdir()
    start(**settings_of(inputs, *ports).model_dump())
    return recorded(inputs, tmp_path, *ports)


@pytest.fixture
def supervised(tmp_path):
    """A directory with a supervisor, which ends with all that it started."""
    supervisord.start(tmp_path)
    try:
        yield tmp_path
    finally:
        supervisord.stop(tmp_path)


@pytest.mark.server
def test_a_change_that_was_never_recorded_is_seen_and_put_right(served, inputs):
    provider = _Provider()
    as_recorded = provider.read("iris-gateway", served)
    assert as_recorded.outs == served
    assert not provider.diff("iris-gateway", as_recorded.outs, inputs).changes

    other = settings_of({**inputs, "weights": {OLD: 0, NEW: 100}}, served["https_port"], served["metrics_port"])
    control.change(other)
    found = provider.read("iris-gateway", served)
    assert found.id == "iris-gateway"
    diff = provider.diff("iris-gateway", found.outs, inputs)
    assert (diff.changes, diff.replaces) == (True, [])

    updated = provider.update("iris-gateway", found.outs, inputs)
    assert control.serving(other.directory) == {OLD: 100, NEW: 0}
    assert updated.outs == served
    assert provider.read("iris-gateway", updated.outs).outs == served


@pytest.mark.server
def test_a_gateway_that_does_not_run_is_gone(inputs, tmp_path, free_port):
    ports = free_port(), free_port()
    outputs = recorded(inputs, tmp_path, *ports)
    (tmp_path / "gateways").mkdir()
    files.write(settings_of(inputs, *ports))
    assert _Provider().read("iris-gateway", outputs).id == ""


def test_a_refusal_of_the_system_in_an_update_is_one_sentence(inputs, tmp_path, monkeypatch):
    def full(_settings):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(control, "change", full)
    monkeypatch.setattr(control, "needs_restart", lambda _settings: False)
    with pytest.raises(ModelberthError, match=r"^gateway iris-gateway: the disk is full; free some space"):
        _Provider().update("iris-gateway", recorded(inputs, tmp_path, 8443, 18400), inputs)


@pytest.mark.server
def test_what_envoy_reads_at_its_start_only_is_changed_by_a_restart(inputs, supervised, monkeypatch):
    provider = _Provider()
    outputs = provider.create(inputs).outs
    folder, first = files.Path(outputs["folder"]), supervisord.pid_of(supervised, "iris-gateway")
    assert provider.read("iris-gateway", outputs).outs == outputs
    file = files.bootstrap_file(folder)
    wanted = json.loads(file.read_text())
    file.write_text(json.dumps({**wanted, "stats_flush_interval": "2s"}))
    found = provider.read("iris-gateway", outputs).outs
    assert provider.diff("iris-gateway", found, inputs).changes

    provider.update("iris-gateway", found, {**inputs, "schema_version": 2})
    second = supervisord.pid_of(supervised, "iris-gateway")
    assert second not in (0, first)
    assert json.loads(file.read_text()) == wanted
    assert provider.read("iris-gateway", found).outs["applied"]

    # A restart that fails brings back what was there.
    file_of(folder, "routes").unlink()
    monkeypatch.setattr(control, "wait_ready", lambda _settings: (_ for _ in ()).throw(ModelberthError("not ready")))
    before = files.contents(folder)
    with pytest.raises(ModelberthError, match="not ready"):
        provider.update("iris-gateway", found, {**inputs, "weights": {OLD: 0, NEW: 100}})
    assert {file: file.read_text() for file in before} == before
    assert supervisord.state_of(supervised, "iris-gateway") in ("STARTING", "RUNNING", "BACKOFF")


def test_a_raised_schema_version_is_an_update(inputs, tmp_path):
    outputs = recorded(inputs, tmp_path, 8443, 18400)
    diff = _Provider().diff("iris-gateway", outputs, {**inputs, "schema_version": 2})
    assert (diff.changes, diff.replaces) == (True, [])
