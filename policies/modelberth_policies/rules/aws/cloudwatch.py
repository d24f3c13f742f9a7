"""Alarms: somebody hears them."""

import re
from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.subject import Stack, Subject

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"


@graph_rule(
    "alarm-has-actions",
    Severity.MEDIUM,
    Category.RELIABILITY,
    ALARM,
    COMPOSITE,
    frameworks=("NIST SI-4",),
    anchors=("CKV_AWS_319", "cdk-nag:CloudWatchAlarmAction"),
    why="An alarm that tells nobody is a red light in an empty room.",
    fix="Set alarm_actions to a topic that somebody reads, and leave actions_enabled true.",
)
def alarm_has_actions(alarm: Subject, stack: Stack) -> Iterator[str]:
    if alarm.value("actionsEnabled", True) is not True:
        yield f"has its actions turned off (actionsEnabled is {alarm.show('actionsEnabled')})"
    elif not alarm.present("alarmActions") and not _is_part(alarm, stack):
        yield "tells nobody (alarmActions is empty)"


def _is_part(alarm: Subject, stack: Stack) -> bool:
    """Whether a composite alarm speaks for it."""
    composites = (each for each in stack.of_type(COMPOSITE) if each.resource.urn != alarm.resource.urn)
    return any(_speaks_for(composite, alarm) for composite in composites)


def _speaks_for(composite: Subject, alarm: Subject) -> bool:
    if alarm.resource.urn in composite.resource.property_dependencies.get("alarmRule", ()):
        return True
    name = re.escape(alarm.text("name") or alarm.text("alarmName"))
    return bool(name) and re.search(rf'[("]{name}[")]', composite.text("alarmRule")) is not None


RULES = (alarm_has_actions,)
