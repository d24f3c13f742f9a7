"""A model server on this machine: one process for one version of a model, kept up by the supervisor.

Known limit: its port on 127.0.0.1 asks for no key. Keys, tokens and limits are the gateway's, and any process of this
machine can call past it.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, Resource

from modelberth.core.config import Config, In
from modelberth.core.errors import ModelberthError
from modelberth.core.model import ModelVersion
from modelberth.local import ports, processes, supervisord
from modelberth.local.config import DRAIN_SECONDS
from modelberth.local.resource import SCHEMA_VERSION, MachineProvider, explained
from modelberth.models.digest import is_unaltered, verify
from modelberth.models.mlflow_registry import client, resolve
from modelberth.runtimes import fill

READY_SECONDS = 120
"""How long a model may take to load. One minute is much for a model that fits on a plain machine."""


class ModelServerArgs(Config):
    """What one process needs to know."""

    directory: In[str]
    """The runtime directory, with its supervisor."""
    registry: In[str]
    """MLflow tracking URI of the registry that knows the model."""
    service: str
    """Name of the service."""
    model: ModelVersion
    """What it serves. Its files are checked against the digest when it is made and at every refresh."""
    command: tuple[str, ...]
    """Command line, with {model}, {name}, {version}, {host}, {port} to be filled in."""
    environment: dict[str, str]
    """Environment of the process, beside PATH, HOME and the locale."""
    ready_path: str
    """Path that answers 200 when the model is loaded."""


def program_name(service: str, version: str, definition: Mapping[str, Any]) -> str:
    """Name of the program: the same definition gives the same name, so a retry finds what a crash left."""
    content = json.dumps({key: definition[key] for key in sorted(definition) if not key.startswith("__")})
    return f"{service}-{version}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


class _Provider(MachineProvider):
    # A new process in place of every changed one, ready before the old one ends: nobody waits for a model to load.
    replace_on = ("directory", "service", "uri", "version", "digest", "command", "environment", "ready_path",
                  "schema_version")  # fmt: skip

    def create(self, props: dict[str, Any]) -> CreateResult:
        directory = Path(props["directory"])
        name = program_name(props["service"], props["version"], props)
        with explained(f"model server {name}"):
            files = _checked_files(props["registry"], props["uri"], props["digest"])
            port = _start(directory, name, props, files)
        return CreateResult(name, {**props, "port": port, "files": str(files)})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        directory, port = Path(props["directory"]), int(props["port"])
        if not is_unaltered(Path(props["files"]), props["digest"]):
            return ReadResult("", props)  # so that it is made anew, which says what is wrong
        known = supervisord.state_of(directory, id_) in ("STARTING", "RUNNING", "BACKOFF")
        back = known and _comes_back(directory, id_, port, address_of(port, props["ready_path"]))
        return ReadResult(id_ if back else "", props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        directory = Path(_props["directory"])
        if directory.is_dir():
            supervisord.remove_program(directory, _id)
            ports.release(directory, _id)


def _checked_files(registry: str, uri: str, digest: str) -> Path:
    registered = resolve(client(registry), uri)
    verify(registered.files, digest, uri)
    return registered.files


def _start(directory: Path, name: str, props: Mapping[str, Any], files: Path) -> int:
    supervisord.remove_program(directory, name)
    values = {"model": str(files), "name": props["service"], "version": props["version"], "host": "127.0.0.1"}

    def start(port: int) -> None:
        ready = address_of(port, props["ready_path"])
        command = fill(props["command"], {**values, "port": port})
        try:
            supervisord.run_program(directory, name, command, props["environment"], ready, DRAIN_SECONDS + 5)
            wait_until_ready(directory, name, port, ready)
        except BaseException:
            # A create that fails leaves no entry in the state, so nobody else would ever end this process.
            supervisord.remove_program(directory, name)
            raise

    return ports.started(directory, name, ports.INTERNAL, start)


def wait_until_ready(directory: Path, name: str, port: int, address: str, patience: float = READY_SECONDS) -> None:
    """Return when the server answers. Raises with the end of its log when it gives up or takes too long."""
    end = time.monotonic() + patience
    restarts: set[int] = set()
    while time.monotonic() < end:
        if _serves(directory, name, port, address):
            return
        restarts.add(supervisord.pid_of(directory, name))
        if len(restarts - {0}) > 2:
            raise ModelberthError(f"model server {name} ends as soon as it starts; it says: {_says(directory, name)}")
        time.sleep(0.1)
    raise ModelberthError(f"model server {name} is not ready after {patience:g} s; it says: {_says(directory, name)}")


def address_of(port: int, path: str) -> str:
    """Where a server on this machine says whether it can predict."""
    return f"http://127.0.0.1:{port}{path}"


def _serves(directory: Path, name: str, port: int, address: str) -> bool:
    # The answer alone proves nothing: another program may have taken the port.
    return processes.answers(address) and processes.listens(supervisord.pid_of(directory, name), port)


def _comes_back(directory: Path, name: str, port: int, address: str, patience: float = 20) -> bool:
    end = time.monotonic() + patience
    while not _serves(directory, name, port, address):
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _says(directory: Path, name: str) -> str:
    return " / ".join(supervisord.last_lines(directory, name, 3)) or "nothing"


class ModelServer(Resource, module="modelberth", name="ModelServer"):
    """One running version. Its port is claimed for as long as it exists."""

    port: pulumi.Output[int]
    """Port on 127.0.0.1, for the gateway only."""

    def __init__(self, name: str, args: ModelServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        props = {
            "directory": args.directory,
            "registry": args.registry,
            "service": args.service,
            "uri": args.model.uri,
            "version": args.model.version,
            "digest": args.model.digest,
            "command": list(args.command),
            "environment": args.environment,
            "ready_path": args.ready_path,
            "port": None,
            "files": None,
            "schema_version": SCHEMA_VERSION,
        }
        super().__init__(_Provider(), name, props, opts)
