"""Buckets: versions that can be got back, a record of who read what, and an end for what nobody needs."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.aws.policy import texts
from modelberth_policies.rules.aws.s3_settings import BUCKETS, logs_elsewhere, receives_logs, settings_of
from modelberth_policies.subject import Stack, Subject

VERSIONING = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")
LIFECYCLE = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)
TRAIL = "aws:cloudtrail/trail:Trail"
OBJECTS = "AWS::S3::Object"


@graph_rule(
    "s3-model-bucket-versioned",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    *BUCKETS,
    frameworks=("FSBP S3.14",),
    anchors=("CKV_AWS_21", "AWS-0090", "FSBP:S3.14"),
    why="A model that was overwritten is gone, and so is the way back to it.",
    fix='Add a BucketVersioning with versioning_configuration status "Enabled".',
)
def s3_model_bucket_versioned(bucket: Subject, stack: Stack) -> Iterator[str]:
    """Nothing says of a bucket that models lie in it, so all are asked but those that receive access logs."""
    if receives_logs(bucket, stack):
        return
    split = [each.at("versioningConfiguration") for each in settings_of(bucket, stack, *VERSIONING)]
    inline = [*bucket.each("versioning"), *bucket.each("versionings")]
    if not any(each.value("status") == "Enabled" for each in split) and not any(
        each.value("enabled") is True for each in inline
    ):
        yield "keeps no versions of its objects"


@graph_rule(
    "s3-access-logs",
    Severity.LOW,
    Category.SECURITY,
    *BUCKETS,
    frameworks=("FSBP S3.9",),
    anchors=("CKV_AWS_18", "AWS-0089", "FSBP:S3.9", "awsguard:s3-bucket-logging-enabled"),
    why="Without a record nobody can say who read a model or a request.",
    fix="Add a BucketLogging with a target_bucket, or a Trail that records the data events of its objects.",
)
def s3_access_logs(bucket: Subject, stack: Stack) -> Iterator[str]:
    if receives_logs(bucket, stack):
        return
    logged = any(each.present("targetBucket") for each in logs_elsewhere(bucket, stack))
    if not logged and not any(_records(trail, bucket, stack) for trail in stack.of_type(TRAIL)):
        yield "records nowhere who reads and writes its objects"


def _records(trail: Subject, bucket: Subject, stack: Stack) -> bool:
    if trail.value("enableLogging", True) is not True:
        return False
    selected = [*_basic(trail), *_advanced(trail)]
    if selected and any(stack.refers(trail, path, bucket) for path in ("eventSelectors", "advancedEventSelectors")):
        return True
    return any(part is None or any(_is_of(arn, bucket) for arn in _arns(part)) for part in selected)


def _basic(trail: Subject) -> Iterator[Subject]:
    for selector in trail.each("eventSelectors"):
        yield from (data for data in selector.each("dataResources") if data.value("type") == OBJECTS)


def _advanced(trail: Subject) -> Iterator[Subject | None]:
    """A selector that names no ARN is for all objects: None."""
    for selector in trail.each("advancedEventSelectors"):
        fields = {each.text("field"): each for each in selector.each("fieldSelectors")}
        if "resources.type" in fields and OBJECTS in texts(fields["resources.type"], "equals"):
            yield fields.get("resources.ARN")


def _arns(part: Subject) -> list[str]:
    return [arn for path in ("values", "equals", "startsWiths") for arn in texts(part, path)]


def _is_of(arn: str, bucket: Subject) -> bool:
    """`arn:aws:s3` stands for every bucket."""
    name = bucket.text("bucket")
    return arn.rstrip(":").endswith(":s3") or (bool(name) and f":::{name}/" in arn)


@graph_rule(
    "s3-lifecycle",
    Severity.LOW,
    Category.COST,
    *BUCKETS,
    frameworks=("FSBP S3.13",),
    anchors=("CKV2_AWS_61", "FSBP:S3.13"),
    why="Old versions and broken uploads are in no list of objects, and on every bill.",
    fix="Add a BucketLifecycleConfiguration with noncurrent_version_expiration and abort_incomplete_multipart_upload.",
)
def s3_lifecycle(bucket: Subject, stack: Stack) -> Iterator[str]:
    rules = _rules_for_all(bucket, stack)
    if not any(map(_ends_versions, rules)) and not receives_logs(bucket, stack):
        yield "keeps noncurrent versions for ever"
    if not any(map(_ends_uploads, rules)):
        yield "keeps broken multipart uploads for ever"


def days_of_expiry(bucket: Subject, stack: Stack) -> list[int]:
    """Days after which every object of the bucket goes, of each rule that says so."""
    found = [part.value("days") for rule in _rules_for_all(bucket, stack) for part in rule.each("expiration")]
    return [days for days in found if isinstance(days, int)]


def _rules_for_all(bucket: Subject, stack: Stack) -> list[Subject]:
    """Lifecycle rules in force for every object, of settings resources and of the bucket itself."""
    split = [rule for each in settings_of(bucket, stack, *LIFECYCLE) for rule in each.each("rules")]
    inline = [rule for rule in bucket.each("lifecycleRules") if rule.value("enabled") is True]
    return [
        rule for rule in (*(each for each in split if each.value("status") == "Enabled"), *inline) if _is_for_all(rule)
    ]


def _is_for_all(rule: Subject) -> bool:
    return not any(
        rule.present(path)
        for path in (
            "prefix",
            "tags",
            "filter.prefix",
            "filter.tag",
            "filter.and",
            "filter.objectSizeGreaterThan",
            "filter.objectSizeLessThan",
        )
    )


def _ends_versions(rule: Subject) -> bool:
    return any(
        part.present("noncurrentDays") or part.present("days")
        for path in ("noncurrentVersionExpiration", "noncurrentVersionExpirations")
        for part in rule.each(path)
    )


def _ends_uploads(rule: Subject) -> bool:
    return rule.present("abortIncompleteMultipartUpload.daysAfterInitiation") or rule.present(
        "abortIncompleteMultipartUploadDays"
    )


RULES = (s3_model_bucket_versioned, s3_access_logs, s3_lifecycle)
