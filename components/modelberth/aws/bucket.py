"""A private bucket: versioned, encrypted, reached over TLS by its own account, and by readers that are named."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Self

import pulumi
import pulumi_aws as aws
from pydantic import Field, model_validator

from modelberth.aws.encryption import CustomerKey, Encryption, ProviderKey, key_arn
from modelberth.aws.identity import Statement, after, document, name_in_aws
from modelberth.aws.ids import AccountId, BucketName
from modelberth.aws.provider import Account
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render

Days = Annotated[int, Field(ge=1, le=36500)]
"""Whole days."""
# A broken upload is not seen in a list of objects, and paid for until it is removed.
UPLOAD_DAYS = 7
KEPT_DAYS, EXPIRED_DAYS = 90, 1


class PrivateBucketArgs(Config):
    """A bucket that nobody else can read."""

    account: Account
    """Region and account of the bucket."""

    bucket: BucketName
    """Its name in S3, which no other bucket of the partition has: `physical_name(…, "aws-s3-bucket", suffix)`."""

    encryption: Encryption
    """Key of its objects. With `ProviderKey`, keys of S3 (AES256)."""

    readers: tuple[AccountId, ...] = ()
    """Accounts whose principals may read it; a key of one's own must be granted to them besides. Left out: none."""

    expiration_days: Days | None = None
    """Days after which an object goes. Left out: it stays."""

    noncurrent_days: Days | None = None
    """Days for which what was overwritten or deleted can be got back. Left out: 90; where objects expire, 1, as they
    are to be gone then."""

    access_logs: In[BucketName] | None = None
    """Bucket in which S3 notes who read and wrote its objects; of the same account and region, with `receives_logs`.
    Left out: nobody can say afterwards."""

    receives_logs: bool = False
    """Whether other buckets of the account have their access logs delivered here. Left out: no."""

    force_destroy: bool = False
    """Whether destroying the bucket also deletes what is in it. Left out: no, it fails until the bucket is empty."""

    protect: bool = False
    """Whether Pulumi refuses to destroy it. Left out: no; strict profiles set it."""

    labels: Labels | None = None
    """Who owns it. Left out: no tags."""

    @model_validator(mode="after")
    def _kept_or_not(self) -> Self:
        if self.force_destroy and self.protect:
            raise ValueError("force_destroy and protect are both set, and one undoes the other; leave one out")
        return self

    @model_validator(mode="after")
    def _logs_can_be_delivered(self) -> Self:
        """Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html"""
        if self.receives_logs and isinstance(self.encryption, CustomerKey):
            raise ValueError("receives_logs is set, and S3 delivers none where a KMS key encrypts; give a ProviderKey")
        if self.receives_logs and self.access_logs is not None:
            raise ValueError("receives_logs and access_logs are both set, so that a log makes a log; leave one out")
        return self


