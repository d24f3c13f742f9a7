"""What an inference component runs, kept as it is asked for; an update that SageMaker undoes is a failed run.

Cloud Control makes and deletes inference components, and cannot change them well. The provider sends only what differs
(internal/service/cloudcontrol/resource.go in hashicorp/terraform-provider-aws), while Cloud Control forgets what can
only be written, the deployment configuration and the number of copies: unchanged it gets lost, so that no update would
be guarded, and changed it is refused ("noSuchPath", pulumi/pulumi-aws-native issue 277, and pull request 1737 of
hashicorp/terraform-provider-awscc). So changes go to SageMaker itself, from here, and the live number of copies stays.
"""

import json
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from modelberth.aws.provider import Account, client
from modelberth.aws.sagemaker.in_service import described, fired_alarms, until_at_rest
from modelberth.core.dynamic import RecordingProvider
from modelberth.core.errors import ModelberthError

MOVING = frozenset({"Creating", "Updating", "Deleting"})
"""States that end by themselves.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeInferenceComponent.html"""

PATIENCE_SECONDS = 7200
PAUSE_SECONDS = 15


class InForce(Resource, module="modelberth", name="InferenceComponentInForce"):
    """An inference component that runs the model that was asked for, or a failed run."""

    specification: pulumi.Output[str]
    """What it runs, as JSON."""

    def __init__(
        self,
        name: str,
        account: Account,
        component_name: str,
        specification: pulumi.Input[str],
        copies: int | None,
        tags: dict[str, str],
        deployment: pulumi.Input[str],
        alarms: pulumi.Input[list[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`specification` and `deployment` are JSON; `deployment` is empty where updates are not guarded. `copies` is
        None where scaling decides. `alarms` are those that roll an update back: those that have fired are named in the
        message."""
        props = {
            "account": account.model_dump(exclude_none=True),
            "component_name": component_name,
            "specification": specification,
            "copies": copies,
            "tags": tags,
            "deployment": deployment,
            "alarms": alarms,
        }
        super().__init__(_Provider(), name, props, opts)


class _Provider(RecordingProvider):
    replace_on = ("component_name",)
    optional = ("copies",)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        # Account, alarms and deployment are how it is asked, not what is asked.
        asked = ("component_name", "specification", "copies", "tags")
        return super().diff(_id, _olds, {name: _news[name] for name in asked if name in _news})

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Cloud Control made it just now. One that runs something else, because a state was lost, is brought here."""
        found = at_rest(props)
        if found["InferenceComponentStatus"] == "InService" and not runs(found, props):
            found = change(props)
        require(found, props)
        return CreateResult(props["component_name"], props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        found = at_rest(_news)
        # Nothing is to be changed where a run before this one was cut off after its change: then the new is in force
        # and the old is not.
        if not runs(found, _news) or (_olds["specification"] != _news["specification"] and runs(found, _olds)):
            found = change(_news)
        require(found, _news)
        resize(found, _news)
        retag(found, _olds, _news)
        return UpdateResult(_news)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What runs now, for a refresh: something else shows as a change, and the next run puts it right."""
        found = describe(props)
        if found is None:
            return ReadResult("", {})
        running = {} if runs(found, props) else {"specification": json.dumps(found.get("Specification", {}))}
        copies = {} if props.get("copies") is None else {"copies": _copies(found)}
        return ReadResult(id_, {**props, **running, **copies})


def runs(found: dict[str, Any], props: dict[str, Any]) -> bool:
    """Whether SageMaker says of the component what is asked for; what SageMaker adds does not count."""
    return _within(json.loads(props["specification"]), found.get("Specification", {}))


def _within(asked: Any, found: Any) -> bool:
    if isinstance(asked, dict) and isinstance(found, dict):
        return all(_within(value, found.get(word)) for word, value in asked.items())
    return asked == found


def _copies(found: dict[str, Any]) -> int:
    return found.get("RuntimeConfig", {}).get("DesiredCopyCount", 0)


def change(props: dict[str, Any]) -> dict[str, Any]:
    """Have SageMaker update what the component runs. Gives what it says of it once it is at rest."""
    guard = {"DeploymentConfig": json.loads(props["deployment"])} if props["deployment"] else {}
    specification = json.loads(props["specification"])
    _call(props, "update_inference_component", Specification=specification, **guard)
    return at_rest(props)


def resize(found: dict[str, Any], props: dict[str, Any]) -> None:
    """Have SageMaker change the number of copies, where scaling does not."""
    if props.get("copies") is None or _copies(found) == int(props["copies"]):
        return
    wanted = {"CopyCount": int(props["copies"])}
    _call(props, "update_inference_component_runtime_config", DesiredRuntimeConfig=wanted)
    require(at_rest(props), props)


def retag(found: dict[str, Any], olds: dict[str, Any], props: dict[str, Any]) -> None:
    """Have SageMaker change the tags. The version is one of them, so it is done when the version is in force."""
    if olds["tags"] == props["tags"]:
        return
    sagemaker = client(Account.parse(props["account"]), "sagemaker")
    arn, gone = found["InferenceComponentArn"], sorted(olds["tags"].keys() - props["tags"].keys())
    if props["tags"]:
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in props["tags"].items()])
    if gone:
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=gone)


def require(found: dict[str, Any], props: dict[str, Any]) -> None:
    """Raises `ModelberthError` where the component does not run what was asked for."""
    name, status = props["component_name"], found["InferenceComponentStatus"]
    if status == "InService" and runs(found, props):
        return
    reason = found.get("FailureReason") or "SageMaker gives no reason"
    fired = fired_alarms(props)
    alarms = f" Alarms that fired: {', '.join(fired)}." if fired else ""
    wanted = json.loads(props["specification"])["ModelName"]
    if status == "InService":
        running = found.get("Specification", {}).get("ModelName")
        raise ModelberthError(
            f"inference component {name}: SageMaker rolled the update back: {reason}.{alarms} It runs {running}, not "
            f"{wanted} as asked for. Mend the new version and run again, or go back to the old one"
        )
    raise ModelberthError(
        f"inference component {name} is {status}: {reason}.{alarms} Wanted is {wanted}. Look at the log group "
        f"/aws/sagemaker/InferenceComponents/{name}, mend the version and run again"
    )


def at_rest(props: dict[str, Any]) -> dict[str, Any]:
    """What SageMaker says of the component once nothing moves. Raises `ModelberthError` where there is none."""
    what = f"inference component {props['component_name']}"
    status = "InferenceComponentStatus"
    return until_at_rest(lambda: describe(props), status, MOVING, what, PATIENCE_SECONDS, PAUSE_SECONDS)


def describe(props: dict[str, Any]) -> dict[str, Any] | None:
    """What SageMaker says of the component. None: there is none."""
    sagemaker = client(Account.parse(props["account"]), "sagemaker")
    name = props["component_name"]
    ask = sagemaker.describe_inference_component
    return described(f"inference component {name}", lambda: ask(InferenceComponentName=name))


def _call(props: dict[str, Any], operation: str, **words: Any) -> None:
    from botocore.exceptions import ClientError

    sagemaker = client(Account.parse(props["account"]), "sagemaker")
    try:
        getattr(sagemaker, operation)(InferenceComponentName=props["component_name"], **words)
    except ClientError as error:
        raise ModelberthError(f"inference component {props['component_name']}: {error}") from None
