"""On which port a pod of KServe answers: its model server's, KServe's sidecar's, Knative's."""

from typing import TYPE_CHECKING

from modelberth.kubernetes.kserve.parts import RUNTIME_PORT
from modelberth.runtimes import load

if TYPE_CHECKING:
    from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs

OFFERED = ("http", "grpc", "metrics")
"""Ports that KServe may offer, the first before all others: it puts every port of a container on its Service, and what
loads code (`management`) has no business there."""
AGENT_PORT = 9081
"""KServe's sidecar, which logs and batches. Source: kserve/kserve@v0.16.0:pkg/constants/constants.go."""
QUEUE_PORTS = {"http1": 8012, "h2c": 8013}
"""Knative's sidecar, by what it speaks. Source: knative.dev/serving@v0.47.0:pkg/networking/constants.go."""
KNATIVE_OWN = (8008, 8012, 8013, 8022, 9090, 9091)
"""Ports that Knative keeps for itself. Source: knative.dev/serving@v0.47.0:pkg/apis/serving/k8s_validation.go."""


def container_ports(runtime: str) -> dict[str, int]:
    """The ports of a model server, by name, the one for requests first."""
    known = load(runtime).ports
    return {name: known[name] for name in OFFERED if name in known}


def request_port(args: "InferenceServiceEndpointArgs") -> tuple[str, int]:
    """Name and number of the port at which the predictor's container takes requests."""
    if args.server is not None:
        return next(iter(container_ports(args.server.runtime).items()))
    grpc = args.runtime is not None and args.runtime.protocol.startswith("grpc")
    return ("grpc" if grpc else "http", RUNTIME_PORT)


def entry_port(args: "InferenceServiceEndpointArgs") -> int:
    """The port at which the pods that get requests first take them."""
    name, own = ("http", RUNTIME_PORT) if args.transformer is not None else request_port(args)
    if args.mode.kind == "knative":
        return QUEUE_PORTS[knative_name(name)]
    # Only the predictor has the sidecar.
    agent = args.transformer is None and (args.logger is not None or args.batcher is not None)
    return AGENT_PORT if agent else own


def serving_ports(args: "InferenceServiceEndpointArgs") -> tuple[int, ...]:
    """The ports at which whoever comes from outside the service asks its pods."""
    entry = entry_port(args)
    if args.mode.kind == "knative" or args.transformer is not None or args.server is None:
        return (entry,)
    others = [port for name, port in container_ports(args.server.runtime).items() if name == "grpc"]
    return (entry, *(port for port in others if port != entry))


def metrics_port(args: "InferenceServiceEndpointArgs") -> int | None:
    """The port at which Prometheus reads the model server's metrics. None: they cannot be reached."""
    if args.server is None or not is_visible(args):
        return None
    runtime = load(args.server.runtime)
    return None if runtime.metrics is None else runtime.ports[runtime.metrics.port]


def knative_name(name: str) -> str:
    """The name that Knative wants of a container's port: it says what is spoken there."""
    return "h2c" if name == "grpc" else "http1"


def is_visible(args: "InferenceServiceEndpointArgs") -> bool:
    """Whether the port that shows metrics is one that the pod declares; with Knative it declares one only."""
    if args.server is None:
        return False
    runtime = load(args.server.runtime)
    if runtime.metrics is None:
        return False
    return args.mode.kind != "knative" or runtime.metrics.port == request_port(args)[0]


def entry_of(args: "InferenceServiceEndpointArgs") -> str:
    """The component that gets requests first, in KServe's word."""
    return "predictor" if args.transformer is None else "transformer"
