"""`BatchInference`: predictions for a store of tables, once or by the clock, in shards that can be killed."""

from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.kubernetes.batch.config import BatchInferenceArgs
from modelberth.kubernetes.batch.job import longest_name, workload
from modelberth.kubernetes.foundation import place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.manifest import Manifest, Place
from modelberth.kubernetes.network import Callers, Ports, workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.physical_names import check_name

MARGIN_SECONDS = 600
"""Beside what a run may take: a node must be found, and what failed be cleaned up."""


class BatchInference(Component):
    """One model, one folder of tables, one folder of predictions.

    Without a schedule an `up` ends when the run has ended, and fails with it; with a queue of Kueue, once it is in it.
    Whatever is changed of what it runs is another run, and the one before is stopped first.
    """

    resource_id: pulumi.Output[str]
    """`<namespace>/<name>` of the Job, or of the CronJob."""

    def __init__(
        self, name: str, args: BatchInferenceArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = BatchInferenceArgs.parse(args, name)
        check_name(name, longest_name(args), "a batch of so many shards")
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        before = create(surroundings(args, place), self.child())
        made = create({name: workload(args, place)}, self.child(depends_on=list(before.values()), **_running(args)))
        self.resource_id = pulumi.Output.concat(place.namespace, "/", made[name].metadata["name"])
        self.register_outputs({"resource_id": self.resource_id})


def _running(args: BatchInferenceArgs) -> dict[str, Any]:
    """The options of what runs: how long Pulumi waits for it, and what Kueue writes into it."""
    timing = args.timing
    if timing.schedule is not None:
        return {}
    longest = f"{round(timing.deadline) + MARGIN_SECONDS}s"
    ignored = [] if timing.queue is None else ["spec.suspend"]
    return {
        "custom_timeouts": pulumi.CustomTimeouts(create=longest, update=longest),
        "delete_before_replace": True,
        "ignore_changes": ignored,
    }


def objects_of(args: BatchInferenceArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that it makes. Pure."""
    place = place_of(args.foundation, name, args.labels)
    return {**surroundings(args, place), name: workload(args, place)}


def surroundings(args: BatchInferenceArgs, place: Place) -> dict[str, Manifest]:
    """What must be there before the first pod: who it is, and whom it may reach. Nobody asks it. Pure."""
    name = place.instance
    nobody = args.foundation.model_copy(update={"gateway": None, "prometheus": None})
    return {
        f"{name}-account": service_account(place, args.foundation.identity),
        f"{name}-network": workload_policy(nobody, place, Ports(()), Callers(), egress=args.egress),
    }
