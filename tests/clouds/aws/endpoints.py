"""What SageMaker does with an endpoint: variants and their counts, updates, and rollbacks that nobody is told of."""

from typing import Any

from .rules import ALARM, CONFIG, MODEL, SCALING_POLICY, SCALING_TARGET, RefusedError, values
from .store import Cloud, Resource

ONLY_DELETE = "DeleteEndpoint is the only operation that can be performed on a failed endpoint."
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html"""


def configuration(cloud: Cloud, name: str) -> Resource:
    """The endpoint configuration of this name. Raises RefusedError."""
    found = cloud.one(CONFIG, name=name)
    if found is None:
        raise RefusedError(f'ValidationException: Could not find endpoint configuration "{name}".')
    return found


def created(cloud: Cloud, endpoint: Resource) -> None:
    """An endpoint enters service."""
    config = configuration(cloud, endpoint.properties["endpointConfigName"])
    endpoint.live = {"status": "InService", "variants": variants(config)}


def updated(cloud: Cloud, old: Resource, news: dict[str, Any], rollback: str | None) -> None:
    """Change an endpoint in place. With `rollback`, a reason, it keeps its old configuration, and the call succeeds."""
    if old.live["status"] == "Failed":
        raise RefusedError(f"ValidationException: Cannot update endpoint {old.id} in Failed status; {ONLY_DELETE}")
    before, asked = old.properties["endpointConfigName"], news["endpointConfigName"]
    if asked == before:
        old.properties = news
        return
    config = configuration(cloud, asked)
    refuse_scaled_variants(cloud, old, variants(config))
    if "deploymentConfig" in news:
        refuse_other_variants(old, config)
    reason = rollback or alarmed(cloud, news)
    if reason is not None:
        old.properties = {**news, "endpointConfigName": before}
        old.live["failureReason"] = reason
        return
    old.properties = news
    # UpdateEndpoint resets counts: the provider offers no RetainAllVariantProperties (TF-AWS #49069).
    old.live = {"status": "InService", "variants": variants(config)}


def failed(endpoint: Resource, reason: str) -> None:
    """An endpoint did not enter service."""
    endpoint.live = {**endpoint.live, "status": "Failed", "failureReason": reason}


def behind(cloud: Cloud, endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    """The configuration and the models that an endpoint names: a fault may be tied to an image."""
    config = cloud.one(CONFIG, name=endpoint.get("endpointConfigName"))
    names = [] if config is None else list(values(config.properties, "productionVariants[].modelName"))
    models = [one for name in names if (one := cloud.one(MODEL, name=name)) is not None]
    return [one.properties for one in (config, *models) if one is not None]


def variants(config: Resource) -> dict[str, dict[str, Any]]:
    """The live figures of each variant as a configuration states them."""
    lists = (config.properties.get(name) or [] for name in ("productionVariants", "shadowProductionVariants"))
    found = [variant for each in lists for variant in each]
    return {variant_name(index, variant): _figures(variant) for index, variant in enumerate(found)}


def variant_name(index: int, variant: dict[str, Any]) -> str:
    """A variant's name; the provider makes one up where it is left out."""
    return variant.get("variantName") or f"variant-{index}"


def _figures(variant: dict[str, Any]) -> dict[str, Any]:
    weight = variant.get("initialVariantWeight")
    figures: dict[str, Any] = {"weight": 1.0 if weight is None else weight, "instanceType": variant.get("instanceType")}
    if "serverlessConfig" not in variant:
        figures["count"] = variant.get("initialInstanceCount", 1)
    return figures


def refuse_other_variants(old: Resource, config: Resource) -> None:
    """With deployment guardrails the new configuration must have the old one's variant names.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
    """
    before, after = sorted(old.live["variants"]), sorted(variants(config))
    if before != after:
        raise RefusedError(
            "ValidationException: The new endpoint configuration must have the same variant names as the old one for a "
            f"blue/green or rolling deployment: {before}, got {after}."
        )


def refuse_scaled_variants(cloud: Cloud, old: Resource, after: dict[str, dict[str, Any]]) -> None:
    """A variant that is a target of auto scaling can neither go nor change its instance type.

    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
    """
    for target in scaled(cloud, old):
        name = target.properties["resourceId"].rpartition("/")[2]
        before = old.live["variants"].get(name, {}).get("instanceType")
        if name not in after or after[name]["instanceType"] != before:
            raise RefusedError(
                f"ValidationException: Variant {name} of endpoint {old.id} is a scalable target: deregister it before "
                "its instance type changes or it is removed."
            )


def scaled(cloud: Cloud, endpoint: Resource) -> list[Resource]:
    """The targets of auto scaling among an endpoint's variants."""
    start = f"endpoint/{endpoint.properties['name']}/variant/"
    return [one for one in cloud.of(SCALING_TARGET) if one.properties["resourceId"].startswith(start)]


def deleted(cloud: Cloud, endpoint: Resource) -> None:
    """Application Auto Scaling deregisters the variants of an endpoint that goes. Same page."""
    for target in scaled(cloud, endpoint):
        for policy in cloud.of(SCALING_POLICY, resourceId=target.properties["resourceId"]):
            cloud.remove(policy)
        cloud.remove(target)


def alarmed(cloud: Cloud, endpoint: dict[str, Any]) -> str | None:
    """Why SageMaker rolls back by itself: an alarm that guards the endpoint is in ALARM."""
    names = values(endpoint, "deploymentConfig.autoRollbackConfiguration.alarms[].alarmName")
    alarms = [alarm for name in names if (alarm := cloud.one(ALARM, name=name)) is not None]
    tripped = [alarm.id for alarm in alarms if alarm.live.get("state") == "ALARM"]
    return f"Deployment was rolled back because of alarms in ALARM state: {', '.join(tripped)}" if tripped else None
