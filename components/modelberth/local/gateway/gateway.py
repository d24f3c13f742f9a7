"""The gateway as a Pulumi resource: what the stack wants becomes settings, and Envoy is brought to them."""

import contextlib
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from modelberth.core.config import Config, In
from modelberth.core.errors import ModelberthError
from modelberth.core.files import write_atomically
from modelberth.core.service import Jwt, Rate
from modelberth.local import ports, supervisord
from modelberth.local.gateway import control, files
from modelberth.local.gateway.config import GatewaySettings
from modelberth.local.resource import SCHEMA_VERSION, MachineProvider, explained


class GatewayArgs(Config):
    """What stands behind a gateway and who may pass."""

    service: str
    """Name of the service."""
    directory: In[str]
    """The runtime directory."""
    certificate: In[str]
    """Path of the server certificate (PEM)."""
    private_key: In[str]
    """Path of its key (PEM)."""
    backends: dict[str, In[int]]
    """Version to the port of its model server."""
    weights: dict[str, int]
    """Version to its share of requests, in percent."""
    mirror: dict[str, int]
    """Version to the share of requests of which it gets a copy. Empty: none."""
    key_hashes: In[dict[str, str]]
    """Client to the SHA-256 of its key."""
    jwt: Jwt | None
    """Callers with tokens; `jwks` is the path of a file. None: no tokens."""
    rate: Rate | None
    """How fast each caller may be. None: no limit."""
    port: int | None
    """Port for clients. None: the first free one, and the same one ever after."""
    max_body_bytes: int
    """Longest request body."""
    ready_path: str
    """Path on a model server that answers 200 when it can predict."""
    labels: dict[str, str]
    """Fields that each line of the access log carries besides its own."""


def folder_of(directory: Path, service: str) -> Path:
    """Where a gateway keeps its files."""
    return directory / "gateways" / service


def settings_of(props: dict[str, Any], port: int, metrics_port: int) -> GatewaySettings:
    """The settings of a gateway whose ports are known. Pure."""
    mirror = next(iter(props["mirror"].items()), None)
    rate = props.get("rate")
    return GatewaySettings.parse(
        {
            "name": props["service"],
            "port": port,
            "metrics_port": metrics_port,
            "directory": folder_of(Path(props["directory"]), props["service"]),
            "certificate": props["certificate"],
            "private_key": props["private_key"],
            "backends": {version: int(backend) for version, backend in props["backends"].items()},
            "weights": {version: int(weight) for version, weight in props["weights"].items()},
            "mirror": {"version": mirror[0], "percent": int(mirror[1])} if mirror else None,
            "key_hashes": props["key_hashes"],
            "jwt": props.get("jwt"),
            "rate": {"per_second": rate["per_key"], "burst": int(rate["burst"])} if rate else None,
            "max_body_bytes": int(props["max_body_bytes"]),
            "ready_path": props["ready_path"],
            "labels": props.get("labels") or {},
        },
        props["service"],
        "gateway",
    )


def key_set(path: str) -> str:
    """The issuer's public keys, from their file. Raises `ModelberthError` where it cannot be read."""
    with explained(f"access.jwt.jwks {path}"):
        try:
            return Path(path).read_text()
        except FileNotFoundError:
            raise ModelberthError(f"access.jwt.jwks: no file {path}; save the issuer's key set there") from None


