"""What the jobs of one model monitor may do, and nothing else.

Actions: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createprocessingjob-perms.
"""

from collections.abc import Callable, Iterator, Sequence

import pulumi

from modelberth.aws.encryption import CustomerKey, Encryption
from modelberth.aws.identity import Statement
from modelberth.aws.provider import Account
from modelberth.aws.sagemaker import permissions
from modelberth.aws.sagemaker.model_monitor.config import ModelMonitorArgs
from modelberth.aws.sagemaker.model_monitor.definitions import image_of
from modelberth.aws.sagemaker.model_monitor.jobs import Explainability, Job, Jobs

FOLDERS, FILES = ("ground_truth",), ("constraints", "statistics", "analysis", "preprocessor")
"""Fields of jobs that say where in S3 something lies."""

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
"""Where SageMaker writes what the containers of all processing jobs of an account print.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html"""

NAMESPACES = ("aws/sagemaker/*", "/aws/sagemaker/*")
"""Those of what jobs find and of what they use."""

SHADOW = "sagemaker-clarify-*"
"""Names that Clarify gives to its shadow endpoint.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html, which shows one."""

SHADOW_ACTIONS = (
    "sagemaker:AddTags",
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:DeleteEndpoint",
    "sagemaker:DeleteEndpointConfig",
    "sagemaker:DescribeEndpoint",
    "sagemaker:DescribeEndpointConfig",
    "sagemaker:InvokeEndpoint",
)


def statements(args: ModelMonitorArgs) -> list[Statement]:
    """The only policy of the jobs' role."""
    account, partition = args.account, args.account.partition
    reports = _of(args.reports, _folder)
    folders = [_of(args.captured, _folder), reports, *(_of(uri, _folder) for uri in _named(args.jobs, FOLDERS))]
    return [
        *permissions.reading(partition, [*folders, *_named(args.jobs, FILES)]),
        *permissions.writing(partition, [reports]),
        *permissions.images(_repositories(args)),
        Statement("MakeLogGroup", ("logs:CreateLogGroup",), (account.arn("logs", f"log-group:{LOG_GROUP}"),)),
        *permissions.telemetry(account, LOG_GROUP, NAMESPACES),
        *permissions.interfaces(account, args.network),
        *_key(args.encryption),
        *permissions.volumes(args.encryption),
        *_shadow_endpoint(account, args.jobs.explainability),
    ]


def _of(value: pulumi.Input[str], compute: Callable[[str], str]) -> pulumi.Input[str]:
    return compute(value) if isinstance(value, str) else pulumi.Output.from_input(value).apply(compute)


def _folder(uri: str) -> str:
    return f"{uri.rstrip('/')}/"


def _named(jobs: Jobs, fields: Sequence[str]) -> list[pulumi.Input[str]]:
    """What the jobs have in these fields."""
    found = (getattr(job, field, None) for _, job in jobs.chosen() for field in fields)
    return [value for value in found if value is not None]


def _repositories(args: ModelMonitorArgs) -> list[pulumi.Input[str]]:
    """Of the images of all jobs, each once; two Outputs may turn out to be the same, which does no harm."""
    partition = args.account.partition

    def repository(kind: str, job: Job) -> pulumi.Input[str]:
        return _of(image_of(kind, job, args), lambda image: _repository(partition, image))

    return list(dict.fromkeys(repository(kind, job) for kind, job in args.jobs.chosen()))


def _repository(partition: str, image: str) -> str:
    host, _, rest = image.partition("/")
    account, _, _, region, *_ = host.split(".")
    return f"arn:{partition}:ecr:{region}:{account}:repository/{rest.partition('@')[0].partition(':')[0]}"


def _key(encryption: Encryption) -> Iterator[Statement]:
    if isinstance(encryption, CustomerKey):
        yield Statement("UseKey", ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"), (encryption.arn,))


def _shadow_endpoint(account: Account, job: Explainability | None) -> Iterator[Statement]:
    if job is None:
        return
    shadows = tuple(account.arn("sagemaker", f"{kind}/{SHADOW}") for kind in ("endpoint", "endpoint-config"))
    model = _of(job.model_name, lambda name: account.arn("sagemaker", f"model/{name}"))
    yield Statement("SeeModel", ("sagemaker:DescribeModel",), (model,))
    yield Statement("RunShadowEndpoint", SHADOW_ACTIONS, shadows)
