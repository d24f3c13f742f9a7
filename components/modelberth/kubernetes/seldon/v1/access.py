"""At which ports a predictor answers, and who may ask it. Pure."""

from dataclasses import dataclass

from modelberth.kubernetes.backends import Backend, backends_of
from modelberth.kubernetes.manifest import Manifest, Place, manifest, selector, slug, version_name
from modelberth.kubernetes.network import Ports, ports_of
from modelberth.kubernetes.peers import tcp
from modelberth.kubernetes.seldon.v1.config import Prepackaged, SeldonDeploymentEndpointArgs
from modelberth.kubernetes.seldon.v1.pods import GRPC, HTTP
from modelberth.kubernetes.services import APP_PROTOCOLS, PORTS
from modelberth.runtimes import load

ENGINE_HTTP, ENGINE_GRPC = 8000, 5001
"""Where the orchestrator answers. Source: SeldonIO/seldon-core operator/controllers/seldondeployment_engine.go;
https://docs.seldon.ai/seldon-core-1/reference/svcorch"""

EXPLAINER_PORT = 9000
"""Where an explainer answers. Source: SeldonIO/seldon-core operator/controllers/seldondeployment_explainers.go"""

LONGEST = 63 - len("-explainer")
"""Characters of `<service>-<version>`: from names that get longer than 63 with its own endings Seldon makes a hash."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The ports of what a request meets first in a pod. None: it does not speak it."""

    http: int | None
    """Where it speaks HTTP."""

    grpc: int | None
    """Where it speaks gRPC."""


def entry_of(args: SeldonDeploymentEndpointArgs) -> Entry:
    """Where the Service of a predictor leads."""
    if args.orchestrator is not None:
        return Entry(ENGINE_HTTP, ENGINE_GRPC)
    if isinstance(args.server, Prepackaged):
        return Entry(HTTP, GRPC)
    ports = load(args.server.runtime).ports
    return Entry(ports.get("http"), ports.get("grpc"))


def open_ports(args: SeldonDeploymentEndpointArgs) -> Ports:
    """The ports that others may ask: those of the entry, and of an explainer."""
    entry = entry_of(args)
    explained = () if args.explainer is None else (EXPLAINER_PORT,)
    serving = (*(port for port in (entry.http, entry.grpc) if port is not None), *explained)
    if args.orchestrator is not None:
        return Ports(serving, ENGINE_HTTP)
    return Ports(serving, None if isinstance(args.server, Prepackaged) else ports_of(args.server.runtime).metrics)


def route_backends(args: SeldonDeploymentEndpointArgs, place: Place) -> dict[str, Backend]:
    """Version to its Service, for the route of the front door: `<service>-<version>`, under the pods' own port.

    Source: SeldonIO/seldon-core operator/controllers/seldondeployment_controller.go, createPredictorService.
    Raises `ConfigError` where a version can have no name.
    """
    entry = entry_of(args)
    port = entry.http if entry.http is not None else entry.grpc
    assert port is not None  # a server without either is refused
    backends = backends_of(args.traffic, lambda version: predictor_service(place, version), port)
    if entry.http is not None:
        return backends
    return {version: backend.model_copy(update={"protocol": "grpc"}) for version, backend in backends.items()}


def predictor_service(place: Place, version: str) -> str:
    """The Service that Seldon makes for a version: one hyphen, where our own names have two."""
    version_name(place, version, LONGEST)  # refuses what can have no name
    return f"{place.instance}-{slug(version)}"


def stable_service(args: SeldonDeploymentEndpointArgs, place: Place) -> Manifest:
    """The Service of the stable version, under the service's own name."""
    entry = entry_of(args)
    offered = {name: port for name, port in (("http", entry.http), ("grpc", entry.grpc)) if port is not None}
    ports = [
        {
            "name": name,
            "port": PORTS[name],
            "targetPort": port,
            "protocol": "TCP",
            **({"appProtocol": APP_PROTOCOLS[name]} if name in APP_PROTOCOLS else {}),
        }
        for name, port in offered.items()
    ]
    pods = selector(place, args.traffic.stable.version)
    return manifest("Service", place.instance, place, spec={"type": "ClusterIP", "selector": pods, "ports": ports})


def explaining(args: SeldonDeploymentEndpointArgs, place: Place) -> dict[str, Manifest]:
    """What an explainer may: ask the predictors of its own service. Nothing where there is none."""
    if args.explainer is None:
        return {}
    own = {"podSelector": {"matchLabels": selector(place)}}
    ports = tcp([port for port in (entry_of(args).http, entry_of(args).grpc) if port is not None])
    spec = {
        **own,
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [own], "ports": ports}],
        "egress": [{"to": [own], "ports": ports}],
    }
    return {f"{place.instance}-explaining": manifest("NetworkPolicy", f"{place.instance}-explaining", place, spec=spec)}
