"""When somebody is told: a run failed, took too long, could not be started, or none succeeded for too long."""

from collections.abc import Iterator

import pulumi

from modelberth.aws.monitoring import Alarm, Metric
from modelberth.aws.sagemaker.batch.timing import HOUR, Timing

PERIOD = 300


def alarm_table(machine_arn: pulumi.Input[str], queue_name: pulumi.Input[str], timing: Timing) -> Iterator[Alarm]:
    """The alarms of one batch transform.

    Metrics: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
    """
    machine = {"StateMachineArn": machine_arn}
    failed = "A run failed. The cause of its execution is SageMaker's reason; look there first."
    yield _any("failed", failed, _runs("Failed", machine))
    overdue = "A run was cut off after all its tries, and its job may go on; look for it and stop it."
    yield _any("timed-out", overdue, _runs("TimedOut", machine))
    waiting = Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue_name}, "Maximum")
    yield _any("not-started", "A run could not be started. The dead-letter queue holds the reason.", waiting)
    if timing.silence is not None:
        yield _silent(machine, timing.silence)


def _runs(outcome: str, machine: dict[str, pulumi.Input[str]]) -> Metric:
    return Metric("AWS/States", f"Executions{outcome}", machine, "Sum")


def _any(role: str, meaning: str, metric: Metric) -> Alarm:
    return Alarm(role, meaning, {"count": metric}, above=0, period=PERIOD, periods=1, breaching=1)


def _silent(machine: dict[str, pulumi.Input[str]], seconds: int) -> Alarm:
    # So many whole hours fit into no gap that is allowed, wherever the first begins.
    hours = seconds // HOUR + 1
    meaning = f"No run succeeded for {hours} h. It is raised until the first has succeeded, too."
    return Alarm(
        "silent",
        meaning,
        {"count": _runs("Succeeded", machine)},
        above=1,
        below=True,
        period=HOUR,
        periods=hours,
        breaching=hours,
        missing="breaching",
    )
