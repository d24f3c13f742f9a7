"""A stage of API Gateway, and what limits it: settings of its methods, usage plans."""

from modelberth_policies.resources import read, reveal
from modelberth_policies.subject import Stack, Subject

V1_STAGE = "aws:apigateway/stage:Stage"
V2_STAGE = "aws:apigatewayv2/stage:Stage"
METHOD_SETTINGS = "aws:apigateway/methodSettings:MethodSettings"
USAGE_PLAN = "aws:apigateway/usagePlan:UsagePlan"


def settings_of(stage: Subject, stack: Stack) -> list[Subject]:
    """The settings of all methods of this stage: those of a single method do not hold for the others."""
    return [
        each
        for each in stack.referring(stage, METHOD_SETTINGS, "stageName", "stageName")
        if each.value("methodPath") == "*/*" and _is_stage(each, "stageName", "restApi", stage, stack)
    ]


def usage_plans_of(stage: Subject, stack: Stack) -> list[Subject]:
    """The usage plans that this stage is part of."""
    return [
        plan
        for plan in stack.of_type(USAGE_PLAN)
        if any(_is_stage(each, "stage", "apiId", stage, stack) for each in plan.each("apiStages"))
    ]


def _is_stage(other: Subject, name: str, api: str, stage: Subject, stack: Stack) -> bool:
    """Stages of two APIs may have one name, so the API must be the same too."""
    return stack.refers(other, name, stage, "stageName") and (
        _named(other, api) == _named(stage, "restApi")
        if isinstance(_named(other, api), str) and isinstance(_named(stage, "restApi"), str)
        else bool(_sources(other, api) & _sources(stage, "restApi"))
    )


def _named(subject: Subject, path: str) -> object:
    return reveal(read(subject.whole, path))


def _sources(subject: Subject, path: str) -> set[str]:
    top = (subject.path or path).partition("[")[0].partition(".")[0]
    return set(subject.resource.property_dependencies.get(top, ()))
