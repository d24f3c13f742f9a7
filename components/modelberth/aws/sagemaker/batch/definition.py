"""What a run does, in the Amazon States Language (JSONata): a pure function from plain values to the definition.

Name → Transform → Done
         │ failed by SageMaker itself → Pause → Transform, as often as is allowed
         │ failed otherwise → Tell → Failed
         └ too long → Stop → Tell → Failed
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelberth.aws.sagemaker.batch.data import DATE
from modelberth.aws.sagemaker.batch.timing import FULL, PAUSE_SECONDS, THROTTLED, Timing
from modelberth.core.naming import fingerprint

DIGITS = 16
LONGEST_JOB_NAME = 63
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html"""

LONGEST_PREFIX = LONGEST_JOB_NAME - DIGITS - len("--")

JOBS_LOG_GROUP = "/aws/sagemaker/TransformJobs"
"""Where all transform jobs of an account and region write.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html"""

SCHEDULED = {"scheduled": "<aws.scheduler.scheduled-time>"}
"""What Scheduler starts a run with: `2026-11-21T02:30:00Z`, also where it starts later. By hand it may be left out, or
written for another day's run.
Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""


def job_prefix(name: str) -> str:
    """How the names of all its jobs begin: a physical name, cut where there is no room for what follows."""
    if len(name) <= LONGEST_PREFIX:
        return name
    tail = fingerprint(name)
    return f"{name[: LONGEST_PREFIX - len(tail) - 1].rstrip('-')}-{tail}"


@dataclass(frozen=True, slots=True)
class Batch:
    """One state machine, in plain values."""

    partition: str
    """`aws`."""
    prefix: str
    """How the names of its jobs begin."""
    request: Mapping[str, Any]
    """CreateTransformJob, but for the job's name."""
    timing: Timing
    """How long a job and a run may take."""
    restarts: int = 0
    """How often a job that SageMaker itself failed is started again."""
    topic_arn: str | None = None
    """Who is told of a run that failed. None: nobody."""


def definition(batch: Batch) -> dict[str, Any]:
    """The definition of the state machine."""
    return {
        "Comment": f"Starts one transform job, {batch.prefix}--…, and says why where it fails.",
        "QueryLanguage": "JSONata",
        "StartAt": "Name",
        # The last resort: each job has a shorter limit of its own.
        "TimeoutSeconds": batch.timing.execution,
        "States": {**_states(batch), **(_again(batch) if batch.restarts else {}), **_told(batch)},
    }


def dated(uri: str) -> str:
    """A folder as a value of the definition: an expression where a day stands in it."""
    if DATE not in uri:
        return uri
    return _expression(" & $day & ".join(f"'{part}'" for part in uri.split(DATE)))


def _expression(text: str) -> str:
    return f"{{% {text} %}}"


_TIME = "$exists($states.input.scheduled) ? $states.input.scheduled : $states.context.Execution.StartTime"
_DAY = f"$substring({_TIME}, 0, 10)"

_REASON = (
    "($cause := $states.errorOutput.Cause; "
    "$found := $exists($cause) and $substring($cause, 0, 1) = '{' ? $parse($cause) : {}; "
    "$exists($found.FailureReason) ? $found.FailureReason "
    ": $exists($found.TransformJobStatus) ? 'the job is ' & $found.TransformJobStatus "
    ": $exists($cause) ? $cause : $states.errorOutput.Error)"
)
"""The cause is the JSON of DescribeTransformJob where a job ended, plain text where none began, or nothing."""

_ITS_OWN = "/^(CapacityError|InternalServerError)/"
"""How SageMaker's reason begins where neither model nor data is at fault. Source: the exceptions of
https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html"""

_THROTTLED = {
    "ErrorEquals": ["SageMaker.AmazonSageMakerException", "ThrottlingException"],
    **THROTTLED,
    "JitterStrategy": "FULL",
}
"""Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html"""
_FULL = {"ErrorEquals": ["SageMaker.ResourceLimitExceededException"], **FULL, "JitterStrategy": "FULL"}
_SHORTLY = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 3}


