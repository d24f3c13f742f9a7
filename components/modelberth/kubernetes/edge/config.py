"""A model server on a box that is mostly offline: one pod, of images that stand on the box already."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.model import ModelVersion
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.names import DnsName, LabelValue
from modelberth.kubernetes.network import Callers
from modelberth.kubernetes.peers import Reached
from modelberth.kubernetes.quantities import GiB, Resources
from modelberth.kubernetes.server import ModelServer
from modelberth.runtimes import load

LEAST_QUEUE_GIB = 0.26
"""Vector refuses a queue on disk below 268,435,488 bytes.
Source: https://vector.dev/docs/reference/configuration/sinks/prometheus_remote_write/#buffer.max_size"""

QUEUE_SHARE = 0.9
"""How much of its volume the queue may fill: Vector's own state and the last file of the queue stand beside it."""


class Forwarding(Config):
    """Metrics are read on the box, queued on its disk, and sent in order once the store answers.

    Vector does it: its queue outlives a restart, which Prometheus' own (agent mode) does not.
    """

    image: In[ImageRef]
    """An image of Vector 0.43 or later, by digest; it stands on the box as all others do."""

    to: Annotated[str, StringConstraints(pattern=r"^https://\S+$")]
    """Where a Prometheus takes them by remote write: `https://metrics.example.com/api/v1/write`. It must take samples
    as old as the longest time offline (Prometheus: `out_of_order_time_window`)."""

    reached: Annotated[tuple[Reached, ...], Field(min_length=1)]
    """Its addresses: a network policy knows no host names."""

    box: LabelValue
    """Name of the box; every series carries it, or those of two boxes would be one."""

    token: DnsName | None = None
    """A Secret whose key `token` is shown as bearer token. Left out: nothing is shown."""

    queue_gib: Annotated[GiB, Field(ge=LEAST_QUEUE_GIB / QUEUE_SHARE)] = 1
    """Size of the volume of the queue. When it is full, new samples are dropped and old ones kept. Left out: 1 GiB,
    which is weeks of one server."""

    storage_class: DnsName | None = None
    """The StorageClass of the volume. Left out: the cluster's default; on k3s that is a folder of the box."""

    every: Annotated[Seconds, Field(ge=5, le=300)] = 30
    """How often metrics are read. Left out: every 30 seconds."""

    resources: Resources = Resources(cpu=0.05, memory_gib=0.125)
    """What its container gets. Left out: a twentieth of a core and 128 MiB."""


class EdgeEndpointArgs(Config):
    """One model on one box."""

    foundation: Foundation
    """Where it stands. `models` is asked for a name only: nothing is fetched from there."""

    model: ModelVersion
    """What serves. Another version takes its place: there is no room for two."""

    server: ModelServer
    """What its pod runs."""

    files: Literal["volume", "image"] = "volume"
    """`volume`: an OCI image of their own, which stands on the box under its name and digest in `foundation.models.oci`
    and is mounted; needs Kubernetes 1.35, or the feature gate ImageVolume. `image`: they are in the image of the server
    at the path that its runtime reads (`/mnt/models` where it has none), and the digest of that image pins them. Left
    out: volume."""

    forwarding: Forwarding | None = None
    """What becomes of its metrics. Left out: they are read by whoever asks the box."""

    callers: Callers = Callers()
    """Who in the cluster may ask it. Left out: the gateway and Prometheus only."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = [why for met, why in _contradictions(self) if met]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def _contradictions(args: EdgeEndpointArgs) -> Iterator[tuple[bool, str]]:
    """Whether something cannot be, and why."""
    yield args.files == "volume" and args.foundation.models.oci is None, FETCHED
    unseen = args.forwarding is not None and load(args.server.runtime).metrics is None
    yield unseen, f"forwarding is given, and {args.server.runtime} shows no metrics; leave it out"
    remote = args.foundation.pull_secrets
    yield bool(remote), "foundation.pull_secrets is given, and no image is pulled on the box; leave it out"


FETCHED = (
    "foundation.models names no OCI repository, so that files would be fetched at each start, which a box that is "
    "offline cannot do; write models: {oci: …}, or put them into the image with files: image"
)
