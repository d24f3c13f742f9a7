"""A model server as a Rollout of Argo, in the words of both: Argo moves the versions, by gates that it asks itself.

Rules that the schema does not hold: argoproj/argo-rollouts@v1.8.3:pkg/apis/rollouts/validation/validation.go,
validation_references.go and utils/analysis/factory.go
"""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.core.model import ModelVersion
from modelberth.core.rollout import Rollout
from modelberth.core.service import Slo
from modelberth.core.traffic import WHOLE, steps_of
from modelberth.kubernetes.autoscaling import Autoscaling, lacking
from modelberth.kubernetes.foundation import Foundation, needs
from modelberth.kubernetes.manifest import unnameable
from modelberth.kubernetes.names import DnsName
from modelberth.kubernetes.network import Callers
from modelberth.kubernetes.rollouts.gates import impossible, moving, unwatched
from modelberth.kubernetes.server import ModelServer


class RolloutEndpointArgs(Config):
    """One service, whose versions Argo Rollouts changes step by step."""

    foundation: Foundation
    """Where it stands. It needs the add-on argo-rollouts; with gates, a Prometheus too. Without its operator that
    Prometheus must copy the pods' labels to their series by itself, Argo's `rollouts-pod-template-hash` among them."""

    model: ModelVersion
    """The version that is wanted. Argo knows which one served before, and goes back to it when a gate is not met. The
    first one ever is up at once: there is nothing to go back to, so no gate is asked."""

    server: ModelServer
    """What every pod runs."""

    rollout: Rollout = Rollout()
    """How one version follows another, and what must hold meanwhile. A gate's own query gives a vector, which is empty
    where too little is known. Left out: pods are replaced one by one."""

    routes: tuple[DnsName, ...] = ()
    """HTTPRoutes of the namespace (GRPCRoutes where the server speaks gRPC only) of which Argo sets the weights with
    canary and linear; it needs its plugin for the Gateway API. Left out: shares are counted in pods, 10 % of ten pods
    being one.
    Source: https://rollouts-plugin-trafficrouter-gatewayapi.readthedocs.io/"""

    replicas: Annotated[int, Field(ge=1)] = 1
    """Pods, where nothing scales them. Left out: 1."""

    scaling: Autoscaling | None = None
    """How their number follows the load. Left out: `replicas` holds."""

    callers: Callers = Callers()
    """Who in the cluster may ask it. Left out: the gateway and Prometheus only."""

    slo: Slo | None = None
    """What good means; alarms are made of it. Left out: nothing is promised."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = [why for why in _contradictions(self) if why]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def _contradictions(args: RolloutEndpointArgs) -> Iterator[str]:
    """What cannot be, each in one clause, or nothing."""
    yield needs(args.foundation, "argo-rollouts", "a Rollout")
    if args.scaling is not None and "replicas" in args.model_fields_set:
        yield "replicas and scaling are both given, and would undo one another; leave replicas out"
    yield lacking(args.scaling, args.foundation)
    yield needs(args.foundation, "gateway-api", "routes") if args.routes else ""
    yield unlabelled(args.model)
    measured = args.foundation.prometheus is not None
    faults = (*impossible(args.rollout), *unwatched(args.rollout, args.server.runtime, measured=measured))
    yield from (f"{path}: {why}; {fix}" for path, why, fix in faults)
    yield uncountable(args)


ANY_LENGTH = 10**6
"""Of names that are made of no version."""


def unlabelled(model: ModelVersion) -> str:
    """Why a version cannot stand on pods, in one clause; empty where it can."""
    fault = unnameable("", model.version, ANY_LENGTH)
    return "" if fault is None else f"model.version: {'; '.join(fault)}"


def pods_of(args: RolloutEndpointArgs) -> int:
    """How many pods there are at least."""
    return args.replicas if args.scaling is None else args.scaling.min_replicas


def uncountable(args: RolloutEndpointArgs) -> str:
    """Why a share cannot be made of whole pods; empty where it can, or where routes make it."""
    strategy, pods = moving(args.rollout), pods_of(args)
    if strategy is None or args.routes:
        return ""
    smallest = min(steps_of(strategy))
    if pods * smallest >= WHOLE:
        return ""
    larger = WHOLE if pods == 0 else -(-WHOLE // pods)
    step = f", or a first step of {larger}" if larger < WHOLE else ""
    return f"rollout: {smallest} % of {pods} pods is no pod; give routes, or {-(-WHOLE // smallest)} pods{step}"