class _Provider(MachineProvider):
    replace_on = ("directory", "service", "port")
    optional = ("jwt", "rate", "port")

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        found = super().diff(_id, _olds, _news)
        changes = found.changes or not _olds.get("applied", True)
        # The old gateway holds the port that the new one may want, so it goes first.
        return DiffResult(changes=changes, replaces=found.replaces, delete_before_replace=True)

    def create(self, props: dict[str, Any]) -> CreateResult:
        directory, service = Path(props["directory"]), props["service"]
        name = f"{service}-gateway"
        wanted = int(props["port"]) if props.get("port") is not None else None
        supervisord.remove_program(directory, name)
        with explained(f"gateway {name}"):
            metrics_port = ports.claim(directory, f"{name}-metrics", ports.INTERNAL)

            def start(port: int) -> None:
                _start(directory, name, settings_of(props, port, metrics_port))

            port = ports.started(directory, name, ports.GATEWAYS, start, wanted)
        outputs = {"https_port": port, "metrics_port": metrics_port, "folder": str(folder_of(directory, service))}
        return CreateResult(name, {**props, **outputs, "applied": True})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        kept = {name: _olds[name] for name in ("https_port", "metrics_port", "folder")}
        outputs = {**_news, **kept, "applied": True}
        with explained(f"gateway {_id}"):
            settings = _settings(outputs)
            if control.needs_restart(settings):
                _restart(Path(_news["directory"]), _id, settings)
            else:
                control.change(settings)
        return UpdateResult(outputs)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        if not control.serving(Path(props["folder"])):
            return ReadResult("", props)
        # Not so after an engine that was killed between Envoy's change and its own record of it: `diff` sees it.
        return ReadResult(id_, {**props, "applied": control.is_applied(_settings(props))})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        directory = Path(_props["directory"])
        if directory.is_dir():
            supervisord.remove_program(directory, _id)
            for claim in (_id, f"{_id}-metrics"):
                ports.release(directory, claim)
        files.remove(Path(_props["folder"]))


def _settings(outputs: dict[str, Any]) -> GatewaySettings:
    return settings_of(outputs, int(outputs["https_port"]), int(outputs["metrics_port"]))


def _restart(directory: Path, name: str, settings: GatewaySettings) -> None:
    """For what Envoy reads at its start only. What it started from before serves on where the new cannot."""
    control.validate(settings)
    before = files.contents(settings.directory)
    try:
        _start(directory, name, settings)
    except BaseException:
        for file, text in before.items():
            write_atomically(file, text)
        with contextlib.suppress(ModelberthError, OSError):  # the first reason is the one to tell
            _run(directory, name, settings)
        raise


def _start(directory: Path, name: str, settings: GatewaySettings) -> None:
    settings.directory.parent.mkdir(mode=0o700, exist_ok=True)
    files.write(settings)
    control.validate(settings)
    try:
        _run(directory, name, settings)
        control.wait_ready(settings)
    except BaseException:
        # A create that fails leaves no entry in the state, so nobody else would ever end this process.
        with contextlib.suppress(OSError):
            supervisord.remove_program(directory, name)
        raise


def _run(directory: Path, name: str, settings: GatewaySettings) -> None:
    ready = f"http://127.0.0.1:{settings.metrics_port}/healthz"
    supervisord.run_program(directory, name, control.command(settings), {}, ready, stop_seconds=5)


class Gateway(Resource, module="modelberth", name="Gateway"):
    """One Envoy for one service. Every change but that of its port is made while it serves.

    What Envoy reads at its start only follows from this library's code: where a new release changes that, the update
    starts Envoy anew, and nothing answers until it is up.
    """

    https_port: pulumi.Output[int]
    """Port for clients on 127.0.0.1."""
    metrics_port: pulumi.Output[int]
    """Port for its figures on 127.0.0.1: `/metrics`, `/healthz`."""
    folder: pulumi.Output[str]
    """Where its files are."""
    weights: pulumi.Output[dict[str, int]]
    """Version to its share of requests, in percent."""

    def __init__(self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        jwt = None if args.jwt is None else {**args.jwt.model_dump(), "jwks": key_set(args.jwt.jwks)}
        props = {
            **{field: getattr(args, field) for field in GatewayArgs.model_fields},
            "jwt": None if jwt is None else {**jwt, "audiences": list(jwt["audiences"])},
            "rate": None if args.rate is None else args.rate.model_dump(),
            "https_port": None,
            "metrics_port": None,
            "folder": None,
            "applied": None,
            "schema_version": SCHEMA_VERSION,
        }
        super().__init__(_Provider(), name, props, opts)