def _states(batch: Batch) -> dict[str, Any]:
    failed = "Judge" if batch.restarts else _end(batch)
    late = f"'it took longer than {batch.timing.timeout} s'"
    return {
        "Name": {
            "Type": "Pass",
            "Assign": {"attempt": 1, "day": _expression(_DAY), "job": _job(batch, "1")},
            "Next": "Transform",
        },
        "Transform": {
            "Type": "Task",
            "Resource": f"arn:{batch.partition}:states:::sagemaker:createTransformJob.sync",
            "Arguments": {"TransformJobName": _expression("$job"), **batch.request},
            "TimeoutSeconds": batch.timing.timeout,
            "Retry": [_THROTTLED, _FULL],
            "Catch": [_caught("States.Timeout", late, "Stop"), _caught("States.ALL", _REASON, failed)],
            "Next": "Done",
        },
        "Stop": _stop(batch),
        "Done": {"Type": "Succeed", "Output": {"job": _expression("$job"), "day": _expression("$day")}},
    }


def _job(batch: Batch, attempt: str) -> str:
    """The job's name: of the execution's id, so that no two executions meet, and each try has its own.

    An id is longer than a job's name may be and has other characters, so it is hashed.
    """
    digest = f"$substring($hash($states.context.Execution.Id & '/' & {attempt}, 'SHA-256'), 0, {DIGITS})"
    return _expression(f"'{batch.prefix}--' & {digest}")


def _caught(error: str, reason: str, then: str) -> dict[str, Any]:
    assigned = {"error": _expression("$states.errorOutput.Error"), "reason": _expression(reason)}
    return {"ErrorEquals": [error], "Assign": assigned, "Next": then}


def _stop(batch: Batch) -> dict[str, Any]:
    """Step Functions stops a job of an execution that is stopped; of a task that takes too long it says nothing.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
    """
    running = "$reason & ', and could not be stopped: ' & $states.errorOutput.Error"
    return {
        "Type": "Task",
        "Resource": f"arn:{batch.partition}:states:::aws-sdk:sagemaker:stopTransformJob",
        "Arguments": {"TransformJobName": _expression("$job")},
        "Assign": {"reason": _expression("$reason & ', and was stopped'")},
        "Retry": [_SHORTLY],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"reason": _expression(running)}, "Next": _end(batch)}],
        "Next": _end(batch),
    }


def _again(batch: Batch) -> dict[str, Any]:
    its_own = f"$attempt <= {batch.restarts} and $contains($reason, {_ITS_OWN})"
    return {
        "Judge": {
            "Type": "Choice",
            "Choices": [{"Condition": _expression(its_own), "Next": "Pause"}],
            "Default": _end(batch),
        },
        "Pause": {
            "Type": "Wait",
            "Seconds": PAUSE_SECONDS,
            "Assign": {"attempt": _expression("$attempt + 1"), "job": _job(batch, "($attempt + 1)")},
            "Next": "Transform",
        },
    }


def _end(batch: Batch) -> str:
    return "Failed" if batch.topic_arn is None else "Tell"


def _told(batch: Batch) -> dict[str, Any]:
    failed = {"Type": "Fail", "Error": _expression("$error"), "Cause": _expression("$reason")}
    if batch.topic_arn is None:
        return {"Failed": failed}
    message = (
        "'The transform job ' & $job & ' for ' & $day & ' failed: ' & $reason & ' (' & $error & '). Its logs are the "
        f"streams ' & $job & '/… of {JOBS_LOG_GROUP}; the run is ' & $states.context.Execution.Id"
    )
    tell = {
        "Type": "Task",
        "Resource": f"arn:{batch.partition}:states:::sns:publish",
        "Arguments": {
            "TopicArn": batch.topic_arn,
            "Subject": f"{batch.prefix}: batch transform failed",
            "Message": _expression(message),
        },
        "Retry": [_SHORTLY],
        # Whoever cannot be told must still see why in the execution.
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
        "Next": "Failed",
    }
    return {"Tell": tell, "Failed": failed}
