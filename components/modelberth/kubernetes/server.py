"""How one version of a model is served: its model server, what it is given, and how long it may take."""

from typing import Annotated

import pulumi
from pydantic import AfterValidator, Field

from modelberth.core.config import Config, In
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.accelerators import Devices
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.names import DnsName
from modelberth.kubernetes.quantities import Resources
from modelberth.runtimes import load, names


def _in_a_container(runtime: str) -> str:
    found = load(runtime)
    if found.platform is not None:
        raise ValueError(f"{runtime} is brought along by {found.platform.name}; take one that runs in any container")
    if not found.ports.keys() & {"http", "grpc"}:
        raise ValueError(f"{runtime} says of no port that requests come to it; {PORTLESS}")
    if not startable(runtime):
        raise ValueError(f"{runtime} {UNSTARTED}")
    return runtime


UNSTARTED = "does not say how it is started in a plain container; take another, or a YAML file of your own"


def startable(runtime: str) -> bool:
    """Whether a container of it serves a model. An image of somebody's own, which a file describes, always does."""
    return runtime not in names() or load(runtime).container is not None


MARGIN = 60
"""Seconds that the engine waits longer than Kubernetes itself, whose reason it then shows."""

PORTLESS = "write a YAML file with its ports, as components/modelberth/runtimes has them, and name its path"


class ModelServer(Config):
    """What every pod of a service runs."""

    runtime: Annotated[str, AfterValidator(_in_a_container)] = "serving"
    """A name from `runtimes/`, or the path of a file of that shape. Left out: our own."""

    image: In[ImageRef] | None = None
    """Its image by digest. Left out: the foundation's image of this runtime."""

    resources: Resources
    """Cores and memory of its container. There is no default: too little slows a model down, too much is paid for."""

    devices: Devices | None = None
    """Accelerators. Left out: none."""

    load_seconds: Annotated[Seconds, Field(gt=0)] = 300
    """How long it may take from its start until the model answers; then it is started anew. Left out: 5 minutes."""

    start_seconds: Annotated[Seconds, Field(gt=0)] = 900
    """How long it may take before that: to find a node, to pull the image, to fetch the model. Then an `up` fails. Left
    out: 15 minutes."""

    drain_seconds: Annotated[Seconds, Field(ge=5, le=3600)] = 30
    """How long it may take to end its requests when it is told to stop. Left out: 30 seconds."""

    environment: dict[str, In[str]] = Field(default_factory=dict)
    """Environment variables beside those of the runtime. No secrets: these are files. Left out: none."""

    priority_class: DnsName | None = None
    """The PriorityClass of its pods: who goes first where room is short. Left out: the cluster's default."""

    user: Annotated[int, Field(ge=1000, le=2**31 - 1)] = 65532
    """The user, and the group, as which it runs. Left out: 65532, the `nonroot` of distroless images."""


def progress_seconds(server: ModelServer) -> int:
    """How long a pod may take until it is ready, before its workload has failed."""
    return round(server.start_seconds) + round(server.load_seconds)


def timeouts_of(server: ModelServer) -> pulumi.CustomTimeouts:
    """How long the engine waits for what has such pods; it would give up after ten minutes by itself.

    Source: https://www.pulumi.com/docs/iac/concepts/resources/options/customtimeouts/
    """
    ready = f"{progress_seconds(server) + MARGIN}s"
    return pulumi.CustomTimeouts(create=ready, update=ready, delete=f"{round(server.drain_seconds) + 5 * MARGIN}s")
