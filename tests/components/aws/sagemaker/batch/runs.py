"""Runs of a batch transform, played with services that work or fail as a test says."""

import json

from components.aws.sagemaker.batch.machine import TaskError, play
from components.aws.sagemaker.batch.samples import LEAST, TOPIC

from modelberth.aws.sagemaker.batch.config import BatchTransformArgs
from modelberth.aws.sagemaker.batch.definition import definition
from modelberth.aws.sagemaker.batch.transform import batch_of

SCHEDULED = {"scheduled": "2026-11-21T02:30:00Z"}
JOB, STOP, PUBLISH = "createTransformJob.sync", "stopTransformJob", "publish"
FAILED_JOB = {"TransformJobName": "prod-scores--0", "TransformJobStatus": "Failed"}


def machine(args=LEAST, topic=TOPIC, **run):
    parsed = BatchTransformArgs.parse({**args, "run": {**args.get("run", {}), **run}})
    known = {
        "model": "prod-scores--abc", "input": parsed.input.uri, "output": parsed.output.uri, "output_key": "arn:o",
        "volume_key": "arn:v", "topic": topic,
    }  # fmt: skip
    return definition(batch_of(parsed, "prod-scores", known))


def failing(*causes):
    """A service that fails so many times, and then answers."""

    def answer(before):
        if before < len(causes):
            cause = causes[before]
            raise cause if isinstance(cause, TaskError) else TaskError("States.TaskFailed", cause)
        return {}

    return answer


def because(reason):
    return json.dumps({**FAILED_JOB, "FailureReason": reason})


WORKING = failing()


def played(job, given=SCHEDULED, args=LEAST, topic=TOPIC, stop=WORKING, publish=WORKING, **run):
    return play(machine(args, topic, **run), {JOB: job, STOP: stop, PUBLISH: publish}, given)
