"""Who may reach the pods of an InferenceService, beyond what every workload allows. Pure.

KServe and Knative put containers of their own into the pods, and its parts ask one another. Policies add up: this one
opens what they need, the workload's own closes everything else.
"""

from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs, runs_on_knative
from modelberth.kubernetes.kserve.modes import Knative
from modelberth.kubernetes.kserve.parts import RUNTIME_PORT
from modelberth.kubernetes.kserve.ports import AGENT_PORT, QUEUE_PORTS, request_port
from modelberth.kubernetes.kserve.steps import steps_of
from modelberth.kubernetes.manifest import Manifest, Place, manifest, selector
from modelberth.kubernetes.peers import namespace_peer, tcp

QUEUE_ADMIN, QUEUE_METRICS = 8022, 9090
"""Where Knative asks its sidecar whether it is ready, and for how many requests there are.
Source: knative.dev/serving@v0.47.0:pkg/networking/constants.go"""


def parts_policy(args: InferenceServiceEndpointArgs, place: Place) -> dict[str, Manifest]:
    """What Knative may, and the parts of one service among themselves. Nothing where there is neither."""
    mode = runs_on_knative(args)
    if mode is None and not steps_of(args):
        return {}
    ingress = [*_from_parts(args, place), *_from_knative(mode)]
    egress = [*_to_parts(args, place), *(_to_knative(mode) if steps_of(args) else [])]
    directions = ["Ingress", *(["Egress"] if egress else [])]
    spec = {
        "podSelector": {"matchLabels": selector(place)},
        "policyTypes": directions,
        "ingress": ingress,
        **({"egress": egress} if egress else {}),
    }
    return {f"{place.instance}-parts": manifest("NetworkPolicy", f"{place.instance}-parts", place, spec=spec)}


def _asked(args: InferenceServiceEndpointArgs) -> list[int]:
    """Every port at which a part of the service asks another."""
    agent = [AGENT_PORT] if args.logger is not None or args.batcher is not None else []
    queue = QUEUE_PORTS.values() if runs_on_knative(args) is not None else []
    return [RUNTIME_PORT, request_port(args)[1], *agent, *queue]


def _own(place: Place) -> Manifest:
    return {"podSelector": {"matchLabels": selector(place)}}


def _from_parts(args: InferenceServiceEndpointArgs, place: Place) -> list[Manifest]:
    return [{"from": [_own(place)], "ports": tcp(_asked(args))}] if steps_of(args) else []


def _to_parts(args: InferenceServiceEndpointArgs, place: Place) -> list[Manifest]:
    return [{"to": [_own(place)], "ports": tcp(_asked(args))}] if steps_of(args) else []


def _from_knative(mode: Knative | None) -> list[Manifest]:
    """Its activator and autoscaler, and its gateway, at the sidecar that it adds."""
    if mode is None:
        return []
    peers = [namespace_peer(name) for name in dict.fromkeys([mode.system_namespace, mode.ingress_namespace])]
    return [{"from": peers, "ports": tcp([*QUEUE_PORTS.values(), QUEUE_ADMIN, QUEUE_METRICS])}]


def _to_knative(mode: Knative | None) -> list[Manifest]:
    """Parts reach one another through its gateway, whose pods' ports are its installer's choice."""
    return [] if mode is None else [{"to": [namespace_peer(mode.ingress_namespace)]}]
