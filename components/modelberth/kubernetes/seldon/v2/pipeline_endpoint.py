"""`SeldonPipelineEndpoint`: the component, and its manifest."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.core.traffic import WHOLE
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.seldon.v2.mesh import PORT, READY, SERVICE, address, asking_for, mesh_policy
from modelberth.kubernetes.seldon.v2.pipeline import (
    Batch,
    PipelineOutput,
    PipelineStep,
    SeldonPipelineEndpointArgs,
    check_names,
)

KIND = "pipeline"


class SeldonPipelineEndpoint(Component):
    """A pipeline of models that are there already: it is ready once they are."""

    url: pulumi.Output[str]
    """Address in the cluster; requests need `headers`."""
    headers: Mapping[str, str]
    """What asks for it: `Seldon-Model: <name>.pipeline`."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<pipeline>`."""
    versions: pulumi.Output[dict[str, int]]
    """The version of the flow, which has all requests."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Empty: what Seldon's metrics show of one pipeline is not documented."""
    protocols: tuple[str, ...] = ("oip-v2-rest", "oip-v2-grpc")
    """What Seldon speaks before it."""
    traffic_control: TrafficControl = "stepped"
    """There is one version."""
    api_keys: pulumi.Output[dict[str, str]]
    """Empty: keys are the front door's."""
    ca_certificate_file: pulumi.Output[str] | None = None
    """None: inside the cluster it speaks plain HTTP, or what the mesh makes of it."""
    backends: Mapping[str, Backend]
    """The version to what answers for it, for a route."""

    def __init__(
        self,
        name: str,
        args: SeldonPipelineEndpointArgs | dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = SeldonPipelineEndpointArgs.parse(args, name)
        check_names(args, name)
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        before = create(mesh_policy(args.foundation, place, args.callers), self.child())
        create({name: _pipeline(args, place)}, self.child(depends_on=list(before.values())))
        self.headers = asking_for(name, KIND)
        self.backends = {
            args.version: Backend(service=SERVICE, port=PORT, weight=WHOLE, headers=asking_for(name, KIND))
        }
        self.url = address(place.namespace)
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.versions = pulumi.Output.from_input({args.version: WHOLE})
        self.metrics = pulumi.Output.from_input({})
        self.api_keys = pulumi.Output.from_input({})
        self.register_outputs({"url": self.url, "resource_id": self.resource_id, "versions": self.versions})


def pipeline_objects(args: SeldonPipelineEndpointArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object. Pure. Raises `ConfigError` for a name that leads nowhere."""
    check_names(args, name)
    place = place_of(args.foundation, name, args.labels)
    return {**mesh_policy(args.foundation, place, args.callers), name: _pipeline(args, place)}


def _pipeline(args: SeldonPipelineEndpointArgs, place: Place) -> Manifest:
    revisits = args.max_step_revisits
    spec = {
        "steps": [_step(step) for step in args.steps],
        **({} if args.output is None else {"output": _output(args.output)}),
        **({} if revisits is None else {"allowCycles": True, "maxStepRevisits": revisits}),
    }
    return manifest("Pipeline", place.instance, place, READY, spec=spec)


def _step(step: PipelineStep) -> Manifest:
    joined = {"inputsJoinType": step.inputs_join} if len(step.inputs) > 1 else {}
    started = {"triggersJoinType": step.triggers_join} if len(step.triggers) > 1 else {}
    return {
        "name": step.name,
        **({"inputs": list(step.inputs)} if step.inputs else {}),
        **joined,
        **_window("joinWindowMs", step.join_window),
        **({"triggers": list(step.triggers)} if step.triggers else {}),
        **started,
        **({"tensorMap": dict(step.tensor_map)} if step.tensor_map else {}),
        **({} if step.batch is None else {"batch": _batch(step.batch)}),
    }


def _batch(batch: Batch) -> Manifest:
    return {**({} if batch.size is None else {"size": batch.size}), **_window("windowMs", batch.window)}


def _output(output: PipelineOutput) -> Manifest:
    return {
        "steps": list(output.steps),
        **({"stepsJoin": output.join} if len(output.steps) > 1 else {}),
        **_window("joinWindowMs", output.join_window),
        **({"tensorMap": dict(output.tensor_map)} if output.tensor_map else {}),
    }


def _window(word: str, seconds: float | None) -> Manifest:
    return {} if seconds is None else {word: round(seconds * 1000)}
