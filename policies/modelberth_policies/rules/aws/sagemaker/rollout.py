"""Changes of version: guarded, and undone where an alarm says so."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.aws.sagemaker.hosting import ENDPOINT, configurations_of, has_model, is_serverless
from modelberth_policies.rules.aws.sagemaker.instance_families import family_of
from modelberth_policies.subject import Stack, Subject

CONFIG = "deploymentConfig"
ALARMS = f"{CONFIG}.autoRollbackConfiguration.alarms"


@graph_rule(
    "sagemaker-deployment-auto-rollback",
    Severity.HIGH,
    Category.RELIABILITY,
    ENDPOINT,
    applies=lambda limits: limits.production,
    frameworks=("NIST CM-3", "NIST SI-4"),
    why="Without it a broken version takes all traffic at once and stays until somebody notices.",
    fix="Set deployment_config with a blue_green_update_policy or rolling_update_policy, and alarms to roll back on.",
)
def sagemaker_deployment_auto_rollback(endpoint: Subject, stack: Stack) -> Iterator[str]:
    guarded = any(endpoint.present(f"{CONFIG}.{policy}") for policy in ("blueGreenUpdatePolicy", "rollingUpdatePolicy"))
    alarms = endpoint.present(ALARMS)
    if (guarded and alarms) or not _can_be_guarded(endpoint, stack):
        return
    if not guarded:
        yield f"moves to a new version all at once ({CONFIG} has neither blueGreenUpdatePolicy nor rollingUpdatePolicy)"
    if not alarms:
        yield f"is never rolled back by an alarm ({ALARMS} is {endpoint.show(ALARMS)})"


def _can_be_guarded(endpoint: Subject, stack: Stack) -> bool:
    """SageMaker guards real-time and asynchronous variants with a model of their own, but not on Inf1.

    Inference components are updated one by one. Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/ +
    deployment-guardrails.html, deployment-guardrails-exclusions.html
    """
    configurations = configurations_of(endpoint, stack)
    variants = [variant for found in configurations for variant in found.each("productionVariants")]
    excluded = (
        is_serverless(variant) or not has_model(variant) or family_of(variant.text("instanceType")) == "inf1"
        for variant in variants
    )
    return not any(excluded)


RULES = (sagemaker_deployment_auto_rollback,)
