"""A pause between endpoint and role at destroy: SageMaker takes an endpoint's network interfaces away afterwards.

SageMaker deletes an endpoint's resources asynchronously, "for a few minutes", and needs the execution role meanwhile
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpoint.html); until then the interfaces keep
security group and subnets busy (terraform-provider-aws issue 34397, cloudformation-coverage-roadmap issue 1327).
The role's ARN depends on this resource, and so does all that uses the role; this one depends on the role's policies and
on the network. So it goes between them.

AWS documents nothing that tells which endpoint an interface belongs to, and endpoints of one foundation share a
security group. So it waits until the group has no interface at all, or for `PATIENCE_SECONDS`: that long where other
endpoints stay. It never fails a run. Whoever deploys needs `ec2:DescribeNetworkInterfaces`, which has no resource-level
permission; without it, it waits for the whole time.
"""

import time
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource

from modelberth.aws.provider import Account, client
from modelberth.core.dynamic import RecordingProvider
from modelberth.core.errors import ModelberthError

PATIENCE_SECONDS = 600
"""AWS names no bound but "a few minutes"; afterwards the provider itself tries for some time to delete the group."""
PAUSE_SECONDS = 10


class InterfacesGone(Resource, module="modelberth", name="EndpointInterfacesGone"):
    """Does nothing until it is deleted: then it waits for the network interfaces of the endpoint before it."""

    def __init__(
        self,
        name: str,
        account: Account,
        security_group_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`security_group_id` is the models'. It depends on what must outlive them: the role and its policies."""
        props = {"account": account.model_dump(exclude_none=True), "security_group_id": security_group_id}
        super().__init__(_Provider(), name, props, opts)


class _Provider(RecordingProvider):
    # The old group goes too, when the old resource has waited for what is in it.
    replace_on = ("security_group_id",)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["security_group_id"], props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        wait(_props)


def wait(props: dict[str, Any]) -> None:
    """Wait until no interface is left in the group, or patience ends."""
    began = time.monotonic()
    while not is_over(any_left(props), time.monotonic() - began):
        time.sleep(PAUSE_SECONDS)


def is_over(left: bool | None, waited_seconds: float) -> bool:
    """Whether to go on. `left` is None where AWS did not say: then there may be some."""
    return left is False or waited_seconds >= PATIENCE_SECONDS


def any_left(props: dict[str, Any]) -> bool | None:
    """Whether the group has a network interface. None: it could not be asked."""
    from botocore.exceptions import BotoCoreError, ClientError

    asked = [{"Name": "group-id", "Values": [props["security_group_id"]]}]
    try:
        ec2 = client(Account.parse(props["account"]), "ec2")
        pages = ec2.get_paginator("describe_network_interfaces").paginate(Filters=asked)
        return any(page["NetworkInterfaces"] for page in pages)
    except (BotoCoreError, ClientError, ModelberthError):
        return None
