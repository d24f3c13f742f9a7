"""What a model needs of the services around it, each with the narrowest resource that IAM knows for it.

Actions: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms.
Resources and conditions: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from collections.abc import Callable, Iterator, Sequence

import pulumi

from modelberth.aws.encryption import CustomerKey, Encryption
from modelberth.aws.identity import Statement
from modelberth.aws.network import Network
from modelberth.aws.provider import Account
from modelberth.aws.registry import PULL
from modelberth.core.config import In

WRITE_LOGS = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
USE_INTERFACES = (
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
)
LOOK_AT_NETWORK = (
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
)


def reading(partition: str, uris: Sequence[In[str]]) -> Iterator[Statement]:
    """Read and list folders (`s3://bucket/folder/`) and archives, each no further than it goes."""
    once = list(dict.fromkeys(uris))
    if once:
        yield Statement("ReadFiles", ("s3:GetObject",), _objects(partition, once))
    for number, uri in enumerate(once, 1):
        # One statement for each: what may be listed in one bucket is nothing to another.
        under = {"StringLike": {"s3:prefix": [_of(uri, _listed)]}}
        yield Statement(f"ListFiles{number}", ("s3:ListBucket",), (_bucket(partition, uri),), under)


def writing(partition: str, uris: Sequence[In[str]]) -> Iterator[Statement]:
    """Write to folders.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html
    """
    if uris:
        yield Statement("WriteFiles", ("s3:AbortMultipartUpload", "s3:PutObject"), _objects(partition, uris))


def images(repositories: Sequence[In[str]]) -> Iterator[Statement]:
    """Pull images from repositories."""
    whole = "a login is to a registry as a whole, and opens no repository"
    yield Statement("PullImages", PULL, tuple(repositories))
    yield Statement("LogIn", ("ecr:GetAuthorizationToken",), ("*",), wildcard_reason=whole)


def telemetry(account: Account, log_group: In[str], namespaces: Sequence[str]) -> Iterator[Statement]:
    """Write to one log group, and put metrics under these namespaces."""
    streams = _of(log_group, lambda name: account.arn("logs", f"log-group:{name}:*"))
    in_these = {"StringLike": {"cloudwatch:namespace": list(namespaces)}}
    no_arn = "a metric has no ARN; the condition names its namespace"
    yield Statement("WriteLogs", WRITE_LOGS, (streams,))
    if namespaces:
        yield Statement("PutMetrics", ("cloudwatch:PutMetricData",), ("*",), in_these, no_arn)


def interfaces(account: Account, network: Network) -> Iterator[Statement]:
    """Network interfaces in the network's subnets and with its security group, and no others.

    Source of the actions: https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html. Of any account, because a
    shared subnet belongs to another one; the id is nobody else's:
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html
    """
    unnamed = account.arn("ec2", "network-interface/*")  # their ids are EC2's choice
    subnets = tuple(_of(subnet, _ec2(account, "subnet")) for subnet in network.subnet_ids)
    group = _of(network.model_security_group_id, _ec2(account, "security-group"))
    no_resource = "EC2 knows no resource of what is only described"
    yield Statement("MakeInterfaces", ("ec2:CreateNetworkInterface",), (unnamed, *subnets, group))
    yield Statement("UseInterfaces", USE_INTERFACES, (unnamed,), {"ArnLike": {"ec2:Subnet": list(subnets)}})
    yield Statement("LookAtNetwork", LOOK_AT_NETWORK, ("*",), wildcard_reason=no_resource)


def publishing(topics: Sequence[In[str]]) -> Iterator[Statement]:
    """Publish to topics."""
    if topics:
        yield Statement("Publish", ("sns:Publish",), tuple(topics))


def watching(alarm_arns: Sequence[In[str]]) -> Iterator[Statement]:
    """Look at the alarms that roll an update back: SageMaker does it as this role.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    """
    if alarm_arns:
        yield Statement("WatchRollback", ("cloudwatch:DescribeAlarms",), tuple(alarm_arns))


def volumes(encryption: Encryption) -> Iterator[Statement]:
    """Encrypt volumes: the service that attaches one uses the key by a grant, which is made as this role.

    Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
    """
    if isinstance(encryption, CustomerKey):
        for_services = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        yield Statement("EncryptVolumes", ("kms:CreateGrant",), (encryption.arn,), for_services)


def _of(value: In[str], compute: Callable[[str], str]) -> pulumi.Input[str]:
    """Computed at once from a plain value, else when it resolves."""
    return compute(value) if isinstance(value, str) else pulumi.Output.from_input(value).apply(compute)


def _ec2(account: Account, kind: str) -> Callable[[str], str]:
    return lambda id_: f"arn:{account.partition}:ec2:{account.region}:*:{kind}/{id_}"


def _objects(partition: str, uris: Sequence[In[str]]) -> tuple[pulumi.Input[str], ...]:
    def objects(uri: str) -> str:
        return f"arn:{partition}:s3:::{uri.removeprefix('s3://')}{'*' if uri.endswith('/') else ''}"

    return tuple(_of(uri, objects) for uri in uris)


def _bucket(partition: str, uri: In[str]) -> pulumi.Input[str]:
    return _of(uri, lambda plain: f"arn:{partition}:s3:::{plain.removeprefix('s3://').partition('/')[0]}")


def _listed(uri: str) -> str:
    key = uri.removeprefix("s3://").partition("/")[2]
    return f"{key}*" if uri.endswith("/") else key
