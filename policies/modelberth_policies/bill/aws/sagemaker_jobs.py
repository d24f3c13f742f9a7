"""SageMaker's monitoring schedules: runs a month x instances x how long a job takes."""

from collections.abc import Iterator

from modelberth_policies.bill.aws.endpoint_configuration import CLOUD_CONTROL, document_of
from modelberth_policies.bill.aws.schedule import runs_per_month
from modelberth_policies.bill.item import Entry, Item, NotPriceable, Values
from modelberth_policies.bill.model import Range
from modelberth_policies.resources import Plan, Resource, read_text

DEFINITION = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
DEFINITION_TYPES = frozenset(
    f"AWS::SageMaker::{kind}JobDefinition"
    for kind in ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")
)
"""The kinds of job, as Cloud Control makes them; only the first has a resource of its own in the provider."""


def monitoring_schedule(item: Item) -> Iterator[Entry]:
    """The jobs that it starts; at worst, each runs until its time limit."""
    schedule = item.under("monitoringScheduleConfig")
    expression = schedule.text("scheduleConfig.scheduleExpression")
    runs = runs_per_month(expression)
    if runs is None:
        raise NotPriceable(f"the schedule {expression!r} is not understood")
    definition = _definition(item, schedule)
    cluster = definition.under("jobResources.clusterConfig")
    kind, count = cluster.text("instanceType"), cluster.number("instanceCount", 1)
    longest = definition.number("stoppingCondition.maxRuntimeInSeconds", 86_400) / 3600
    usual = min(item.use.job_minutes / 60, longest)
    hours = Range(usual * item.use.quiet, usual, max(longest, usual)) * (runs * count)
    words = f"{runs:.4g} runs x {count:g} instances x {item.use.job_minutes:g} min (at most {longest * 60:g})"
    yield item.line(f"{kind} monitoring jobs", "sagemaker-processing", kind, hours, words)


def _definition(item: Item, schedule: Values) -> Values:
    """The definition that the schedule names, or else comes after."""
    name, _ = read_text(schedule.whole, "monitoringJobDefinitionName")
    depends = {*item.resource.property_dependencies.get("monitoringScheduleConfig", ()), *item.resource.dependencies}
    for found in _definitions(item.plan):
        own, _ = read_text(found.inputs, "name")
        if found.urn in depends or (isinstance(name, str) and own == name):
            return document_of(found) if found.type == CLOUD_CONTROL else Values(found.inputs, "the job definition's")
    raise NotPriceable("its job definition is not in this plan")


def _definitions(plan: Plan) -> list[Resource]:
    made = (found for found in plan.of_type(CLOUD_CONTROL) if found.get("typeName") in DEFINITION_TYPES)
    return [*plan.of_type(DEFINITION), *made]
