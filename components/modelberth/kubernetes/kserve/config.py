"""An InferenceService, in KServe's own words."""

from typing import Self

from pydantic import model_validator

from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.core.service import Slo
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.kserve.modes import Knative, Mode, Standard
from modelberth.kubernetes.kserve.parts import Batcher, KServeRuntime, PayloadLogger, Step
from modelberth.kubernetes.kserve.validation import faults
from modelberth.kubernetes.network import Callers
from modelberth.kubernetes.server import ModelServer


class InferenceServiceEndpointArgs(Config):
    """One service. It is reached in the cluster only: KServe asks nobody who calls, so the front door must."""

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`."""

    traffic: Traffic
    """Which versions serve. See `rollout.py` for what each mode makes of it."""

    server: ModelServer | None = None
    """A model server of `runtimes/` in a pod of this library. Exactly one of this and `runtime`."""

    runtime: KServeRuntime | None = None
    """One of KServe's own runtimes."""

    mode: Mode = Standard()
    """Who runs the pods: `{"kind": "knative", …}` or `{"kind": "standard", …}`. Left out: plain Deployments. It cannot
    change while a service lives: KServe's webhook refuses that, so the objects of the two have other names."""

    transformer: Step | None = None
    """What prepares requests and answers; requests then go to it first. Left out: nothing."""

    explainer: Step | None = None
    """What explains answers, under `:explain`. Left out: nothing."""

    logger: PayloadLogger | None = None
    """Who gets copies of requests or answers. Left out: nobody."""

    batcher: Batcher | None = None
    """How requests are put together. Left out: each stands alone."""

    callers: Callers = Callers()
    """Who in the cluster may ask it. Left out: the gateway and Prometheus only."""

    slo: Slo | None = None
    """What good means; alarms are made of it. Left out: nothing is promised."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        found = "; ".join(faults(self))
        if found:
            raise ValueError(found)
        return self


def runs_on_knative(args: InferenceServiceEndpointArgs) -> Knative | None:
    """The words of Knative, where it runs the pods."""
    return args.mode if isinstance(args.mode, Knative) else None
