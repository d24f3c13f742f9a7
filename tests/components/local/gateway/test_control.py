"""A gateway is started, changed, refused and stopped, and leaves nothing."""

import json
import os
import stat
import time
from pathlib import Path

import psutil
import pytest
from components.local.gateway.wire import KEY, NEW, OLD, digest, request

from modelberth.core.errors import ModelberthError
from modelberth.local import encryption, sockets
from modelberth.local.gateway import admin, control, files
from modelberth.local.gateway.discovery import SUBSCRIPTIONS, file_of


def test_the_command_holds_no_secret_and_nothing_in_shared_memory(settings):
    line = control.command(settings())
    assert Path(line[0]).is_file()
    assert "--disable-hot-restart" in line
    assert not [part for part in line if KEY in part or digest(KEY) in part]


def test_no_envoy_for_this_machine_is_one_clear_message(settings, monkeypatch):
    monkeypatch.setattr(control, "distribution", lambda _: (_ for _ in ()).throw(control.PackageNotFoundError()))
    with pytest.raises(ModelberthError, match=r"no Envoy for the local gateway; got .*; allowed: .*; install"):
        control.command(settings())


def test_writing_twice_gives_the_same_files(settings):
    wanted = settings()
    files.write(wanted)
    first = {file: file.read_text() for file in wanted.directory.rglob("*.json")}
    files.write(wanted)
    assert {file: file.read_text() for file in wanted.directory.rglob("*.json")} == first
    assert {file.stem for file in (wanted.directory / "xds").iterdir()} == set(SUBSCRIPTIONS)


def test_a_folder_that_is_a_link_is_refused(settings, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelberthError, match="link: not a folder of this user's"):
        files.write(settings(directory=tmp_path / "link"))


@pytest.mark.server
def test_validation_accepts_what_is_good_and_tells_envoys_reason(settings, issuer, tmp_path):
    control.validate(settings(jwt=issuer.settings, rate={"per_second": 0.5, "burst": 3}))
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    with pytest.raises(ModelberthError, match="gateway iris: Envoy refuses the configuration"):
        control.validate(settings(certificate=broken))


@pytest.mark.server
def test_nothing_is_readable_by_others_and_no_key_is_in_a_file(start):
    gateway = start()
    gateway.call()
    directory = gateway.settings.directory
    for path in (directory, *directory.rglob("*")):
        mode = path.lstat().st_mode
        assert mode & 0o777 == (0o700 if stat.S_ISDIR(mode) else 0o600), path
    assert stat.S_ISSOCK((directory / "admin.sock").lstat().st_mode)
    assert not [file for file in directory.rglob("*") if file.is_file() and KEY in file.read_text()]


@pytest.mark.server
def test_only_loopback_listens(start):
    gateway = start()
    listening = [c.laddr for c in psutil.Process(gateway.process.pid).net_connections() if c.status == "LISTEN"]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert {address.port for address in listening} == {gateway.settings.port, gateway.settings.metrics_port}


@pytest.mark.server
def test_nothing_stays_after_the_stop(start):
    shared = set(Path("/dev/shm").iterdir()) if Path("/dev/shm").is_dir() else set()
    gateway = start()
    gateway.call()
    children = psutil.Process(gateway.process.pid).children(recursive=True)
    gateway.process.terminate()
    assert gateway.process.wait(10) == 0
    files.remove(gateway.settings.directory)
    assert not [child for child in children if child.is_running()]
    assert (set(Path("/dev/shm").iterdir()) if Path("/dev/shm").is_dir() else set()) == shared
    assert not gateway.settings.directory.exists()
    assert control.serving(gateway.settings.directory) == {}
    assert "no gateway" in str(control.failure(gateway.settings.directory, OLD))


