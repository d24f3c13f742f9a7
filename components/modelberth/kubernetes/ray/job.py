"""`RayBatchJob`: a program on a Ray cluster that is made for it, and goes when it is over."""

import shlex
from typing import Annotated, Any, Self

import pulumi
from pydantic import Field, model_validator

from modelberth.core.component import Component
from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.core.model import ModelVersion
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.foundation import Foundation, needs, place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.network import Callers, Ports, workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.peers import Egress
from modelberth.kubernetes.physical_names import FINGERPRINT, check_name, named_by
from modelberth.kubernetes.ray.cluster import asked, inside, ray_cluster
from modelberth.kubernetes.ray.config import LONGEST_NAME, RayCluster, autoscaled, ill_suited
from modelberth.kubernetes.ray.upgrade import MOST_SECONDS

KEPT_SECONDS = 3600
"""How long the cluster of a finished run is kept, with its logs."""

QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
"""Source: sigs.k8s.io/kueue@v0.12.3:pkg/controller/constants/constants.go"""


class RayBatchJobArgs(Config):
    """One run of one program, with a model."""

    foundation: Foundation
    """Where it stands. It needs the add-on ray."""

    model: ModelVersion
    """What it uses; its files are in every pod, under /mnt/models."""

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    """Program and arguments, on the head: `[python, predict.py, --from, s3://…]`. It must leave what is done as it is
    when it is run again."""

    cluster: RayCluster
    """Where it runs."""

    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """How often it is tried again, each time on a new cluster. Left out: 2."""

    deadline: Annotated[Seconds, Field(ge=60, le=MOST_SECONDS)] = 4 * 3600
    """How long it may take with all its retries; then it has failed. Left out: four hours."""

    queue: DnsLabel | None = None
    """Name of Kueue's LocalQueue in the namespace, where it waits for its turn. Left out: it starts at once."""

    egress: tuple[Egress, ...] = ()
    """Addresses that it must reach, beside those of the model store. Left out: none."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        faults = [needs(self.foundation, "ray", "a RayJob"), *ill_suited(self.model, self.cluster, self.foundation)]
        wrong = [fault for fault in (*faults, _unqueueable(self)) if fault]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def _unqueueable(args: RayBatchJobArgs) -> str:
    """Why Kueue would not take it, in one clause; empty where it would, or is not asked.

    Source: sigs.k8s.io/kueue@v0.12.3:pkg/controller/jobs/rayjob/rayjob_webhook.go
    """
    workers = args.cluster.workers
    if args.queue is None:
        return ""
    if why := needs(args.foundation, "kueue", "queue"):
        return why
    moves = f"cluster.workers go from {workers.min_replicas} to {workers.max_replicas}"
    fixed = f"Kueue keeps room for a fixed number; write min_replicas {workers.max_replicas}, or leave queue out"
    return f"{moves}, and {fixed}" if autoscaled(workers) else ""


class RayBatchJob(Component):
    """One run. An `up` ends once KubeRay has been told.

    Whatever is changed of it is another run: KubeRay does not look at a RayJob again once it has begun. The run before
    is stopped first.
    """

    resource_id: pulumi.Output[str]
    """`<namespace>/<name>` of the RayJob."""

    def __init__(
        self, name: str, args: RayBatchJobArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = RayBatchJobArgs.parse(args, name)
        check_name(name, LONGEST_NAME - FINGERPRINT, "KubeRay, with the fingerprint of a run added,")
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        before = create(surroundings(args, place), self.child())
        # Kueue lets it go by that field.
        ignored = [] if args.queue is None else ["spec.suspend"]
        options = self.child(depends_on=list(before.values()), delete_before_replace=True, ignore_changes=ignored)
        made = create({name: ray_job(args, place)}, options)
        self.resource_id = pulumi.Output.concat(place.namespace, "/", made[name].metadata["name"])
        self.register_outputs({"resource_id": self.resource_id})


def objects_of(args: RayBatchJobArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that it makes. Pure."""
    place = place_of(args.foundation, name, args.labels)
    return {**surroundings(args, place), name: ray_job(args, place)}


def surroundings(args: RayBatchJobArgs, place: Place) -> dict[str, Manifest]:
    """What must be there before the first pod. Nobody asks it. Pure."""
    name = place.instance
    nobody = args.foundation.model_copy(update={"gateway": None, "prometheus": None})
    reached = (*asked(args.cluster, args.foundation), *args.egress)
    return {
        f"{name}-account": service_account(place, args.foundation.identity),
        f"{name}-network": workload_policy(nobody, place, Ports(()), Callers(), egress=reached),
        f"{name}-cluster-network": inside(args.cluster, place),
    }


def ray_job(args: RayBatchJobArgs, place: Place) -> Manifest:
    """The RayJob, under a name that follows what it does: another run is another job. Pure."""
    spec = {
        "entrypoint": shlex.join(args.command),
        # The operator itself submits it: no pod of another image, which nobody would have hardened.
        "submissionMode": "HTTPMode",
        "shutdownAfterJobFinishes": True,
        "ttlSecondsAfterFinished": KEPT_SECONDS,
        "activeDeadlineSeconds": round(args.deadline),
        "backoffLimit": args.retries,
        "rayClusterSpec": ray_cluster(args.cluster, args.model, args.foundation, place),
    }
    queued = {} if args.queue is None else {"suspend": True}
    name = named_by(place.instance, spec)
    made = manifest("RayJob", name, place.of(args.model.version), spec={**spec, **queued})
    if args.queue is not None:
        made["metadata"]["labels"][QUEUE_LABEL] = args.queue
    return made
