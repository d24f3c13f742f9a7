"""How requests reach the pods: limits, retries, broken circuits, as a BackendTrafficPolicy. Pure."""

from collections.abc import Sequence
from typing import Any

from modelberth.kubernetes.gateway.config import FrontDoorArgs
from modelberth.kubernetes.gateway.rate_limit import rate_limit
from modelberth.kubernetes.gateway.route import door_name, duration
from modelberth.kubernetes.manifest import Manifest, Place, manifest

BODY_KIB = 10 * 1024
"""Longest body over HTTP where nothing is said."""


def traffic_policy(args: FrontDoorArgs, targets: Sequence[Manifest], grpc: bool, place: Place) -> Manifest:
    """The one policy of all routes of a service, so that they count together. Pure."""
    limits = args.limits
    tokens = args.callers is not None and args.callers.jwt is not None
    breaker = {
        "maxConnections": limits.max_connections,
        "maxPendingRequests": limits.max_pending,
        "maxParallelRequests": limits.max_parallel,
    }
    spec = {
        "targetRefs": list(targets),
        "circuitBreaker": breaker,
        **rate_limit(limits, tokens),
        **_retry(args.route.retries),
        **_body(limits.max_body_kib, grpc),
        # A GRPCRoute has no word for it.
        **({"timeout": {"http": {"requestTimeout": duration(args.route.timeout)}}} if grpc else {}),
    }
    return manifest("BackendTrafficPolicy", door_name(place), place, spec=spec)


def _retry(retries: int) -> dict[str, Any]:
    """Only where no pod can have seen the request: a model need not answer twice. Without it nothing is retried."""
    return {"retry": {"numRetries": retries, "retryOn": {"triggers": ["connect-failure"]}}} if retries else {}


def _body(kib: int | None, grpc: bool) -> dict[str, Any]:
    if grpc:
        return {}
    return {"requestBuffer": {"limit": f"{BODY_KIB if kib is None else kib}Ki"}}