@pytest.mark.server
def test_a_long_path_gets_its_socket_elsewhere_and_it_goes_too(start, tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    gateway = start(directory=deep)
    admin_socket = files.admin_socket_in(deep)
    assert admin_socket is not None
    assert len(os.fsencode(admin_socket)) <= sockets.LONGEST
    assert not admin_socket.is_relative_to(deep)
    assert admin_socket.parent.stat().st_mode & 0o777 == 0o700
    assert control.serving(deep) == {OLD: 100, NEW: 0}
    gateway.process.terminate()
    gateway.process.wait(10)
    files.remove(deep)
    assert not admin_socket.parent.exists()


@pytest.mark.server
def test_a_killed_gateway_starts_again_on_its_ports(start, backends):
    gateway = start()
    with gateway.wire() as wire:
        wire.send(request())
        gateway.process.kill()
        gateway.process.wait()
    again = start(port=gateway.settings.port, metrics_port=gateway.settings.metrics_port)
    assert again.call().status == 200


@pytest.mark.server
def test_a_port_that_is_taken_is_told_with_envoys_reason(start, tmp_path):
    first = start()
    with pytest.raises(ModelberthError, match=r"not ready after 1 s; Envoy says: .*(?i:address already in use)"):
        start(port=first.settings.port, directory=tmp_path / "second", ready_seconds=1)


@pytest.mark.server
def test_a_change_that_envoy_refuses_is_undone_as_a_whole(start, backends):
    gateway = start()
    before = {name: file_of(gateway.settings.directory, name).read_text() for name in SUBSCRIPTIONS}
    taken = {"port": backends[OLD], "backends": {OLD: 1}, "weights": {OLD: 100}, "key_hashes": {}}
    with pytest.raises(ModelberthError, match="refuses the new listeners; the old serve on"):
        control.change(gateway.settings.model_copy(update=taken))
    assert {name: file_of(gateway.settings.directory, name).read_text() for name in SUBSCRIPTIONS} == before
    assert gateway.call().status == 200
    assert control.serving(gateway.settings.directory) == {OLD: 100, NEW: 0}


@pytest.mark.server
def test_a_change_that_does_not_validate_touches_nothing(start, tmp_path):
    gateway = start()
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    before = admin.stats(gateway.settings.directory)["cluster_manager.cds.update_attempt"]
    with pytest.raises(ModelberthError, match="refuses the configuration"):
        control.change(gateway.settings.model_copy(update={"certificate": broken, "weights": {OLD: 0, NEW: 100}}))
    assert admin.stats(gateway.settings.directory)["cluster_manager.cds.update_attempt"] == before
    assert gateway.call().headers["x-model-version"] == OLD


@pytest.mark.server
def test_a_change_to_the_same_settings_does_nothing(start):
    gateway = start()
    before = {name: file_of(gateway.settings.directory, name).stat().st_mtime_ns for name in SUBSCRIPTIONS}
    control.change(gateway.settings)
    assert {name: file_of(gateway.settings.directory, name).stat().st_mtime_ns for name in SUBSCRIPTIONS} == before


@pytest.mark.server
def test_a_change_of_a_gateway_that_does_not_run_says_so(settings):
    wanted = settings()
    files.write(wanted)
    with pytest.raises(admin.NotRunningError, match="the gateway does not answer"):
        control.change(wanted.model_copy(update={"weights": {OLD: 50, NEW: 50}}))


@pytest.mark.server
def test_a_renewed_certificate_is_used_without_a_restart(start, authority, tmp_path):
    gateway = start()
    fresh = encryption.issue(authority, tmp_path / "renewed")
    with gateway.wire() as wire:
        old = wire.sock.getpeercert(binary_form=True)
        change = {"certificate": fresh.certificate, "private_key": fresh.private_key}
        control.change(gateway.settings.model_copy(update=change))
        assert wire.send(request()).status == 200, "an open connection goes on"
    with gateway.wire() as wire:
        assert wire.sock.getpeercert(binary_form=True) != old
        assert wire.send(request()).status == 200


@pytest.mark.server
def test_a_certificate_renewed_in_place_is_used_by_itself(start, authority, free_port):
    gateway = start()

    def shown():
        with gateway.wire() as wire:
            assert wire.send(request()).status == 200
            return wire.sock.getpeercert()["serialNumber"]

    first, end = shown(), time.monotonic() + 5
    encryption.issue(authority, gateway.settings.certificate.parent, ("localhost", "127.0.0.1"))
    while shown() == first:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.server
def test_every_setting_but_the_name_changes_while_it_serves(start, issuer, free_port):
    gateway = start()
    port = free_port()
    live = {
        "port": port,
        "jwt": issuer.settings,
        "rate": {"per_second": 5, "burst": 9},
        "max_body_bytes": 10,
        "paths": ("/predict", "/other"),
        "timeout": 5,
        "labels": {"owner": "me"},
    }
    wanted = type(gateway.settings).parse({**gateway.settings.model_dump(), **live})
    assert not control.needs_restart(wanted)
    control.change(wanted)
    gateway.settings = wanted
    assert gateway.call("/other").headers["x-ratelimit-limit"].startswith("9")
    assert gateway.call(body=b"x" * 11).status == 413
    assert gateway.call("/predict", f"authorization: Bearer {issuer.sign()}", key=None).status == 200


def test_the_bootstrap_is_json_without_secrets(settings):
    wanted = settings()
    files.write(wanted)
    text = files.bootstrap_file(wanted.directory).read_text()
    assert json.loads(text)["node"] == {"id": "iris", "cluster": "iris"}
    assert digest(KEY) not in text


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_text("")], ids=["gone", "empty"])
@pytest.mark.parametrize("name", ["bootstrap", "xds/routes"])
def test_a_file_that_is_gone_or_damaged_needs_a_restart(settings, name, damage):
    wanted = settings()
    files.write(wanted)
    assert not control.needs_restart(wanted)
    damage(wanted.directory / f"{name}.json")
    assert control.needs_restart(wanted)
    assert not control.is_applied(wanted)
    assert control.serving(wanted.directory) == {}


