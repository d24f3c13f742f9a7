"""What an inference component serves now, asked of SageMaker itself."""

from collections.abc import Mapping
from typing import Any

from modelberth.aws.provider import Account, client
from modelberth.aws.sagemaker.components.in_force import describe
from modelberth.aws.sagemaker.in_service import fired_alarms
from modelberth.aws.sagemaker.live import VERSION_TAG

SERVING = ("InService", "Updating")
"""States in which an inference component answers: while it is updated, with the old copies."""


class InferenceComponentLiveTarget:
    """One inference component of an account."""

    def __init__(self, account: Account, component_name: str, rollback_alarms: tuple[str, ...] = ()) -> None:
        """`rollback_alarms` are named in a failure's reason where they have fired."""
        self._account = account
        self._asked = {
            "account": account.model_dump(exclude_none=True),
            "component_name": component_name,
            "alarms": list(rollback_alarms),
        }

    def serving(self) -> Mapping[str, int]:
        """The version that answers all requests. Empty: nothing serves.

        A component that sleeps is not empty: it is this version that wakes.
        """
        found = describe(self._asked)
        if found is None or found["InferenceComponentStatus"] not in SERVING:
            return {}
        version = self._version(found)
        return {version: 100} if version else {}

    def failure(self, version: str) -> str | None:
        """Why a version does not serve, in SageMaker's words. None: it serves."""
        found = describe(self._asked)
        if found is None:
            return "the inference component does not exist"
        running, status = self._version(found), found["InferenceComponentStatus"]
        if version == running and status == "InService":
            return None
        reason = (
            found.get("FailureReason") or f"it is {status}, and {running or 'no version that is known'} is in force"
        )
        fired = fired_alarms(self._asked)
        return f"{reason} (alarms that fired: {', '.join(fired)})" if fired else reason

    def _version(self, found: Mapping[str, Any]) -> str:
        """The version of the model in force, read from the model's tag."""
        model = found.get("Specification", {}).get("ModelName")
        if model is None:
            return ""
        sagemaker = client(self._account, "sagemaker")
        tags = sagemaker.list_tags(ResourceArn=self._account.arn("sagemaker", f"model/{model}"))["Tags"]
        return next((tag["Value"] for tag in tags if tag["Key"] == VERSION_TAG), "")
