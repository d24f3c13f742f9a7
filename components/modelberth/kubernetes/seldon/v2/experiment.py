"""`SeldonExperiment`: requests to one name, split between models or pipelines of Seldon Core 2, or copied to one."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

import pulumi
from pydantic import Field, model_validator

from modelberth.core.component import Component
from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.kubernetes.foundation import Foundation, needs, place_of
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.seldon.v2.mesh import READY, address, asking_for

KIND = "experiment"


class Mirror(Config):
    """What gets copies of requests; its answers are dropped."""

    name: DnsLabel
    """The model, or pipeline."""

    percent: Annotated[int, Field(ge=1, le=100)]
    """Of how many requests of a hundred."""


class SeldonExperimentArgs(Config):
    """One experiment. Source: https://docs.seldon.ai/seldon-core-2/user-guide/experiment"""

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`. Its add-ons name seldon-core-2."""

    of: Literal["model", "pipeline"] = "model"
    """What it is between. Left out: models."""

    candidates: Annotated[dict[DnsLabel, Annotated[int, Field(ge=0, le=2**31 - 1)]], Field(min_length=1)]
    """Name to weight: the share of requests is a weight of the sum of all."""

    default: DnsLabel | None = None
    """The candidate whose own name then leads here too. A name is the default of one experiment only. Left out: none;
    it is asked for by the name of the experiment alone."""

    mirror: Mirror | None = None
    """Left out: nothing is copied."""

    labels: Labels | None = None
    """Who owns it. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = list(filter(None, _faults(self)))
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def _faults(args: SeldonExperimentArgs) -> Iterator[str]:
    yield needs(args.foundation, "seldon-core-2", "an Experiment")
    known = ", ".join(args.candidates)
    if not sum(args.candidates.values()):
        yield "candidates have weights of 0 together, so nothing would be asked; raise one"
    if args.default is not None and args.default not in args.candidates:
        yield f"default is {args.default}, and candidates are {known}; name one of them"
    if args.mirror is not None and args.mirror.name in args.candidates:
        yield f"mirror is {args.mirror.name}, which is a candidate; what gets copies is a {args.of} beside them"


class SeldonExperiment(Component):
    """An experiment between models or pipelines that are there already."""

    url: pulumi.Output[str]
    """Address in the cluster; requests need `headers`."""
    headers: Mapping[str, str]
    """What asks for it: `Seldon-Model: <name>.experiment`."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<experiment>`."""

    def __init__(
        self, name: str, args: SeldonExperimentArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = SeldonExperimentArgs.parse(args, name)
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        create(experiment_objects(args, name), self.child())
        self.url = address(place.namespace)
        self.headers = asking_for(name, KIND)
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.register_outputs({"url": self.url, "resource_id": self.resource_id})


def experiment_objects(args: SeldonExperimentArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object. Pure."""
    place = place_of(args.foundation, name, args.labels)
    default = {} if args.default is None else {"default": args.default}
    return {name: experiment(place, args.candidates, args.mirror, {**default, "resourceType": args.of})}


def experiment(place: Place, candidates: Mapping[str, int], mirror: Mirror | None, more: Manifest) -> Manifest:
    """An Experiment under the name of its place; `more` are further words. Pure."""
    copied = {} if mirror is None else {"mirror": {"name": mirror.name, "percent": mirror.percent}}
    split = [{"name": name, "weight": weight} for name, weight in candidates.items()]
    return manifest("Experiment", place.instance, place, READY, spec={"candidates": split, **copied, **more})
