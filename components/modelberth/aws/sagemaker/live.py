"""What serves now, asked of SageMaker itself."""

from collections.abc import Mapping

from modelberth.aws.provider import Account, client
from modelberth.aws.sagemaker.in_service import describe, fired_alarms
from modelberth.core.traffic import apportion

VERSION_TAG = "version"


class SageMakerLiveTarget:
    """One endpoint of an account."""

    def __init__(self, account: Account, endpoint_name: str, rollback_alarms: tuple[str, ...] = ()) -> None:
        """`rollback_alarms` are named in a failure's reason where they have fired."""
        self._account = account
        self._asked = {
            "account": account.model_dump(exclude_none=True),
            "endpoint_name": endpoint_name,
            "alarms": list(rollback_alarms),
        }

    def serving(self) -> Mapping[str, int]:
        """Version to its share of requests, in percent, as SageMaker routes them now. Empty: nothing serves.

        While a guarded update runs, both fleets answer and this is the configuration in force.
        """
        found = describe(self._asked)
        if found is None or not found.get("ProductionVariants"):
            return {}
        weights = {variant["VariantName"]: variant["CurrentWeight"] for variant in found["ProductionVariants"]}
        versions = self._versions(found["EndpointConfigName"])
        shares = apportion(weights) if any(weights.values()) else dict.fromkeys(weights, 0)
        # Variants of one version count together.
        return {
            version: sum(share for variant, share in shares.items() if versions.get(variant) == version)
            for version in versions.values()
        }

    def failure(self, version: str) -> str | None:
        """Why a version does not serve, in SageMaker's words. None: it serves."""
        found = describe(self._asked)
        if found is None:
            return "the endpoint does not exist"
        if version in self._versions(found["EndpointConfigName"]).values() and found["EndpointStatus"] == "InService":
            return None
        reason = found.get("FailureReason") or f"it is not in the configuration in force, {found['EndpointConfigName']}"
        fired = fired_alarms(self._asked)
        return f"{reason} (alarms that fired: {', '.join(fired)})" if fired else reason

    def _versions(self, config_name: str) -> dict[str, str]:
        """Variant to the version of its model, read from the model's tag."""
        sagemaker = client(self._account, "sagemaker")
        config = sagemaker.describe_endpoint_config(EndpointConfigName=config_name)
        models = {variant["VariantName"]: variant["ModelName"] for variant in config["ProductionVariants"]}
        return {variant: version for variant, model in models.items() if (version := self._version(sagemaker, model))}

    def _version(self, sagemaker: object, model: str) -> str:
        arn = self._account.arn("sagemaker", f"model/{model}")
        tags = sagemaker.list_tags(ResourceArn=arn)["Tags"]  # pyright: ignore[reportAttributeAccessIssue]
        return next((tag["Value"] for tag in tags if tag["Key"] == VERSION_TAG), "")
