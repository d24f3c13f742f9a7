"""What belongs to a bucket: settings resources of its own, inline settings, and what writes logs into it."""

from modelberth_policies.resources import read, reveal
from modelberth_policies.subject import Stack, Subject

BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
LOGGING = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")

_TARGETS = (
    *((type_, "targetBucket") for type_ in LOGGING),
    *((type_, "accessLogs.bucket") for type_ in BALANCERS),
    (BUCKETS[0], "logging.targetBucket"),
    (BUCKETS[1], "loggings[0].targetBucket"),
)


def settings_of(bucket: Subject, stack: Stack, *types: str) -> list[Subject]:
    """The settings resources of these types for this bucket, and for no other whose name is made from its name."""
    found = [each for type_ in types for each in stack.referring(bucket, type_, "bucket", "bucket")]
    return [each for each in found if not _names_another(each, bucket)]


def _names_another(setting: Subject, bucket: Subject) -> bool:
    named, own = (reveal(read(each.whole, "bucket")) for each in (setting, bucket))
    return isinstance(named, str) and isinstance(own, str) and named != own


def logs_elsewhere(bucket: Subject, stack: Stack) -> list[Subject]:
    """Settings, or parts of the bucket, that say where its access logs go."""
    inline = [*bucket.each("logging"), *bucket.each("loggings")]
    return [*settings_of(bucket, stack, *LOGGING), *inline]


def receives_logs(bucket: Subject, stack: Stack) -> bool:
    """Whether S3 or a load balancer writes its access logs here, which neither does to a bucket with a KMS key.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """
    return any(stack.referring(bucket, type_, path, "bucket") for type_, path in _TARGETS)
