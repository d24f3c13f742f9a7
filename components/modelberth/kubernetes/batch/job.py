"""The Job of a run, and the CronJob that makes one by the clock. Pure.

What a Job may be: k8s.io/kubernetes@v1.34.2:pkg/apis/batch/validation/validation.go
"""

from typing import Any

from modelberth.kubernetes.accelerators import placement, requested
from modelberth.kubernetes.batch.config import BatchInferenceArgs, Schedule
from modelberth.kubernetes.identity import pod_labels
from modelberth.kubernetes.images import image_of
from modelberth.kubernetes.manifest import Manifest, Place, labels_of, manifest, selector
from modelberth.kubernetes.model_files import files_of
from modelberth.kubernetes.physical_names import FINGERPRINT, named_by
from modelberth.kubernetes.pods import FETCHER_RUNTIME, HARDENED, MODEL_PATH, surroundings, tmp_mount
from modelberth.kubernetes.quantities import mebibytes, requirements

USER = 65532
QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
"""Source: sigs.k8s.io/kueue@v0.12.3:pkg/controller/constants/constants.go"""

SCORE = ("python", "-m", "modelberth.models.score")
SCORE_ARGUMENTS = ("--model", "$(MODEL)", "--from", "$(INPUT)", "--to", "$(OUTPUT)", "--shards", "$(SHARDS)")

LONGEST_NAME = 63
LONGEST_CRON_JOB = 52
"""Characters of a name: that of a Job, with `-` and the number of its last shard, is the name of a host; a CronJob adds
11 to its own, of which 9 are used: `-` and the minutes since 1970.
Source: k8s.io/kubernetes@v1.34.2:pkg/controller/cronjob/utils.go"""
MINUTES = 9


def longest_name(args: BatchInferenceArgs) -> int:
    """Characters that a name may have, for the last pod to have a name too."""
    shard = len(f"-{args.shards.count - 1}")
    if args.timing.schedule is None:
        return LONGEST_NAME - FINGERPRINT - shard
    return min(LONGEST_CRON_JOB, LONGEST_NAME - MINUTES - shard)


def workload(args: BatchInferenceArgs, place: Place) -> Manifest:
    """A CronJob where there is a schedule, else a Job."""
    schedule = args.timing.schedule
    return job(args, place) if schedule is None else cron_job(args, schedule, place)


def job(args: BatchInferenceArgs, place: Place) -> Manifest:
    """A Job under a name that follows all that it is: its pods cannot be changed, so another one takes its place.

    Nothing waits for one in a queue, which may be there for days.
    """
    placed = place.of(args.model.version)
    spec = job_spec(args, placed)
    unawaited = {} if args.timing.queue is None else {"pulumi.com/skipAwait": "true"}
    made = manifest("Job", named_by(place.instance, spec), placed, unawaited, spec=spec)
    return queued(made, args.timing.queue)


def cron_job(args: BatchInferenceArgs, schedule: Schedule, place: Place) -> Manifest:
    """What makes a Job at each time of the schedule."""
    placed = place.of(args.model.version)
    template = queued({"metadata": {"labels": labels_of(placed)}, "spec": job_spec(args, placed)}, args.timing.queue)
    spec = {
        "schedule": schedule.cron,
        "timeZone": schedule.time_zone,
        "concurrencyPolicy": schedule.overlap,
        "startingDeadlineSeconds": round(schedule.start_within),
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": template,
    }
    return manifest("CronJob", place.instance, placed, spec=spec)


def queued(made: Manifest, queue: str | None) -> Manifest:
    """A Job that waits for Kueue: it is made suspended, and Kueue lets it go."""
    if queue is None:
        return made
    metadata = made["metadata"]
    labels = {**metadata["labels"], QUEUE_LABEL: queue}
    return {**made, "metadata": {**metadata, "labels": labels}, "spec": {**made["spec"], "suspend": True}}


def job_spec(args: BatchInferenceArgs, place: Place) -> Manifest:
    """Shards of one run: each has a number, and is tried again by itself."""
    shards = args.shards
    return {
        "completionMode": "Indexed",
        "completions": shards.count,
        "parallelism": shards.parallel,
        "backoffLimitPerIndex": shards.retries,
        "maxFailedIndexes": 0,
        "activeDeadlineSeconds": round(args.timing.deadline),
        "ttlSecondsAfterFinished": round(args.timing.keep),
        # A pod that its node loses is not the model's fault: it does not count as a try.
        "podFailurePolicy": {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]},
        "template": pod(args, place),
    }


def pod(args: BatchInferenceArgs, place: Place) -> Manifest:
    """The pod of one shard."""
    store, image = args.foundation.models, _image(args)
    fetcher = "" if store.oci is not None else image_of(args.foundation.images, FETCHER_RUNTIME)
    files = files_of(args.model, store, MODEL_PATH, fetcher, HARDENED)
    starters = [dict(container) for container in files.init_containers]
    room = {"sizeLimit": mebibytes(args.shards.scratch_gib)}
    disk = args.shards.scratch_gib + (store.fetched_gib if starters else 0)
    spec = {
        **surroundings(args.foundation, USER, place.instance),
        "restartPolicy": "Never",
        **({"initContainers": starters} if starters else {}),
        "containers": [_container(args, image, dict(files.mount), disk)],
        "volumes": [*(dict(volume) for volume in files.volumes), {"name": tmp_mount()["name"], "emptyDir": room}],
        **placement(args.devices),
    }
    labels = {**labels_of(place), **selector(place, args.model.version), **pod_labels(args.foundation.identity)}
    return {"metadata": {"labels": labels}, "spec": spec}


def _image(args: BatchInferenceArgs) -> Any:
    return image_of(args.foundation.images, FETCHER_RUNTIME) if args.image is None else args.image


def _container(args: BatchInferenceArgs, image: Any, mount: dict[str, Any], disk_gib: float) -> Manifest:
    output = args.output.replace("{version}", args.model.version)
    told = {"MODEL": MODEL_PATH, "INPUT": args.input, "OUTPUT": output, "SHARDS": str(args.shards.count)}
    own = {"command": list(SCORE), "args": list(SCORE_ARGUMENTS)}
    given = {"command": [args.command[0]], "args": list(args.command[1:])} if args.command else own
    return {
        "name": "predict",
        "image": image,
        **given,
        "env": [{"name": name, "value": value} for name, value in {"HOME": "/tmp", **told}.items()],  # noqa: S108
        "resources": requirements(args.resources, requested(args.devices), disk_gib),
        "securityContext": dict(HARDENED),
        "volumeMounts": [mount, tmp_mount()],
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
