"""Buckets: private, encrypted, reached over TLS, versioned where models lie, and tidied up."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.subject import Stack, Subject

BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
PUBLIC_ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@graph_rule(
    "s3-block-public-access",
    Severity.CRITICAL,
    Category.SECURITY,
    *BUCKETS,
    frameworks=("FSBP S3.8", "CIS AWS 7.0 3.1.4"),
    anchors=("CKV2_AWS_6", "CKV_AWS_53", "AWS-0086", "AWS-0087", "FSBP:S3.8"),
    why="One grant by mistake makes a bucket of models or requests public.",
    fix="Add a BucketPublicAccessBlock on the bucket with all four settings true.",
)
def s3_block_public_access(bucket: Subject, stack: Stack) -> Iterator[str]:
    blocks = stack.referring(bucket, PUBLIC_ACCESS_BLOCK, "bucket", "bucket")
    if not blocks:
        yield "has no BucketPublicAccessBlock"
    for block in blocks:
        open_ = [flag for flag in _FLAGS if block.value(flag) is not True]
        if open_:
            yield f"is not closed by {block.name}: {', '.join(f'{flag} is {block.show(flag)}' for flag in open_)}"


RULES = (s3_block_public_access,)
