"""The gateway's files: written so that a reader, also after a crash, sees the old content or the new, never half."""

import json
import os
import shutil
from pathlib import Path

from modelberth.core.files import private_folder, write_atomically
from modelberth.local.gateway import backends, rollout
from modelberth.local.gateway.bootstrap import bootstrap
from modelberth.local.gateway.config import GatewaySettings
from modelberth.local.gateway.discovery import SUBSCRIPTIONS, Json, file_of, response
from modelberth.local.gateway.listener import certificate_secret, filter_resources, listener
from modelberth.local.gateway.monitoring import metrics_listener
from modelberth.local.sockets import forget_sockets, socket_path


def resources(settings: GatewaySettings) -> dict[str, Json]:
    """The content of each resource file, by its name."""
    found = {
        "certificate": [certificate_secret(settings)],
        "clusters": backends.clusters(settings),
        "routes": [rollout.routes(settings)],
        "listeners": [listener(settings), metrics_listener(settings)],
        **{name: [resource] for name, resource in filter_resources(settings).items()},
    }
    return {name: response(found[name]) for name in SUBSCRIPTIONS}


def write(settings: GatewaySettings) -> None:
    """Writes all that Envoy starts from. While it runs, use `change`, which keeps the order and asks Envoy."""
    directory = settings.directory
    for folder in (directory, directory / "xds"):
        private_folder(folder)
    # Envoy would make it readable by all.
    os.close(os.open(engine_log_file(directory), os.O_CREAT | os.O_APPEND, 0o600))
    for name, content in resources(settings).items():
        write_atomically(file_of(directory, name), json.dumps(content))
    write_atomically(bootstrap_file(directory), json.dumps(started_from(settings)))


def started_from(settings: GatewaySettings) -> Json:
    """What Envoy reads at its start only."""
    return bootstrap(settings, socket_path(settings.directory, "admin"))


def contents(directory: Path) -> dict[Path, str]:
    """The text of each file that `write` made."""
    found = (bootstrap_file(directory), *(file_of(directory, name) for name in SUBSCRIPTIONS))
    return {file: file.read_text() for file in found if file.exists()}


def read_json(file: Path) -> Json | None:
    """What a file holds. None: it is not there, or damaged."""
    try:
        content = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def remove(directory: Path) -> None:
    """Takes away all that `write` and Envoy made, once Envoy has ended."""
    forget_sockets(directory)
    shutil.rmtree(directory, ignore_errors=True)


def bootstrap_file(directory: Path) -> Path:
    """The file that Envoy starts from."""
    return directory / "bootstrap.json"


def engine_log_file(directory: Path) -> Path:
    """What Envoy says of itself."""
    return directory / "envoy.log"


def admin_socket_in(directory: Path) -> Path | None:
    """The admin socket of a gateway that was written. None: nothing was, or it is damaged."""
    content = read_json(bootstrap_file(directory))
    return None if content is None else Path(content["admin"]["address"]["pipe"]["path"])
