"""Serve a model on this machine: `LocalEndpoint("iris", {"foundation": …, "traffic": {"stable": {…}}})`."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.core.labels import render
from modelberth.core.model import ModelVersion
from modelberth.core.traffic import versions_of, weights_of
from modelberth.local.config import LocalEndpointArgs
from modelberth.local.gateway.gateway import Gateway, GatewayArgs
from modelberth.local.gateway.monitoring import queries
from modelberth.local.keys import ApiKeys
from modelberth.local.scaling import command_of, environment_of, log_field, ready_path
from modelberth.local.server import ModelServer, ModelServerArgs
from modelberth.runtimes import load

LOGGED_ANYWAY = ("model", "service", "version")
"""Labels that a log's line has as fields of its own."""


class LocalEndpoint(Component):
    """One process for each version of a model, and a gateway in front: TLS, keys or tokens, rate limit, weights.

    Everything listens on 127.0.0.1. The processes go on when the engine ends and are restarted when they die; a reboot
    ends them, and `pulumi up --refresh` brings them back.
    """

    url: pulumi.Output[str]
    """`https://localhost:8443`; the model answers at `/predict` under it."""
    resource_id: pulumi.Output[str]
    """The gateway's directory."""
    versions: pulumi.Output[dict[str, int]]
    """Version to its share of requests, in percent."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to query."""
    api_keys: pulumi.Output[dict[str, str]]
    """Client to its key, secret."""
    ca_certificate_file: pulumi.Output[str] | None
    """Certificate (PEM) that a client must trust."""
    protocols: tuple[str, ...]
    """What it speaks, in the words of `runtimes/`."""
    traffic_control: TrafficControl = "stepped"

    def __init__(
        self, name: str, args: LocalEndpointArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = LocalEndpointArgs.parse(args, name)
        super().__init__(name, args, opts)
        keys = ApiKeys(f"{name}-keys", args.clients, self.child())
        servers = {version: self._server(name, args, model) for version, model in versions_of(args.traffic).items()}
        gateway = Gateway(name, gateway_args(name, args, servers, keys), self.child())

        self.url = gateway.https_port.apply(lambda port: f"https://localhost:{port}")
        self.resource_id = gateway.folder
        self.versions = gateway.weights
        self.metrics = gateway.metrics_port.apply(queries)
        self.api_keys = pulumi.Output.secret(keys.keys)
        self.ca_certificate_file = args.foundation.ca_certificate_file
        self.protocols = tuple(load(args.runtime).protocols)
        self.register_outputs(
            {"url": self.url, "resource_id": self.resource_id, "versions": self.versions, "api_keys": self.api_keys}
        )

    def _server(self, name: str, args: LocalEndpointArgs, model: ModelVersion) -> ModelServer:
        runtime = load(args.runtime)
        server = ModelServerArgs(
            directory=args.foundation.directory,
            registry=args.foundation.registry,
            service=name,
            model=model,
            command=command_of(runtime, args, _labels(args, model)),
            environment=environment_of(runtime, args.threads),
            ready_path=ready_path(runtime),
        )
        return ModelServer(f"{name}-{model.version}", server, self.child())


def gateway_args(name: str, args: LocalEndpointArgs, servers: Mapping[str, ModelServer], keys: ApiKeys) -> GatewayArgs:
    """What the gateway of an endpoint needs to know."""
    traffic = args.traffic
    candidate = traffic.candidate
    return GatewayArgs(
        service=name,
        directory=args.foundation.directory,
        certificate=args.foundation.certificate.certificate,
        private_key=args.foundation.certificate.private_key,
        backends={version: server.port for version, server in servers.items()},
        weights=weights_of(traffic),
        mirror={candidate.version: traffic.mirror} if candidate is not None and traffic.mirror else {},
        key_hashes=keys.hashes,
        jwt=args.jwt,
        rate=args.rate,
        port=args.port,
        max_body_bytes=args.max_body_bytes,
        ready_path=ready_path(load(args.runtime)),
        labels={log_field(key): value for key, value in _labels(args, traffic.stable).items()},
    )


def _labels(args: LocalEndpointArgs, model: ModelVersion) -> dict[str, str]:
    if args.labels is None:
        return {}
    rendered = render(args.labels.model_copy(update={"version": model.version}), "local")
    return {key: value for key, value in rendered.items() if key not in LOGGED_ANYWAY}
