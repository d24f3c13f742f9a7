"""Services: how far they grow, and on what capacity they run outside production."""

from collections.abc import Iterator

from modelberth_policies.resources import MISSING
from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.aws.ecs.services import CLUSTER, SERVICE
from modelberth_policies.rules.aws.unlinked import no_unlinked
from modelberth_policies.rules.counts import above, count
from modelberth_policies.subject import Stack, Subject, Undeterminable

SCALING_TARGET = "aws:appautoscaling/target:Target"
CAPACITY_PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"


@resource_rule(
    "ecs-autoscaling-bounded",
    Severity.HIGH,
    Category.COST,
    SCALING_TARGET,
    frameworks=("FinOps",),
    why="Whoever sends enough requests decides how many tasks are paid for.",
    fix="Lower max_capacity to instances.max_count of the limits, or raise that.",
)
def ecs_autoscaling_bounded(target: Subject) -> Iterator[str]:
    if target.value("serviceNamespace") == "ecs":
        yield from above(target, "maxCapacity", target.limits.instances.max_count)


@graph_rule(
    "ecs-nonprod-fargate-spot",
    Severity.MEDIUM,
    Category.COST,
    SERVICE,
    frameworks=("FinOps",),
    why="Outside production a task may be stopped at two minutes' notice, and costs a third for it.",
    fix="Set capacity_provider_strategies to FARGATE_SPOT with a weight, and leave launch_type out.",
    applies=lambda limits: not limits.production,
)
def ecs_nonprod_fargate_spot(service: Subject, stack: Stack) -> Iterator[str]:
    """A service without a strategy of its own has that of its cluster. One on EC2 has the machines' price."""
    launch = service.value("launchType")
    if launch == "FARGATE":
        yield "runs on Fargate at the full price (launchType is 'FARGATE')"
        return
    strategies = list(service.each("capacityProviderStrategies"))
    if not strategies and launch is MISSING:
        strategies = _of_cluster(service, stack)
    named = [each.value("capacityProvider") for each in strategies]
    if "FARGATE" in named and not any(_buys_spot(each) for each in strategies):
        yield "runs on Fargate at the full price (no strategy with FARGATE_SPOT has a weight)"


def _of_cluster(service: Subject, stack: Stack) -> list[Subject]:
    clusters = [each for each in stack.of_type(CLUSTER) if stack.refers(service, "cluster", each, "name")]
    if not clusters:
        raise Undeterminable("cluster")
    found = [of for each in clusters for of in stack.referring(each, CAPACITY_PROVIDERS, "clusterName", "name")]
    if not found:
        no_unlinked(stack, CAPACITY_PROVIDERS, "clusterName")
        clusters[0].value("name")  # a name that is unknown may be the one that providers mean
    return [strategy for each in found for strategy in each.each("defaultCapacityProviderStrategies")]


def _buys_spot(strategy: Subject) -> bool:
    spot = strategy.value("capacityProvider") == "FARGATE_SPOT"
    return spot and (bool(count(strategy, "weight")) or bool(count(strategy, "base")))


RULES = (ecs_autoscaling_bounded, ecs_nonprod_fargate_spot)
