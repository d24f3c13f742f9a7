"""Buckets: closed to the public, encrypted with a key of one's own, and reached over TLS only."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.aws.encryption import key_shown, own_key
from modelberth_policies.rules.aws.policy import conditions, is_any, names_everyone, statements_in, texts
from modelberth_policies.rules.aws.s3_settings import BUCKETS, receives_logs, settings_of
from modelberth_policies.subject import Stack, Subject

PUBLIC_ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
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
    blocks = settings_of(bucket, stack, PUBLIC_ACCESS_BLOCK)
    if not blocks:
        yield "has no BucketPublicAccessBlock"
    for block in blocks:
        open_ = [flag for flag in _FLAGS if block.value(flag) is not True]
        if open_:
            yield f"is not closed by {block.name}: {', '.join(f'{flag} is {block.show(flag)}' for flag in open_)}"


@graph_rule(
    "s3-kms",
    Severity.HIGH,
    Category.SECURITY,
    *BUCKETS,
    frameworks=("FSBP S3.17", "GDPR 32"),
    anchors=(
        "CKV_AWS_145",
        "AWS-0132",
        "FSBP:S3.17",
        "pulumi:s3/Bucket/configureServerSideEncryptionCustomerManagedKey",
    ),
    why="A key of one's own decides who reads a model or a request, and can be taken away; S3's own cannot.",
    fix='Set sse_algorithm "aws:kms", kms_master_key_id and bucket_key_enabled in its encryption configuration.',
)
def s3_kms(bucket: Subject, stack: Stack) -> Iterator[str]:
    """Buckets that receive access logs are left out: S3 delivers none to a bucket with such a key."""
    if receives_logs(bucket, stack):
        return
    rules = list(_encryption_rules(bucket, stack))
    if not rules:
        yield "is encrypted with no key of its own"
    for rule in rules:
        yield from _weak(rule)


def _encryption_rules(bucket: Subject, stack: Stack) -> Iterator[Subject]:
    for setting in settings_of(bucket, stack, *ENCRYPTION):
        yield from setting.each("rules")
    yield from bucket.each("serverSideEncryptionConfiguration.rule")
    for inline in bucket.each("serverSideEncryptionConfigurations"):
        yield from inline.each("rules")


def _weak(rule: Subject) -> Iterator[str]:
    defaults = [
        *rule.each("applyServerSideEncryptionByDefault"),
        *rule.each("applyServerSideEncryptionByDefaults"),
    ]
    for default in defaults:
        algorithm = default.value("sseAlgorithm")
        if algorithm not in ("aws:kms", "aws:kms:dsse"):
            yield f"is encrypted as {default.show('sseAlgorithm')}"
        elif not own_key(default, "kmsMasterKeyId"):
            yield f"is encrypted with {key_shown(default, 'kmsMasterKeyId')}"
        elif algorithm == "aws:kms" and rule.value("bucketKeyEnabled") is not True:
            yield f"asks KMS for each object (bucketKeyEnabled is {rule.show('bucketKeyEnabled')})"
    if not defaults:
        yield "has an encryption rule that names no algorithm"


@graph_rule(
    "s3-tls-only",
    Severity.HIGH,
    Category.SECURITY,
    *BUCKETS,
    frameworks=("FSBP S3.5", "CIS AWS 7.0 3.1.1", "GDPR 32"),
    anchors=("FSBP:S3.5", "prowler:s3_bucket_secure_transport_policy"),
    why="S3 also answers in clear text, to whoever stands between.",
    fix='Deny s3:* to everyone where aws:SecureTransport is "false", on bucket and objects, in a BucketPolicy.',
)
def s3_tls_only(bucket: Subject, stack: Stack) -> Iterator[str]:
    policies = [*settings_of(bucket, stack, POLICY), bucket]
    if not any(_refuses_clear_text(policy.document("policy")) for policy in policies):
        yield "has no policy that denies requests without TLS"


def _refuses_clear_text(policy: Subject) -> bool:
    return any(
        names_everyone(statement)
        and any(action in ("*", "s3:*") for action in map(str.lower, texts(statement, "Action")))
        and _covers_bucket_and_objects(texts(statement, "Resource"))
        and [
            (operator.removesuffix("ifexists"), key, [value.lower() for value in values])
            for operator, key, values in conditions(statement)
        ]
        == [("bool", "aws:securetransport", ["false"])]
        for statement in statements_in(policy, "Deny")
    )


def _covers_bucket_and_objects(resources: list[str]) -> bool:
    if any(is_any(each) for each in resources):
        return True
    objects = any(each.endswith("/*") for each in resources)
    return objects and any(each and not each.endswith("/*") for each in resources)


RULES = (s3_block_public_access, s3_kms, s3_tls_only)
