"""Services and clusters: no public address, a rollout that goes back by itself, and metrics."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.subject import Subject

SERVICE = "aws:ecs/service:Service"
TASK_SET = "aws:ecs/taskSet:TaskSet"
CLUSTER = "aws:ecs/cluster:Cluster"


@resource_rule(
    "ecs-no-public-ip",
    Severity.HIGH,
    Category.SECURITY,
    SERVICE,
    TASK_SET,
    frameworks=("FSBP ECS.2",),
    anchors=("CKV_AWS_333", "FSBP:ECS.2"),
    why="A task with a public address is one security group away from the internet, past every load balancer.",
    fix="Set assign_public_ip to false, and reach out through a NAT gateway or interface endpoints.",
)
def ecs_no_public_ip(service: Subject) -> Iterator[str]:
    if service.limits.is_public(service.resource.urn):
        return
    if service.value("networkConfiguration.assignPublicIp", False) is not False:
        yield "gives each of its tasks a public address (networkConfiguration.assignPublicIp is not false)"


@resource_rule(
    "ecs-circuit-breaker-rollback",
    Severity.MEDIUM,
    Category.RELIABILITY,
    SERVICE,
    frameworks=("NIST CM-3",),
    why="A version that does not start is started again and again, until somebody looks.",
    fix='Set deployment_circuit_breaker to {"enable": True, "rollback": True}.',
)
def ecs_circuit_breaker_rollback(service: Subject) -> Iterator[str]:
    """CodeDeploy and other controllers go back by their own rules, and take no circuit breaker."""
    if service.value("deploymentController.type", "ECS") != "ECS":
        return
    off = [
        path
        for path in ("deploymentCircuitBreaker.enable", "deploymentCircuitBreaker.rollback")
        if service.value(path) is not True
    ]
    if off:
        yield f"does not go back from a version that fails ({' and '.join(off)} not true)"


_ON = ("enabled", "enhanced")


@resource_rule(
    "ecs-container-insights",
    Severity.LOW,
    Category.RELIABILITY,
    CLUSTER,
    frameworks=("FSBP ECS.12",),
    anchors=("CKV_AWS_65", "AWS-0034", "FSBP:ECS.12"),
    why="Without them a task that runs out of memory is seen by nobody; in dev they cost more than they tell.",
    fix="In production add the setting containerInsights with the value enhanced or enabled; in dev leave it out.",
)
def ecs_container_insights(cluster: Subject) -> Iterator[str]:
    """Off only where the environment is called `dev`: staging needs what production has, to be a rehearsal."""
    settings = [each for each in cluster.each("settings") if each.value("name") == "containerInsights"]
    on = any(each.value("value") in _ON for each in settings)
    if cluster.limits.production and not on:
        yield "has no container insights"
    if cluster.limits.environment == "dev" and on:
        yield "pays for container insights in dev"


RULES = (ecs_no_public_ip, ecs_circuit_breaker_rollback, ecs_container_insights)
