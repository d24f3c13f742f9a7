"""The parts of a service of a large language model: the model, who computes it, who sends requests there."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from modelberth.core.config import Config, In
from modelberth.kubernetes.accelerators import Devices
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.names import DnsName
from modelberth.kubernetes.quantities import Resources

Size = Annotated[int, Field(ge=1, le=4096)]

_REVISION = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
_VERSION = re.compile(r"v?\d+(\.\d+){0,2}|sha256-[0-9a-f]{64}")
_SCHEMES = ("hf", "oci", "pvc", "s3")
"""From where KServe fetches for these services.
Source: kserve/kserve@v0.16.0:pkg/controller/v1alpha1/llmisvc/workload_storage.go"""


def pinned_uri(uri: str) -> str:
    """The address itself. Raises `ValueError` for one behind which the model could become another."""
    scheme, colon, rest = uri.partition("://")
    if not colon or scheme not in _SCHEMES:
        raise ValueError(f"is no address of a model; write one with {', '.join(f'{each}://' for each in _SCHEMES)}")
    pinned = {
        "hf": _REVISION.fullmatch(rest.rpartition(":")[2]) is not None,
        "oci": _DIGEST.search(rest) is not None,
    }.get(scheme, any(_VERSION.fullmatch(part) for part in rest.split("/")[1:]))
    if not pinned:
        fix = {"hf": "hf://<org>/<model>:<commit>", "oci": "oci://<image>@sha256:<digest>"}
        raise ValueError(f"names no version; write {fix.get(scheme, f'{scheme}://…/<version>/…')}")
    return uri


ModelUri = Annotated[str, AfterValidator(pinned_uri)]
"""Where a model is, so that it stays the same: `hf://org/model:<commit>`, `oci://…@sha256:…`, `s3://bucket/model/v3`."""


class Adapter(Config):
    """A LoRA adapter, asked for by its name."""

    name: Annotated[str, StringConstraints(min_length=1)]
    """Its name, as requests have it in `model`."""

    uri: ModelUri
    """Where it is."""


class LanguageModel(Config):
    """The model."""

    uri: ModelUri
    """Where it is."""

    name: Annotated[str, StringConstraints(min_length=1)] | None = None
    """Its name, as requests have it in `model`. Left out: the service's."""

    criticality: Literal["Critical", "Standard", "Sheddable"] | None = None
    """Who waits where there is too much to do. Left out: nobody goes first."""

    adapters: tuple[Adapter, ...] = ()
    """LoRA adapters beside it. Left out: none."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        names = [adapter.name for adapter in self.adapters]
        if len(set(names)) < len(names) or self.name in names:
            raise ValueError(f"adapters are named {', '.join(names)}; each needs another name, the model's too")
        return self


class Parallelism(Config):
    """How one model is spread over devices.

    Its whole size never changes while a service lives: KServe's webhook refuses that.
    Source: kserve/kserve@v0.16.0:pkg/controller/v1alpha1/llmisvc/validation/llminferenceservice_validator.go.
    """

    tensor: Size | None = None
    """Devices that share each layer. Left out: 1."""

    pipeline: Size | None = None
    """Pods that each have some of the layers. Left out: 1. Not together with `data`."""

    data: Size | None = None
    """Copies that share the requests. Left out: 1."""

    data_local: Size | None = None
    """How many of these one pod has; together with `data`, and only then."""

    expert: bool = False
    """Whether experts are spread over the copies. Left out: no."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.pipeline is not None and (self.data is not None or self.data_local is not None):
            raise ValueError("pipeline and data are both given, and KServe does one of them; leave one out")
        if (self.data is None) != (self.data_local is None):
            given, missing = ("data", "data_local") if self.data_local is None else ("data_local", "data")
            raise ValueError(f"{given} is given and {missing} is not; KServe wants both")
        if self.data is not None and self.data_local is not None and self.data % self.data_local:
            raise ValueError(f"data is {self.data}, which pods of {self.data_local} do not make; write a multiple")
        return self


class Workload(Config):
    """The pods that compute: the ones for everything, or with `prefill` those that write the answers."""

    image: In[ImageRef]
    """The server's image by digest, in place of KServe's own, which is a tag: one with vLLM, that runs as nobody."""

    replicas: Annotated[int, Field(ge=0, le=10_000)] = 1
    """How many, or how many groups of pods. Left out: 1."""

    resources: Resources
    """Cores and memory of each pod."""

    devices: Devices
    """Accelerators of each pod."""

    parallelism: Parallelism | None = None
    """How the model is spread. Left out: each pod has all of it on its devices."""

    workers: bool = False
    """Whether a pod has others beside it, alike, that compute with it (LeaderWorkerSet). Left out: no."""

    environment: dict[str, In[str]] = Field(default_factory=dict)
    """Environment variables; no secrets. Left out: none."""

    user: Annotated[int, Field(ge=1000, le=2**31 - 1)] = 65532
    """As which user, and group, it runs. Left out: 65532."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        found = "; ".join(_spread_faults(self))
        if found:
            raise ValueError(found)
        return self


def _spread_faults(workload: Workload) -> Iterator[str]:
    given = workload.parallelism or Parallelism()
    if workload.workers and given.pipeline is None and given.data is None:
        yield "workers is true, and parallelism has neither pipeline nor data; give one, or leave workers out"
    if (given.pipeline or 1) > 1 and not workload.workers:
        yield f"parallelism.pipeline is {given.pipeline}, and there is one pod; set workers to true"
    needed, count = (given.tensor or 1) * (given.data_local or 1), workload.devices.count
    if needed > count:
        yield f"parallelism wants {needed} devices in a pod, which has {count}; raise devices.count to {needed}"


class OwnRoutes(Config):
    """Routes of your own (HTTPRoute), which KServe leaves alone: whoever made them says who may call."""

    routes: Annotated[tuple[DnsName, ...], Field(min_length=1)]
    """Their names, in the namespace of the service."""


class ManagedRoute(Config):
    """A route that KServe makes at its own gateway, under `/<namespace>/<service>`. Nobody is asked who calls there."""

    reason: Annotated[str, StringConstraints(min_length=10)]
    """Why that is right."""


class Router(Config):
    """How requests come to it."""

    own: OwnRoutes | None = None
    """Routes of your own. At most one of this and `managed`."""

    managed: ManagedRoute | None = None
    """KServe's own."""

    scheduler: bool = False
    """Whether an endpoint picker chooses the pod: who has a prompt's beginning in its cache, who has time. It is worth
    something from two pods on. Left out: no."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.own is None) == (self.managed is None):
            raise ValueError("got neither or both of own and managed; give one: whose routes are they?")
        return self
