"""What an InferenceService may have besides a pod of ours: KServe's runtimes, steps before it, KServe's sidecar."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from modelberth.core.config import Config, In
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.accelerators import Devices
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.kserve.scalers import Ceiling, check_bounds
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.peers import Reached
from modelberth.kubernetes.quantities import GiB, Resources

RUNTIME_PORT = 8080
"""Where KServe expects a container that names no port, and what it starts transformers and explainers with.
Source: kserve/kserve@v0.16.0:pkg/constants/constants.go, InferenceServiceDefaultHttpPort."""

_IN_CLUSTER = re.compile(r"http://[a-z0-9-]+(\.[a-z0-9-]+\.svc(\.cluster\.local)?)?(:\d+)?(/\S*)?")


class ModelCache(Config):
    """Files of models that are kept on nodes (LocalModelCache), so that a pod there need not fetch them."""

    node_group: DnsLabel
    """A LocalModelNodeGroup of the cluster: which nodes, and how much room there is."""

    size_gib: GiB
    """Room that the files need; KServe refuses what does not fit."""


class KServeRuntime(Config):
    """A predictor of KServe's own making: one of its ServingRuntimes, and an address from which KServe fetches.

    Nothing compares the files with the model's digest here, unless they come as an OCI image. KServe's container that
    fetches has no security context of its own, so a namespace that enforces the restricted Pod Security Standard
    refuses the pods until the cluster's ClusterStorageContainer is given one.
    Source: kserve/kserve@v0.16.0:config/storagecontainers/default.yaml.
    """

    name: DnsLabel
    """The ServingRuntime or ClusterServingRuntime: `kserve-sklearnserver`. Never left to KServe's choice, which changes
    with what else is installed."""

    image: In[ImageRef]
    """Its image by digest, in place of the runtime's own, which is a tag."""

    model_format: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    """What the model is, in KServe's word: `sklearn`."""

    format_version: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+){0,2}$")] | None = None
    """Which version of that. Left out: whatever the runtime takes."""

    protocol: Literal["v1", "v2", "grpc-v1", "grpc-v2"] = "v2"
    """What it speaks. Left out: the Open Inference Protocol."""

    resources: Resources
    """Cores and memory of its container."""

    devices: Devices | None = None
    """Accelerators. Left out: none."""

    environment: dict[str, In[str]] = Field(default_factory=dict)
    """Environment variables; no secrets. Left out: none."""

    user: Annotated[int, Field(ge=1000, le=2**31 - 1)] = 65532
    """As which user, and group, it runs. Left out: 65532."""

    cache: ModelCache | None = None
    """Whether files are kept on nodes. Left out: each pod fetches them."""


TOLD = ("--model_name", "--predictor_host", "--http_port")
"""Arguments with which KServe starts a transformer or an explainer, in whatever image."""


def _own(arguments: tuple[str, ...]) -> tuple[str, ...]:
    given = [each for each in arguments if each.partition("=")[0] in TOLD]
    if given:
        raise ValueError(f"has {', '.join(given)}, which are given by KServe and by this library; leave them out")
    return arguments


class Step(Config):
    """A container of your own before the predictor, or beside it: a transformer, an explainer.

    KServe starts it with `--model_name`, `--predictor_host` and `--http_port 8080`.
    Source: kserve/kserve@v0.16.0:pkg/apis/serving/v1beta1/transformer_custom.go and explainer_custom.go.
    """

    image: In[ImageRef]
    """Its image by digest."""

    command: tuple[str, ...] = ()
    """Program. Left out: the image's own entrypoint."""

    arguments: Annotated[tuple[str, ...], AfterValidator(_own)] = ()
    """Arguments before those of KServe. Left out: none."""

    environment: dict[str, In[str]] = Field(default_factory=dict)
    """Environment variables; no secrets. Left out: none."""

    resources: Resources
    """Cores and memory."""

    ready: Annotated[str, StringConstraints(pattern=r"^/\S*$")] | None = None
    """The path that says, by 200, that requests may come. Left out: its port is open."""

    min_replicas: Ceiling = 1
    """Floor. Left out: 1."""

    max_replicas: Ceiling = 1
    """Ceiling. Left out: 1. Between them its number follows its processor, or with Knative its requests."""

    user: Annotated[int, Field(ge=1000, le=2**31 - 1)] = 65532
    """As which user, and group, it runs. Left out: 65532."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_bounds(self.min_replicas, self.max_replicas)
        return self


def _sink(url: str) -> str:
    if not url.startswith("https://") and not _IN_CLUSTER.fullmatch(url):
        raise ValueError("is neither https nor in the cluster; write https://… or http://<service>.<namespace>.svc")
    return url


class PayloadLogger(Config):
    """A copy of requests or answers for somebody else, as CloudEvents over HTTP. All of them: KServe takes no sample.

    Source: kserve/kserve@v0.16.0:pkg/apis/serving/v1beta1/inference_service.go, LoggerSpec.
    """

    url: Annotated[str, AfterValidator(_sink)]
    """Who gets it: `http://sink.team.svc`, or an https address."""

    mode: Literal["request", "response", "all"]
    """Which of the two bodies; both need a reason."""

    reason: Annotated[str, StringConstraints(min_length=10)] | None = None
    """Why both bodies are kept. Left out: only one may be."""

    retention: Annotated[Seconds, Field(ge=86400)]
    """How long they are kept there, in whole days. It is written on the service; KServe deletes nothing: whoever gets
    them must."""

    egress: Annotated[tuple[Reached, ...], Field(min_length=1)]
    """Where the sink is, so that pods may reach it: `[{"namespace": "team", "ports": [8080]}]`, its pods' own ports; or
    addresses."""

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        if self.mode == "all" and self.reason is None:
            raise ValueError("mode is all, which keeps requests and answers; give the reason, or take one of them")
        return self


class Batcher(Config):
    """Several requests are put together before the model sees them; only where requests hold `instances`.

    KServe passes no timeout on, so there is none here.
    Source: kserve/kserve@v0.16.0:pkg/batcher/handler.go and pkg/webhook/admission/pod/agent_injector.go.
    """

    max_batch_size: Annotated[int, Field(ge=2, le=4096)]
    """Instances that make a batch."""

    max_latency_ms: Annotated[int, Field(ge=1, le=60_000)]
    """How long the first of them waits at most."""
