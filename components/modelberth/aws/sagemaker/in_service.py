"""The read-back: after every update SageMaker is asked what serves, because a rolled back update counts as a success.

Source: terraform-provider-aws issues 48997 and 46663. The resource is keyed by the endpoint configuration: it is asked
again whenever another one is wanted, and its failure is the run's failure, with the service's reason.
"""

import time
from collections.abc import Callable
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, Resource, UpdateResult

from modelberth.aws.provider import Account, client
from modelberth.core.dynamic import RecordingProvider
from modelberth.core.errors import ModelberthError

MOVING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})
"""States that end by themselves.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html"""

PATIENCE_SECONDS = 3600
PAUSE_SECONDS = 15


class InService(Resource, module="modelberth", name="EndpointInService"):
    """An endpoint that serves the configuration that was asked for, or a failed run."""

    config_name: pulumi.Output[str]
    """Name of the endpoint configuration in force."""

    def __init__(
        self,
        name: str,
        account: Account,
        endpoint_name: pulumi.Input[str],
        config_name: pulumi.Input[str],
        alarms: pulumi.Input[list[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`alarms` are those that roll an update back: those that have fired are named in the message."""
        props = {
            "account": account.model_dump(exclude_none=True),
            "endpoint_name": endpoint_name,
            "config_name": config_name,
            "alarms": alarms,
        }
        super().__init__(_Provider(), name, props, opts)


class _Provider(RecordingProvider):
    replace_on = ("endpoint_name",)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> Any:
        # Alarms and account are how it is asked, not what is asked.
        asked = ("endpoint_name", "config_name")
        return super().diff(_id, _olds, {name: _news[name] for name in asked if name in _news})

    def create(self, props: dict[str, Any]) -> CreateResult:
        require(props)
        return CreateResult(props["endpoint_name"], props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        require(_news)
        return UpdateResult(_news)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What serves now, for a refresh: another configuration shows as a change, and the next run asks again."""
        found = describe(props)
        if found is None:
            return ReadResult("", {})
        return ReadResult(id_, {**props, "config_name": found["EndpointConfigName"]})


def require(props: dict[str, Any]) -> None:
    """Wait until the endpoint is at rest. Raises `ModelberthError` where it does not serve what was asked for."""
    name, wanted = props["endpoint_name"], props["config_name"]
    found = _at_rest(props)
    serving, status = found["EndpointConfigName"], found["EndpointStatus"]
    if status == "InService" and serving == wanted:
        return
    reason = found.get("FailureReason") or "SageMaker gives no reason"
    fired = fired_alarms(props)
    alarms = f" Alarms that fired: {', '.join(fired)}." if fired else ""
    if status == "InService":
        raise ModelberthError(
            f"endpoint {name}: SageMaker rolled the update back: {reason}.{alarms} It serves {serving} as before, not "
            f"{wanted}. Mend the new version and run again, or go back to the old one"
        )
    raise ModelberthError(
        f"endpoint {name} is {status}: {reason}.{alarms} Wanted is {wanted}. Look at the log group "
        f"/aws/sagemaker/Endpoints/{name}, mend the version and run again"
    )


def _at_rest(props: dict[str, Any]) -> dict[str, Any]:
    what = f"endpoint {props['endpoint_name']}"
    return until_at_rest(lambda: describe(props), "EndpointStatus", MOVING, what, PATIENCE_SECONDS, PAUSE_SECONDS)


def until_at_rest(
    ask: Callable[[], dict[str, Any] | None],
    status: str,
    moving: frozenset[str],
    what: str,
    patience_seconds: float,
    pause_seconds: float,
) -> dict[str, Any]:
    """What SageMaker says once nothing moves, or patience ends. Raises `ModelberthError` where there is none."""
    deadline = time.monotonic() + patience_seconds
    while True:
        found = ask()
        if found is None:
            raise ModelberthError(f"{what} is gone; run pulumi up --refresh")
        if found[status] not in moving or time.monotonic() > deadline:
            return found
        time.sleep(pause_seconds)


def describe(props: dict[str, Any]) -> dict[str, Any] | None:
    """What SageMaker says of the endpoint. None: there is none."""
    sagemaker = client(Account.parse(props["account"]), "sagemaker")
    name = props["endpoint_name"]
    return described(f"endpoint {name}", lambda: sagemaker.describe_endpoint(EndpointName=name))


def described(what: str, ask: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """An answer of SageMaker's; None where it could not find the thing. Raises `ModelberthError` for its refusals."""
    from botocore.exceptions import ClientError

    try:
        return ask()
    except ClientError as error:
        if "Could not find" in str(error):
            return None
        raise ModelberthError(f"{what}: {error}") from None


def fired_alarms(props: dict[str, Any]) -> list[str]:
    """Names of the endpoint's rollback alarms that are in alarm now."""
    if not props.get("alarms"):
        return []
    cloudwatch = client(Account.parse(props["account"]), "cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNames=list(props["alarms"]), StateValue="ALARM")
    return sorted(alarm["AlarmName"] for alarm in found["MetricAlarms"])