@pytest.mark.server
@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(28, "disk full")], ids=["interrupt", "disk"])
def test_a_change_that_is_cut_off_is_undone_as_a_whole(start, monkeypatch, failure):
    gateway = start()
    before = {name: file_of(gateway.settings.directory, name).read_text() for name in SUBSCRIPTIONS}
    confirm = control.confirm

    def cut_off(settings, name, version, *rest):
        if name == "routes" and version != json.loads(before["routes"])["version_info"]:
            raise failure
        confirm(settings, name, version, *rest)

    monkeypatch.setattr(control, "confirm", cut_off)
    wanted = gateway.settings.model_copy(update={"weights": {OLD: 50, NEW: 50}, "key_hashes": {}})
    with pytest.raises(type(failure)):
        control.change(wanted)
    assert {name: file_of(gateway.settings.directory, name).read_text() for name in SUBSCRIPTIONS} == before
    assert control.is_applied(gateway.settings)
    assert gateway.call().status == 200


@pytest.mark.server
def test_what_was_changed_before_envoy_died_is_undone_for_its_next_start(start, monkeypatch):
    gateway = start()
    before = {name: file_of(gateway.settings.directory, name).read_text() for name in SUBSCRIPTIONS}
    confirm = control.confirm

    def die(settings, name, *rest):
        if name == "routes":
            gateway.process.kill()
            gateway.process.wait()
        confirm(settings, name, *rest)

    monkeypatch.setattr(control, "confirm", die)
    with pytest.raises(admin.NotRunningError):
        control.change(gateway.settings.model_copy(update={"weights": {OLD: 50, NEW: 50}, "key_hashes": {}}))
    assert {name: file_of(gateway.settings.directory, name).read_text() for name in SUBSCRIPTIONS} == before


@pytest.mark.server
def test_a_file_that_envoy_did_not_take_is_given_to_it_again(start):
    gateway = start()
    wanted = gateway.settings.model_copy(update={"weights": {OLD: 50, NEW: 50}})
    # Written in place: Envoy watches renames.
    file_of(wanted.directory, "routes").write_text(json.dumps(files.resources(wanted)["routes"]))
    assert not control.is_applied(wanted)
    control.change(wanted)
    assert control.is_applied(wanted)
    assert control.serving(wanted.directory) == {OLD: 50, NEW: 50}