class PrivateBucket(Component):
    """An S3 bucket with versions, encryption, no public access, no ACLs, TLS only, and a lifecycle."""

    name: pulumi.Output[str]
    """Name of the bucket, once all of this is in force."""
    arn: pulumi.Output[str]
    """ARN of the bucket, likewise."""

    def __init__(
        self, name: str, args: PrivateBucketArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = PrivateBucketArgs.parse(args, name)
        super().__init__(name, args, opts)
        bucket = aws.s3.Bucket(
            name,
            bucket=args.bucket,
            force_destroy=args.force_destroy,
            tags=None if args.labels is None else render(args.labels, "aws"),
            # True or nothing: what the component was given is inherited.
            opts=self.child(protect=True if args.protect else None),
        )
        settings = list(self._settings(name, args, bucket))
        self.name = after(bucket.bucket, *settings)
        self.arn = after(bucket.arn, *settings)
        self.register_outputs({"name": self.name, "arn": self.arn})

    def _settings(self, name: str, args: PrivateBucketArgs, bucket: "aws.s3.Bucket") -> Iterator[pulumi.Resource]:
        kept = aws.s3.BucketVersioning(
            name, bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=self.child()
        )
        yield kept
        yield aws.s3.BucketServerSideEncryptionConfiguration(
            name, bucket=bucket.bucket, rules=[encryption_rule(args.encryption)], opts=self.child()
        )
        yield aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        yield aws.s3.BucketOwnershipControls(
            name, bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=self.child()
        )
        yield aws.s3.BucketLifecycleConfiguration(
            name,
            bucket=bucket.bucket,
            rules=[lifecycle_rule(args.noncurrent_days, args.expiration_days)],
            opts=self.child(depends_on=[kept]),
        )
        if args.access_logs is not None:
            yield aws.s3.BucketLogging(
                name,
                bucket=bucket.bucket,
                target_bucket=args.access_logs,
                target_prefix=f"{args.bucket}/",
                opts=self.child(),
            )
        statements = bucket_statements(args.account, args.bucket, args.readers)
        if args.receives_logs:
            statements.append(log_delivery(args.account, args.bucket))
        yield aws.s3.BucketPolicy(name, bucket=bucket.bucket, policy=document(statements), opts=self.child())


def encryption_rule(encryption: Encryption) -> "aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict":
    """Default encryption. A bucket key means one call to KMS for many objects.

    With the provider's key, S3's own and not the account's `aws/s3`: no other account could ever read what that one
    encrypts. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
    """
    key = key_arn(encryption)
    if key is None:
        return {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    return {
        "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key},
        "bucket_key_enabled": True,
    }


def lifecycle_rule(
    noncurrent_days: int | None, expiration_days: int | None
) -> "aws.s3.BucketLifecycleConfigurationRuleArgsDict":
    """What goes, and when: old versions, broken uploads, and what has an end.

    A marker of a deletion with nothing behind it goes by itself where objects expire, and may not be named beside days.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
    """
    kept = KEPT_DAYS if expiration_days is None else EXPIRED_DAYS
    return {
        "id": "expire",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "noncurrent_version_expiration": {"noncurrent_days": kept if noncurrent_days is None else noncurrent_days},
        "abort_incomplete_multipart_upload": {"days_after_initiation": UPLOAD_DAYS},
        "expiration": {"expired_object_delete_marker": True} if expiration_days is None else {"days": expiration_days},
    }


def bucket_statements(account: Account, bucket: str, readers: Sequence[str]) -> list[Statement]:
    """The bucket's policy: over TLS only; readable to accounts that are named."""
    arn = f"arn:{account.partition}:s3:::{bucket}"
    in_clear = Statement(
        "TlsOnly",
        ("s3:*",),
        (arn, f"{arn}/*"),
        {"Bool": {"aws:SecureTransport": "false"}},
        principals={"AWS": ("*",)},
        effect="Deny",
    )
    if not readers:
        return [in_clear]
    them = {"AWS": tuple(f"arn:{account.partition}:iam::{reader}:root" for reader in readers)}
    return [
        in_clear,
        Statement("ReadObjects", ("s3:GetObject",), (f"{arn}/*",), principals=them),
        Statement("ListObjects", ("s3:GetBucketLocation", "s3:ListBucket"), (arn,), principals=them),
    ]


def access_logs_args(name: str, account: Account, days: int, protect: bool, labels: Labels | None) -> PrivateBucketArgs:
    """The bucket that receives the access logs of an account's other buckets. Never empty, and all in it expires."""
    return PrivateBucketArgs(
        account=account,
        bucket=name_in_aws(name, "aws-s3-bucket", account.id),
        encryption=ProviderKey(reason="S3 delivers no access logs where a KMS key encrypts"),
        expiration_days=days,
        receives_logs=True,
        force_destroy=not protect,
        protect=protect,
        labels=labels,
    )


def log_delivery(account: Account, bucket: str) -> Statement:
    """What lets S3 write the access logs of this account's buckets, and of no other's.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """
    return Statement(
        "DeliverAccessLogs",
        ("s3:PutObject",),
        (f"arn:{account.partition}:s3:::{bucket}/*",),
        {"StringEquals": {"aws:SourceAccount": account.id}},
        principals={"Service": ("logging.s3.amazonaws.com",)},
    )
