"""What the jobs of one model monitor may do, and nothing else.

The actions are those of https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createprocessingjob-perms,
each narrowed to what it is needed for.
"""

from collections.abc import Callable, Iterator, Sequence

import pulumi

from modelberth.aws.encryption import CustomerKey
from modelberth.aws.identity import Statement
from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.model_monitor.config import ModelMonitorArgs
from modelberth.aws.sagemaker.model_monitor.definitions import image_of
from modelberth.aws.sagemaker.model_monitor.jobs import Explainability, Jobs

FOLDERS, FILES = ("ground_truth",), ("constraints", "statistics", "analysis", "preprocessor")
"""Fields of jobs that say where in S3 something lies."""

NO_RESOURCE = "IAM knows no resource for it"
SHADOW = "sagemaker-clarify-*"
"""Names that Clarify gives to its shadow endpoint.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html, which shows one."""


def statements(args: ModelMonitorArgs) -> list[Statement]:
    """The only policy of the jobs' role."""
    return [
        *_storage(args),
        *_images(args),
        *_telling(args.account),
        *_network(args),
        *_key(args),
        *_shadow_endpoint(args.account, args.jobs),
    ]


def _storage(args: ModelMonitorArgs) -> Iterator[Statement]:
    folders = [args.captured, args.reports, *_named(args.jobs, FOLDERS)]
    uris = _once([*folders, *_named(args.jobs, FILES)])
    partition = args.account.partition
    inside = [_late(folder, lambda uri: f"{_s3(partition, uri).rstrip('/')}/*") for folder in folders]
    single = [_late(file, lambda uri: _s3(partition, uri)) for file in _named(args.jobs, FILES)]
    buckets = [_late(uri, lambda found: _s3(partition, found).partition("/")[0]) for uri in uris]
    listed = {"StringLike": {"s3:prefix": [_late(uri, _prefix) for uri in uris]}}
    yield Statement("ReadData", ("s3:GetObject",), tuple(_once([*inside, *single])))
    yield Statement("ListData", ("s3:ListBucket",), tuple(_once(buckets)), listed)
    yield Statement("WriteReports", ("s3:PutObject",), (inside[1],))


def _once(values: Sequence[pulumi.Input[str]]) -> list[pulumi.Input[str]]:
    """Without those that stand there twice; whether two Outputs are the same nobody knows yet."""
    return list({value if isinstance(value, str) else id(value): value for value in values}.values())


def _named(jobs: Jobs, fields: Sequence[str]) -> list[pulumi.Input[str]]:
    """What the jobs have in these fields."""
    found = (getattr(job, field, None) for _, job in jobs.chosen() for field in fields)
    return [value for value in found if value is not None]


def _late(value: pulumi.Input[str], change: Callable[[str], str]) -> pulumi.Input[str]:
    return change(value) if isinstance(value, str) else pulumi.Output.from_input(value).apply(change)


def _s3(partition: str, uri: str) -> str:
    return f"arn:{partition}:s3:::{uri.removeprefix('s3://')}"


def _prefix(uri: str) -> str:
    return f"{uri.removeprefix('s3://').partition('/')[2].rstrip('/')}*"


def _images(args: ModelMonitorArgs) -> Iterator[Statement]:
    repositories = [
        _late(image_of(kind, job, args), lambda image: _repository(args.account.partition, image))
        for kind, job in args.jobs.chosen()
    ]
    pull = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    yield Statement("PullImages", pull, tuple(_once(repositories)))
    yield Statement("LogInToRegistries", ("ecr:GetAuthorizationToken",), ("*",), wildcard_reason=NO_RESOURCE)


def _repository(partition: str, image: str) -> str:
    host, _, rest = image.partition("/")
    account, _, _, region, *_ = host.split(".")
    return f"arn:{partition}:ecr:{region}:{account}:repository/{rest.partition('@')[0].partition(':')[0]}"


def _telling(account: Account) -> Iterator[Statement]:
    group = account.arn("logs", "log-group:/aws/sagemaker/ProcessingJobs")
    write = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
    yield Statement("WriteLogs", write, (group, f"{group}:*"))
    yield Statement(
        "PublishMetrics",
        ("cloudwatch:PutMetricData",),
        ("*",),
        {"StringLike": {"cloudwatch:namespace": ["aws/sagemaker/*", "/aws/sagemaker/*"]}},
        NO_RESOURCE,
    )


def _network(args: ModelMonitorArgs) -> Iterator[Statement]:
    account, network = args.account, args.network
    interfaces = account.arn("ec2", "network-interface/*")
    subnets = [_late(subnet, lambda id_: account.arn("ec2", f"subnet/{id_}")) for subnet in network.subnet_ids]
    group = _late(network.model_security_group_id, lambda id_: account.arn("ec2", f"security-group/{id_}"))
    yield Statement("JoinNetwork", ("ec2:CreateNetworkInterface",), (interfaces, group, *subnets))
    yield Statement(
        "UseInterfaces",
        (
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
        ),
        (interfaces,),
        {"StringEquals": {"ec2:Subnet": subnets}},
    )
    look = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    yield Statement(
        "SeeNetwork",
        tuple(f"ec2:Describe{what}" for what in look),
        ("*",),
        wildcard_reason="Describe knows no resource",
    )


def _key(args: ModelMonitorArgs) -> Iterator[Statement]:
    if not isinstance(args.encryption, CustomerKey):
        return
    key = args.encryption.arn
    yield Statement("UseKey", ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"), (key,))
    only_for_volumes = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    yield Statement("EncryptVolumes", ("kms:CreateGrant",), (key,), only_for_volumes)


def _shadow_endpoint(account: Account, jobs: Jobs) -> Iterator[Statement]:
    job = jobs.explainability
    if not isinstance(job, Explainability):
        return
    endpoint = account.arn("sagemaker", f"endpoint/{SHADOW}")
    config = account.arn("sagemaker", f"endpoint-config/{SHADOW}")
    model = _late(job.model_name, lambda name: account.arn("sagemaker", f"model/{name}"))
    yield Statement("SeeModel", ("sagemaker:DescribeModel",), (model,))
    yield Statement(
        "RunShadowEndpoint",
        (
            "sagemaker:AddTags",
            "sagemaker:CreateEndpoint",
            "sagemaker:CreateEndpointConfig",
            "sagemaker:DeleteEndpoint",
            "sagemaker:DeleteEndpointConfig",
            "sagemaker:DescribeEndpoint",
            "sagemaker:DescribeEndpointConfig",
            "sagemaker:InvokeEndpoint",
        ),
        (endpoint, config),
    )
