"""A model on Seldon Core 2, in Seldon's own words."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.core.model import ModelVersion
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.foundation import Foundation, needs
from modelberth.kubernetes.model_files import ModelStore
from modelberth.kubernetes.names import DnsName
from modelberth.kubernetes.network import Callers
from modelberth.kubernetes.quantities import GiB
from modelberth.kubernetes.seldon.artifacts import unfetchable
from modelberth.kubernetes.seldon.v2.server import Capabilities, Replicas, ServerShape, bounds_fault, of_version_2


class Loading(Config):
    """How the files of a version are loaded on a server."""

    requirements: Capabilities = ()
    """What its server must be able to do, beside being that server: `sklearn`, or a capability of your own. Left out:
    nothing more."""

    memory_gib: GiB | None = None
    """Memory that is kept for it on a server; Seldon places it where that is free. Left out: Seldon asks for none, and
    a full server moves what is used least to disk."""

    secret: DnsName | None = None
    """A Secret with what rclone shows the store: its type, its keys. Left out: what Seldon is installed with.
    Source: https://docs.seldon.ai/seldon-core-2/user-guide/models/rclone"""

    parameters: dict[str, str] = Field(default_factory=dict)
    """Parameters that are loaded with it. Left out: none."""

    logged_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Of how many requests of a hundred the payload goes to Seldon's log; whoever reads that log reads the data. Left
    out: of none."""


class ModelExplainer(Config):
    """Explains answers of the stable version; it is asked for by `Seldon-Model: <service>-explainer`.
    Source: https://docs.seldon.ai/seldon-core-2/user-guide/data-science-monitoring/explainers"""

    type: Literal["anchor_image", "anchor_tabular", "anchor_text", "integrated_gradients", "kernel_shap"]
    """How. Source: https://docs.seldon.ai/mlserver/runtimes/alibi-explain"""

    model: ModelVersion
    """The explainer's own saved files."""


class SeldonModelEndpointArgs(Config):
    """One service: a Model for each version, and an Experiment between them."""

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`. Its add-ons name seldon-core-2, whose runtime is in the same
    namespace."""

    traffic: Traffic
    """Which versions serve. The Experiment splits or copies what callers in the cluster ask, the route what comes
    through the gateway; not both at once, because what gets copies stands beside the candidates."""

    runtime: Annotated[str, AfterValidator(of_version_2)] = "seldon-v2-mlserver"
    """What it is loaded on: `seldon-v2-mlserver` or `seldon-v2-triton`. Left out: MLServer."""

    loading: Loading = Loading()
    """Left out: placed anywhere where such a server is, with nothing logged."""

    server: ServerShape | None = None
    """A Server of its own for each version: nothing else is placed there, and a new version disturbs nobody. Left out:
    it shares the servers of the namespace."""

    replicas: Replicas = 1
    """On how many pods each version is loaded; with `max_replicas` the fewest. Left out: 1."""

    max_replicas: Replicas | None = None
    """The most, by requests in flight. Only where Seldon is installed so that it scales models
    (`autoscaling.autoscalingModelEnabled`). Left out: `replicas` holds.
    Source: https://docs.seldon.ai/seldon-core-2/user-guide/scaling"""

    explainer: ModelExplainer | None = None
    """Left out: nothing is explained."""

    callers: Callers = Callers()
    """Who in the cluster may ask, beside the gateway and the namespace itself. Seldon has one address for all models
    of a namespace: who may ask for one may ask for all. Left out: nobody else."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = list(filter(None, _faults(self)))
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def _faults(args: SeldonModelEndpointArgs) -> Iterator[str]:
    """Why something cannot be; empty where it can."""
    yield needs(args.foundation, "seldon-core-2", "a Model")
    yield unfetchable(args.foundation.models)
    yield unreadable(args.foundation.models)
    yield both_at_once(args.traffic)
    yield bounds_fault(args.replicas, args.max_replicas)
    if args.max_replicas is not None and args.server is not None:
        yield "server is given, whose pods are as many as the model's replicas; leave max_replicas out"


def unreadable(store: ModelStore) -> str:
    """Why rclone cannot read an address, which is what Seldon Core 2 fetches by; empty where it can."""
    scheme = "" if store.prefix is None else store.prefix.partition(":")[0]
    if scheme in ("", "s3", "gs"):
        return ""
    return f"foundation.models.prefix begins with {scheme}:, and Seldon Core 2 has remotes for s3 and gs; copy it there"


def both_at_once(traffic: Traffic) -> str:
    """Why an Experiment cannot have a candidate that answers and gets copies too; empty where it need not."""
    if not traffic.weight or not traffic.mirror:
        return ""
    told = f"traffic has weight {traffic.weight} and mirror {traffic.mirror}"
    return f"{told}, and what gets copies stands beside an Experiment's candidates; set one of them to 0"
