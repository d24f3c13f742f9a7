"""At destroy, role and security group stay until SageMaker has taken an endpoint's network interfaces away."""

import pytest
from aws_workspace import WorkspaceFactory
from clouds.aws.interfaces import INTERFACE

pytestmark = pytest.mark.engine

PROGRAM = """
from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.interfaces import InterfacesGone
role = aws.iam.Role("role", name="ranker", assume_role_policy="{}", opts=opts())
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=opts())
group = aws.ec2.SecurityGroup("group", vpc_id=vpc.id, opts=opts())
account = Account(region="eu-central-1", id="123456789012")
gone = InterfacesGone("gone", account, group.id, pulumi.ResourceOptions(depends_on=[role]))
pulumi.export("group", group.id)
"""


def test_a_group_with_an_interface_left_is_deleted_once_that_is_gone(aws_workspace: WorkspaceFactory) -> None:
    place = aws_workspace(program=PROGRAM)
    place.up()
    assert place.unchanged()
    place.cloud.add(INTERFACE, "eni-1", securityGroups=[place.outputs()["group"]])
    place.destroy()
    assert not place.cloud.count()
