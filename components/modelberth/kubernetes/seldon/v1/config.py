"""A model on Seldon Core 1, in Seldon's own words."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.core.config import Config, In, one_of
from modelberth.core.labels import Labels
from modelberth.core.model import ModelVersion
from modelberth.core.quantities import Seconds
from modelberth.core.service import Slo
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.accelerators import Devices
from modelberth.kubernetes.foundation import Foundation, needs
from modelberth.kubernetes.horizontal import Utilization
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.network import Callers
from modelberth.kubernetes.quantities import Resources
from modelberth.kubernetes.seldon.artifacts import brought, unfetchable
from modelberth.kubernetes.seldon.v1.graph import ALONE, Unit, graph_faults, units_of
from modelberth.kubernetes.server import ModelServer
from modelberth.runtimes import load


def _of_version_1(runtime: str) -> str:
    brought(runtime, "seldon-core-1")
    return runtime


class Prepackaged(Config):
    """A model server that Seldon brings along. It speaks the Open Inference Protocol (Seldon's protocol v2), and calls
    the model as its registry does, with a hyphen for what is no letter or digit: `/v2/models/ranker/infer`."""

    prepackaged: Annotated[str, AfterValidator(_of_version_1)]
    """A name from `runtimes/`: `seldon-v1-sklearn`."""

    image: In[ImageRef] | None = None
    """Its image by digest. Left out: the foundation's image of this runtime; where it has none, Seldon's, which whoever
    installed it chose."""

    resources: Resources
    """Cores and memory of its container."""

    devices: Devices | None = None
    """Accelerators. Left out: none."""

    environment: dict[str, In[str]] = Field(default_factory=dict)
    """Environment variables. No secrets: these are files. Left out: none."""

    load_seconds: Annotated[Seconds, Field(gt=0)] = 300
    """How long it may take from its start until the model answers. Left out: 5 minutes."""

    user: Annotated[int, Field(ge=1000, le=2**31 - 1)] = 1000
    """The user, and the group, as which it runs. Left out: 1000, which MLServer's image wants: its folder is open to no
    other user. Source: SeldonIO/MLServer@00236cb2a324b77711416dfd02ebbf33dd905669:Dockerfile"""


class Orchestrator(Config):
    """Seldon's own container before the units: it leads a request through the graph, on port 8000.

    Seldon adds it without the security context that the restricted Pod Security Standard wants, so a namespace that
    enforces this standard refuses its pods; it needs one that enforces `baseline` (SeldonIO/seldon-core issue 5481).
    """

    resources: Resources
    """Cores and memory. There is no default: Seldon's own is half a core and 512 MiB."""

    environment: dict[str, In[str]] = Field(default_factory=dict)
    """Environment variables. Left out: none."""


class Explainer(Config):
    """Explains answers of the stable version's and the candidate's predictors: a Deployment beside each, at
    `<service>-<version>-explainer`, port 9000.

    Seldon makes its pod as the namespace's default service account, and fetches `model` by a container without a
    security context: with it, a namespace that enforces the restricted standard refuses the pod.
    Source: SeldonIO/seldon-core operator/controllers/seldondeployment_explainers.go, model_initializer_injector.go
    """

    type: Literal[
        "ALE",
        "AnchorImages",
        "AnchorTabular",
        "AnchorText",
        "Contrastive",
        "Counterfactuals",
        "IntegratedGradients",
        "KernelShap",
        "TreeShap",
    ]
    """How. Source: https://docs.seldon.ai/seldon-core-1/reference/seldon-deployment-crd (AlibiExplainerType)"""

    model: ModelVersion | None = None
    """The explainer's own saved files. Left out: it needs none."""

    image: In[ImageRef]
    """Its image by digest."""

    resources: Resources
    """Cores and memory."""

    config: dict[str, str] = Field(default_factory=dict)
    """Options of its program. Left out: none."""

    user: Annotated[int, Field(ge=1000, le=2**31 - 1)] = 1000
    """The user, and the group, as which it runs. Left out: 1000."""


class Hpa(Config):
    """Between how many pods of each version, by what they use."""

    min_replicas: Annotated[int, Field(ge=1)] = 1
    """Floor. Left out: 1."""

    max_replicas: Annotated[int, Field(ge=1)]
    """Ceiling, and so the ceiling of the cost."""

    cpu: Utilization | None = None
    """Share of the requested cores that is aimed at. Left out: it decides nothing."""

    memory: Utilization | None = None
    """Share of the requested memory that is aimed at. Left out: it decides nothing."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.min_replicas > self.max_replicas:
            raise ValueError(f"min_replicas is {self.min_replicas}, above max_replicas {self.max_replicas}; lower it")
        if self.cpu is None and self.memory is None:
            raise ValueError("nothing decides; give cpu or memory")
        return self


class SeldonDeploymentEndpointArgs(Config):
    """One service: a SeldonDeployment with a predictor for each version of its model."""

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`. Its add-ons name seldon-core-1."""

    traffic: Traffic
    """Which versions serve. Each has a predictor and a Service of its own, `<service>-<version>`."""

    server: Annotated[ModelServer | Prepackaged, one_of(ModelServer, prepackaged=Prepackaged)]
    """What serves: any model server in a container, or `{"prepackaged": "seldon-v1-sklearn", …}`."""

    graph: Unit = ALONE
    """What a request passes; of more than one unit it needs an `orchestrator`. All are in one pod. Left out: the model
    alone."""

    orchestrator: Orchestrator | None = None
    """Left out: there is none, and the Service leads to the model server itself."""

    replicas: Annotated[int, Field(ge=1)] = 1
    """Pods of each version, where nothing scales them. Left out: 1."""

    scaling: Hpa | None = None
    """How their number follows the load. Left out: `replicas` holds."""

    explainer: Explainer | None = None
    """Left out: nothing is explained."""

    split_by: Literal["route", "istio"] = "route"
    """Who splits and copies requests between versions. Seldon itself does it by Istio or Ambassador only, whose objects
    it makes where it is so installed; `route`: the route of the front door does. Left out: route.
    Source: https://docs.seldon.ai/seldon-core-1/configuration/routing"""

    callers: Callers = Callers()
    """Who in the cluster may ask it. Left out: the gateway and Prometheus only."""

    slo: Slo | None = None
    """What good means; alarms are made of it. For a server in a container, without an orchestrator. Left out: nothing
    is promised."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = [why for met, why in (*_split(self), *_parts(self), *_files(self)) if met]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def _split(args: SeldonDeploymentEndpointArgs) -> Iterator[tuple[bool, str]]:
    """Whether something about requests cannot be, and why."""
    lacks = needs(args.foundation, "seldon-core-1", "a SeldonDeployment")
    yield bool(lacks), lacks
    weight, mirror = args.traffic.weight, args.traffic.mirror
    if args.split_by == "istio":
        lacks = needs(args.foundation, "istio", "a split by Seldon itself")
        yield bool(lacks), lacks
        both = f"traffic has weight {weight} and mirror {mirror}, and for Seldon a predictor is a shadow or has a share"
        yield bool(weight and mirror), f"{both}; set one of them to 0, or take the route"
    else:
        nobody = f"traffic.mirror is {mirror}, and without foundation.gateway there is no route that copies requests"
        yield bool(mirror) and args.foundation.gateway is None, f"{nobody}; give one, or split_by istio"


def _parts(args: SeldonDeploymentEndpointArgs) -> Iterator[tuple[bool, str]]:
    """Whether something of the pods cannot be, and why. What Seldon's webhook refuses is at
    SeldonIO/seldon-core operator/apis/machinelearning.seldon.io/v1/seldondeployment_webhook.go."""
    both = "replicas and scaling are both given, and would undo one another; leave replicas out"
    yield args.scaling is not None and "replicas" in args.model_fields_set, both
    yield from ((True, f"graph: {why}") for why in graph_faults(args.graph))
    count = len(list(units_of(args.graph)))
    alone = f"graph has {count} units, and without orchestrator Seldon runs one only; give it"
    yield args.orchestrator is None and count > 1, alone
    if args.orchestrator is not None and isinstance(args.server, ModelServer):
        spoken = load(args.server.runtime).protocols
        deaf = f"orchestrator asks by the Open Inference Protocol, and {args.server.runtime} speaks {', '.join(spoken)}"
        yield "oip-v2-rest" not in spoken, f"{deaf}; leave it out, or take a server that does"
    unseen = args.orchestrator is not None or isinstance(args.server, Prepackaged)
    blind = "slo is given, and what Seldon's own containers show of one service is not documented; leave it out"
    yield unseen and args.slo is not None, blind


def _files(args: SeldonDeploymentEndpointArgs) -> Iterator[tuple[bool, str]]:
    """Whether Seldon is to fetch from where it cannot."""
    by_seldon = isinstance(args.server, Prepackaged) or (
        args.explainer is not None and args.explainer.model is not None
    )
    why = unfetchable(args.foundation.models)
    yield by_seldon and bool(why), why
