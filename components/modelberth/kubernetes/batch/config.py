"""Predictions for a store of tables, as a Job or a CronJob.

Rules that the schema does not hold: k8s.io/kubernetes@v1.34.2:pkg/apis/batch/validation/validation.go
"""

from collections.abc import Iterator
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.model import ModelVersion
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.accelerators import Devices
from modelberth.kubernetes.batch.cron import five_fields
from modelberth.kubernetes.foundation import Foundation, needs
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.manifest import unnameable
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.peers import Egress
from modelberth.kubernetes.quantities import GiB, Resources

Location = Annotated[str, StringConstraints(pattern=r"^(s3|gs|abfss)://[^\s]+$")]
"""A folder in a store: `s3://bucket/tables/2026-11`."""

MOST_SHARDS = 100_000
"""Completions of an Indexed Job whose shards are tried again one by one.
Source: k8s.io/kubernetes@v1.34.2:pkg/apis/batch/validation/validation.go"""

MOST_SECONDS = 2**31 - 1
"""What a Job counts in 32 bits. Source: k8s.io/api@v0.34.2:batch/v1/types.go"""


def _zone(name: str) -> str:
    # Where this machine has no time zones, the API server is the first to know.
    if name not in (available_timezones() or {name}):
        raise ValueError(f"{name[:50]!r} is no time zone; write Etc/UTC, or one like Europe/Berlin")
    return name


class Shards(Config):
    """Equal parts of the work, each a pod that can be killed and started again without harm."""

    count: Annotated[int, Field(ge=1, le=MOST_SHARDS)] = 1
    """How many. Left out: 1."""

    parallel: Annotated[int, Field(ge=1, le=10_000)] = 1
    """How many at once, and so the ceiling of the cost. Left out: 1."""

    retries: Annotated[int, Field(ge=0, le=100)] = 3
    """How often each is tried again; a node that is taken away does not count. One that fails for good ends the run:
    what is done stays done. Left out: 3."""

    scratch_gib: GiB = 1
    """Room in each pod for the table that it is at, and its predictions. Left out: 1 GiB; a pod that needs more is
    evicted."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.parallel > self.count:
            raise ValueError(f"parallel is {self.parallel}, above count {self.count}; lower it")
        return self


class Schedule(Config):
    """When a run starts, by itself."""

    cron: Annotated[str, AfterValidator(five_fields)]
    """Five cron fields: `0 3 * * *`."""

    time_zone: Annotated[str, AfterValidator(_zone)] = "Etc/UTC"
    """Where it is that time: `Europe/Berlin`. Left out: UTC."""

    overlap: Literal["Forbid", "Replace"] = "Forbid"
    """While the run before is not over: `Forbid` leaves the new one out, `Replace` ends the old one. Left out: Forbid.
    Both at once would write the same files."""

    start_within: Annotated[Seconds, Field(ge=10, le=MOST_SECONDS)] = 3600
    """How late a run may start, after which it is left out; Kubernetes looks every ten seconds. Left out: an hour.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"""


class Timing(Config):
    """When it runs, for how long, and behind whom it waits."""

    schedule: Schedule | None = None
    """Left out: once, and again with each change of what it runs."""

    deadline: Annotated[Seconds, Field(ge=60, le=MOST_SECONDS)] = 4 * 3600
    """How long a run may take, with all its retries; then it has failed. Left out: four hours."""

    keep: Annotated[Seconds, Field(ge=0, le=MOST_SECONDS)] = 24 * 3600
    """How long a finished run is kept, with its logs. An `up` after a refresh then makes it again, which skips what is
    done. Left out: a day."""

    queue: DnsLabel | None = None
    """Name of Kueue's LocalQueue in the namespace, where it waits for its turn. Left out: it starts at once."""


class BatchInferenceArgs(Config):
    """One model, one folder of tables, one folder of predictions."""

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`."""

    model: ModelVersion
    """What predicts."""

    image: In[ImageRef] | None = None
    """What runs, by digest. Left out: the foundation's image of `serving`."""

    command: tuple[str, ...] = ()
    """Program and arguments. `$(MODEL)`, `$(INPUT)`, `$(OUTPUT)`, `$(SHARDS)`, `$(JOB_COMPLETION_INDEX)` are filled in.
    Left out: `python -m modelberth.models.score`, which reads CSV, Parquet and JSON lines, and skips what is done."""

    input: Location
    """Where the tables are. Its pods read them as the identity of the foundation: credentials of the model store are
    for the container that fetches alone."""

    output: Location
    """Where the predictions go; `{version}` stands for the model's. What is done there already is left as it is,
    whichever version did it: with `{version}` in it, each does all of it."""

    resources: Resources
    """Cores and memory of each pod."""

    devices: Devices | None = None
    """Accelerators of each pod. Left out: none."""

    shards: Shards = Shards()
    """How the work is divided. Left out: it is not."""

    timing: Timing = Timing()
    """When it runs, and for how long. Left out: once, for four hours at most."""

    egress: tuple[Egress, ...] = ()
    """Addresses that it must reach, beside those of the model store. Left out: none."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = [why for why in _contradictions(self) if why]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def _contradictions(args: BatchInferenceArgs) -> Iterator[str]:
    """What cannot be, each in one clause, or nothing."""
    inside = f"{args.output.rstrip('/')}/".startswith(f"{args.input.rstrip('/')}/")
    read_again = f"output {args.output} is inside the input {args.input}, so that predictions would be read as tables"
    yield f"{read_again}; take another folder" if inside else ""
    yield "" if args.timing.queue is None else needs(args.foundation, "kueue", "timing.queue")
    fault = unnameable("", args.model.version, 10**6)
    yield "" if fault is None else f"model.version: {'; '.join(fault)}"
