"""What the tests of batch inference deploy."""

from typing import Any

from components.kubernetes.deployment.samples import ACCELERATORS, EVERYTHING, FOUNDATION, IMAGE, LABELS, STABLE, faults

from modelberth.kubernetes.batch.config import BatchInferenceArgs
from modelberth.kubernetes.batch.inference import objects_of
from modelberth.kubernetes.manifest import Manifest

ALL: dict[str, Any] = {**EVERYTHING, "addons": ["kueue"]}
LEAST: dict[str, Any] = {
    "foundation": FOUNDATION,
    "model": STABLE,
    "input": "s3://shop/tables",
    "output": "s3://shop/predictions/{version}",
    "resources": {"cpu": 2, "memory_gib": 4},
}
NIGHTLY: dict[str, Any] = {"schedule": {"cron": "0 3 * * *", "time_zone": "Europe/Berlin"}}
MOST: dict[str, Any] = {
    **LEAST,
    "foundation": ALL,
    "image": IMAGE,
    "command": ["python", "-m", "mine", "$(MODEL)", "$(JOB_COMPLETION_INDEX)", "$(SHARDS)"],
    "devices": {"accelerator": ACCELERATORS["spot"], "count": 2},
    "shards": {"count": 100_000, "parallel": 10_000, "retries": 100, "scratch_gib": 20},
    "timing": {"deadline": "2d", "keep": 0, "queue": "batch"},
    "egress": [{"cidr": "10.1.0.0/16"}],
    "labels": LABELS,
}

__all__ = ["IMAGE", "faults"]


def args(**fields: Any) -> BatchInferenceArgs:
    """The arguments of a batch."""
    return BatchInferenceArgs.parse({**LEAST, **fields})


def objects(**fields: Any) -> dict[str, Manifest]:
    """Resource name to object of all that a batch makes."""
    return objects_of(args(**fields), "scoring")


def job(**fields: Any) -> Manifest:
    """What runs."""
    return objects(**fields)["scoring"]


def pod_of(made: Manifest) -> Manifest:
    """The pod spec of a Job or a CronJob."""
    spec = made["spec"]["jobTemplate"]["spec"] if made["kind"] == "CronJob" else made["spec"]
    return spec["template"]["spec"]
