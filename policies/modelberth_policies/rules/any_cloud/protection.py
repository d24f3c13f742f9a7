"""What holds data is not deleted by one command."""

from collections.abc import Iterator, Mapping

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.aws.s3_keeping import days_of_expiry
from modelberth_policies.rules.aws.s3_settings import BUCKETS
from modelberth_policies.subject import Stack, Subject

STATEFUL = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:kms/key:Key",
    "aws:ecr/repository:Repository",
    "aws:dynamodb/table:Table",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    "gcp:storage/bucket:Bucket",
    "gcp:kms/cryptoKey:CryptoKey",
    "gcp:artifactregistry/repository:Repository",
    "gcp:bigquery/dataset:Dataset",
    "azure-native:storage:StorageAccount",
    "azure-native:keyvault:Vault",
    "azure-native:containerregistry:Registry",
    "azure-native:machinelearningservices:Workspace",
)
"""Types whose deletion loses what cannot be made again. An endpoint is none: it holds no data, and `protect` would
stand in the way of every replacement (docs/adr)."""

FORCED: Mapping[str, str] = {
    "aws:s3/bucket:Bucket": "forceDestroy",
    "aws:s3/bucketV2:BucketV2": "forceDestroy",
    "aws:ecr/repository:Repository": "forceDelete",
    "gcp:storage/bucket:Bucket": "forceDestroy",
}
"""Types that their cloud does not delete while anything is in them, and the input that makes it do so. Sources:
docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html,
docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html,
cloud.google.com/storage/docs/deleting-buckets."""


@graph_rule(
    "prod-protect-stateful",
    Severity.MEDIUM,
    Category.RELIABILITY,
    *STATEFUL,
    frameworks=("NIST CP-9",),
    why="A slip in a program, or `pulumi destroy` in the wrong stack, deletes models and keys for good.",
    fix="Set protect=True or retain_on_delete=True in the resource's options; leave force_destroy off, or let all that "
    "is in a bucket expire within data.retention_days.",
    applies=lambda limits: limits.production,
)
def prod_protect_stateful(subject: Subject, stack: Stack) -> Iterator[str]:
    """A bucket of captured requests, in which everything expires, holds nothing that was to stay: it may go."""
    options = subject.resource.options
    if options.protect or options.retain_on_delete:
        return
    forced = FORCED.get(subject.type)
    if forced is None:
        yield "holds data and is neither protected nor retained on delete"
    elif subject.value(forced, False) is not False and not _all_expires(subject, stack):
        yield f"is deleted with all that is in it ({forced} is {subject.show(forced)}), and is not protected"


def _all_expires(bucket: Subject, stack: Stack) -> bool:
    if bucket.type not in BUCKETS:
        return False
    return any(days <= bucket.limits.data.retention_days for days in days_of_expiry(bucket, stack))


RULES = (prod_protect_stateful,)
