"""The gateway's files: written so that a reader, also after a crash, sees the old content or the new, never half."""

import json
import os
import shutil
import tempfile
from pathlib import Path

from modelberth.local.gateway import backends, rollout
from modelberth.local.gateway.bootstrap import admin_socket_of, bootstrap, private_folder
from modelberth.local.gateway.config import GatewaySettings
from modelberth.local.gateway.discovery import SUBSCRIPTIONS, Json, file_of, response
from modelberth.local.gateway.listener import certificate_secret, filter_resources, listener
from modelberth.local.gateway.monitoring import metrics_listener


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
    admin_socket = admin_socket_of(directory)
    for folder in (directory, directory / "xds", admin_socket.parent):
        private_folder(folder)
    # Envoy would make it readable by all.
    os.close(os.open(engine_log_file(directory), os.O_CREAT | os.O_APPEND, 0o600))
    for name, content in resources(settings).items():
        replace(file_of(directory, name), json.dumps(content))
    replace(bootstrap_file(directory), json.dumps(bootstrap(settings, admin_socket)))


def remove(directory: Path) -> None:
    """Takes away all that `write` and Envoy made, once Envoy has ended."""
    admin_socket = admin_socket_in(directory)
    if admin_socket is not None and admin_socket.parent != directory:
        shutil.rmtree(admin_socket.parent, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def bootstrap_file(directory: Path) -> Path:
    """The file that Envoy starts from."""
    return directory / "bootstrap.json"


def engine_log_file(directory: Path) -> Path:
    """What Envoy says of itself."""
    return directory / "envoy.log"


def admin_socket_in(directory: Path) -> Path | None:
    """The admin socket of a gateway that was written. None: nothing was."""
    try:
        content = json.loads(bootstrap_file(directory).read_text())
    except FileNotFoundError:
        return None
    return Path(content["admin"]["address"]["pipe"]["path"])


def replace(path: Path, text: str) -> None:
    """Puts a text in place of a file at once, readable by this user only, also after a loss of power."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
