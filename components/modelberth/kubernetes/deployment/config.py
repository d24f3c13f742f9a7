"""A model server as a Deployment, in Kubernetes' own words."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.rollout import Rolling
from modelberth.core.service import Slo
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.autoscaling import Autoscaling, lacking
from modelberth.kubernetes.backends import Port
from modelberth.kubernetes.foundation import Foundation, needs
from modelberth.kubernetes.network import Callers
from modelberth.kubernetes.server import ModelServer

Command = tuple[Annotated[str, Field(min_length=1)], ...]
"""A program and its arguments, one string each; `$(NAME)` stands for an environment variable."""


class Nodes(Config):
    """A model that is too large for one node: a leader, which answers, and workers, started and restarted together.

    LeaderWorkerSet gives each of them `LWS_LEADER_ADDRESS`, `LWS_GROUP_SIZE` and `LWS_WORKER_INDEX`.
    Source: sigs.k8s.io/lws@v0.7.0:pkg/utils/pod/pod_utils.go
    """

    count: Annotated[int, Field(ge=2)]
    """Nodes of one model, the leader's included."""

    leader: Command = ()
    """What the leader runs in place of the model server's own command. Left out: that command."""

    worker: Annotated[Command, Field(min_length=1)]
    """What each worker runs: how it joins the leader is the model server's own matter."""

    worker_port: Port
    """A TCP port that a worker opens once it has joined: by it is seen whether it lives."""

    together: Annotated[str, Field(min_length=1)] | None = None
    """Label of nodes of which one group takes all that have the same value, alone: `cloud.google.com/gke-nodepool`.
    Left out: they stand where there is room."""

    environment: dict[str, In[str]] = Field(default_factory=dict)
    """Environment variables of the workers, beside those of the leader. Left out: none."""


class DeploymentEndpointArgs(Config):
    """One service: a Deployment for each version of its model."""

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`."""

    traffic: Traffic
    """Which versions serve. Each has a Deployment of its own, so that a new one is ready before it gets a request, and
    what became stable is not started anew. The shares are those of requests that come through a route."""

    server: ModelServer
    """What every pod runs."""

    replicas: Annotated[int, Field(ge=1)] = 1
    """Pods of each version, where nothing scales them. Left out: 1."""

    scaling: Autoscaling | None = None
    """How their number follows the load. Left out: `replicas` holds."""

    replace: Literal["beside", "in_place"] = "beside"
    """`beside`: each version has pods of its own, and requests move. `in_place`: there is one Deployment, and another
    version goes through it, a few pods at a time; both then answer for a while, and there is no candidate. Left out:
    beside."""

    rolling: Rolling = Rolling()
    """How pods are replaced: with `beside` when something else than the version changes, with `in_place` always. Left
    out: one more at a time, none less."""

    nodes: Nodes | None = None
    """For a model that needs several nodes. Left out: each pod has the whole model."""

    callers: Callers = Callers()
    """Who in the cluster may ask it. Left out: the gateway and Prometheus only."""

    slo: Slo | None = None
    """What good means; alarms are made of it. Left out: nothing is promised."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = [why for met, why in _contradictions(self) if met]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def _contradictions(args: DeploymentEndpointArgs) -> Iterator[tuple[bool, str]]:
    """Whether something cannot be, and why."""
    both = "replicas and scaling are both given, and would undo one another; leave replicas out"
    yield args.scaling is not None and "replicas" in args.model_fields_set, both
    alone = "replace is in_place, so that there is one version at a time, and traffic names a candidate; write beside"
    yield args.replace == "in_place" and args.traffic.candidate is not None, alone
    group = "" if args.nodes is None else needs(args.foundation, "leader-worker-set", "nodes")
    yield bool(group), group
    lacks = lacking(args.scaling, args.foundation)
    yield bool(lacks), lacks
