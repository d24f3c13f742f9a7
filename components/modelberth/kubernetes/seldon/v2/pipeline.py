"""A pipeline of Seldon Core 2: models in a flow, over Kafka, as one thing to ask.

What Seldon's scheduler refuses once it has it is refused here (SeldonIO/seldon-core
scheduler/pkg/store/pipeline/validate.go), and tensors that come from a step that is no input.
Source: https://docs.seldon.ai/seldon-core-2/user-guide/pipelines
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, Fault
from modelberth.core.labels import Labels
from modelberth.core.model import Version
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.foundation import Foundation, needs
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.network import Callers

Source = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*(\.(inputs|outputs)(\.[^\s.]+)?)?$")]
"""Where data comes from: a step, `scale`; what went into it or came out, `scale.outputs`; one tensor of that,
`scale.outputs.OUTPUT0`. The pipeline's own name stands for what it was asked: `fraud.inputs`."""

Join = Literal["inner", "outer", "any"]
"""What is waited for where there are several: all of them, those that come in time, the first."""


class Batch(Config):
    """Requests that are put together before a step."""

    size: Annotated[int, Field(ge=1)] | None = None
    """How many. Left out: as many as come in `window`."""

    window: Annotated[Seconds, Field(ge=0.001, le=3600)] | None = None
    """How long it waits for them. Left out: until there are `size`."""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.size is None and self.window is None:
            raise ValueError("nothing ends a batch; give size or window")
        return self


class PipelineStep(Config):
    """One model in a pipeline."""

    name: DnsLabel
    """The Model of this name in the same namespace."""

    inputs: tuple[Source, ...] = ()
    """What it gets. Left out: what the pipeline was asked."""

    inputs_join: Join = "inner"
    """Which of several inputs it waits for. Left out: all."""

    join_window: Annotated[Seconds, Field(ge=0.001, le=3600)] | None = None
    """How long it waits for the others. Left out: Seldon's own."""

    triggers: tuple[Source, ...] = ()
    """What must have come before it begins, though it gets none of it. Left out: nothing."""

    triggers_join: Join = "inner"
    """Which of several triggers it waits for. Left out: all."""

    tensor_map: dict[Source, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """Tensor of an input to the name that it has for this step: `{scale.outputs.OUTPUT0: INPUT0}`. Left out: names stay
    as they are."""

    batch: Batch | None = None
    """Left out: each request by itself."""


class PipelineOutput(Config):
    """What the pipeline answers."""

    steps: Annotated[tuple[Source, ...], Field(min_length=1)]
    """Whose outputs."""

    join: Join = "inner"
    """Which of several it waits for. Left out: all."""

    join_window: Annotated[Seconds, Field(ge=0.001, le=3600)] | None = None
    """How long it waits for the others. Left out: Seldon's own."""

    tensor_map: dict[Source, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """Tensor of a step to the name that it has in the answer. Left out: names stay as they are."""


class SeldonPipelineEndpointArgs(Config):
    """One pipeline."""

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`. Its add-ons name seldon-core-2."""

    version: Version
    """The version of the flow itself, by which a route and its callers know it: `1.0.0`."""

    steps: Annotated[tuple[PipelineStep, ...], Field(min_length=1)]
    """What a request passes."""

    output: PipelineOutput | None = None
    """What is answered. Left out: nothing; it is asked by Kafka, and by nobody who waits."""

    max_step_revisits: Annotated[int, Field(ge=1)] | None = None
    """How often a request may come back to a step. Left out: never; a circle is refused.
    Source: https://docs.seldon.ai/seldon-core-2/user-guide/examples/pipeline-cyclic"""

    callers: Callers = Callers()
    """Who in the cluster may ask, beside the gateway and the namespace itself; see `SeldonModelEndpointArgs.callers`.
    Left out: nobody else."""

    labels: Labels | None = None
    """Who owns it. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = list(filter(None, _faults(self)))
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def step_of(source: str) -> str:
    """The step, or the pipeline, that data comes from."""
    return source.partition(".")[0]


def _faults(args: SeldonPipelineEndpointArgs) -> Iterator[str]:
    """Why something cannot be, whatever the pipeline's name is; empty where it can."""
    yield needs(args.foundation, "seldon-core-2", "a Pipeline")
    names = [step.name for step in args.steps]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield f"{', '.join(twice)} stands there twice; a pipeline passes a model once"
    for step in args.steps:
        yield from _of_step(step)
    if args.output is not None:
        yield from _mapped("output", args.output.tensor_map, args.output.steps)
    circle = circle_of({step.name: (*step.inputs, *step.triggers) for step in args.steps})
    if circle and args.max_step_revisits is None:
        yield f"{' asks '.join(circle)}, which is a circle; take one of them out, or give max_step_revisits"


def _of_step(step: PipelineStep) -> Iterator[str]:
    both = sorted({step_of(each) for each in step.inputs} & {step_of(each) for each in step.triggers})
    if both:
        yield f"steps.{step.name} has {', '.join(both)} as input and as trigger; leave it out of triggers"
    yield from _mapped(f"steps.{step.name}", step.tensor_map, step.inputs)
    for several, join, sources in (
        ("inputs", step.inputs_join, step.inputs),
        ("triggers", step.triggers_join, step.triggers),
    ):
        if join != "inner" and len(sources) < 2:
            told = f"steps.{step.name} has {several}_join {join}"
            yield f"{told} and {len(sources)} {several} to join; leave it out"


def _mapped(where: str, tensors: Mapping[str, str], sources: Iterable[str]) -> Iterator[str]:
    known = {step_of(each) for each in sources}
    for source in tensors:
        if known and step_of(source) not in known:
            yield f"{where}.tensor_map names {source}, and comes from {', '.join(sorted(known))}; take it from there"


def circle_of(asks: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The first circle of steps that wait for one another, its first step at both ends; empty for none. Pure."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done or name not in asks:
            return []
        done.add(name)
        found = (walk(step_of(source), [*path, name]) for source in asks[name])
        return next((circle for circle in found if circle), [])

    circles = (walk(name, []) for name in asks)
    return next((circle for circle in circles if circle), [])


def check_names(args: SeldonPipelineEndpointArgs, name: str) -> None:
    """Raises `ConfigError` where a name leads nowhere: only with the pipeline's own name is it known."""
    faults = [Fault(path, what, fix) for path, what, fix in _dangling(args, name)]
    if faults:
        raise ConfigError(faults, name)


def _dangling(args: SeldonPipelineEndpointArgs, name: str) -> Iterator[tuple[str, str, str]]:
    steps = [step.name for step in args.steps]
    if name in steps:
        yield "steps", f"{name} is the pipeline's own name, too", "rename one of them"
    known = f"steps are {', '.join(steps)}, and the pipeline is {name}"
    for step in args.steps:
        for source in (*step.inputs, *step.triggers, *step.tensor_map):
            if step_of(source) not in (*steps, name):
                yield f"steps.{step.name}", f"{source} is of no step; {known}", "name one of these"
    for source in () if args.output is None else args.output.steps:
        if step_of(source) not in steps:
            yield "output.steps", f"{source} is of no step; steps are {', '.join(steps)}", "name one of these"
