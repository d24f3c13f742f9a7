"""How long a bucket keeps what lies under a prefix: lifecycle rules of the bucket itself, and of resources apart."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from modelberth_policies.resources import GAP
from modelberth_policies.rules.aws.sagemaker.linking import (
    indexed,
    keys_of,
    looked_up,
    own_keys,
    per_stack,
)
from modelberth_policies.rules.aws.unlinked import no_unlinked
from modelberth_policies.subject import Stack, Subject, Undeterminable

BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
LIFECYCLES = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)
VERSIONINGS = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")


class Rule(NamedTuple):
    """One lifecycle rule that is in force."""

    prefix: str
    days: object
    """After which objects expire; whatever the program wrote there."""
    noncurrent_days: object
    """After which earlier versions do."""


class Expiry(NamedTuple):
    """What happens to what is written to an address in S3."""

    prefix: str | None
    """The part of the address after the bucket. None: unknown."""
    rules: tuple[Rule, ...]
    versioned: bool


def expiry_of(writer: Subject, path: str, stack: Stack) -> Expiry:
    """Of the address (`s3://bucket/prefix`) at `path`. Raises `Undeterminable` where another stack makes the bucket."""
    bucket, prefix = _address(writer, path)
    keys = writer.dependencies(path) if bucket is None else (bucket,)
    buckets = looked_up(_buckets(stack), keys)
    named = [*keys, *(key for found in buckets for key in own_keys(found, "bucket"))]
    apart = looked_up(_apart(stack), named)
    if not buckets and not apart:
        raise Undeterminable(f"{writer.path}.{path}".lstrip("."))
    rules = [rule for found in buckets for rule in _inline(found)]
    rules += [rule for found in apart if found.type in LIFECYCLES for rule in _rules(found)]
    statuses = [found.value("versioningConfiguration.status") for found in apart if found.type in VERSIONINGS]
    inline = [found.value("versioning.enabled") for found in buckets]
    return Expiry(prefix, tuple(rules), "Enabled" in statuses or True in inline)


def no_other_lifecycle(stack: Stack) -> None:
    """Raises `Undeterminable` where lifecycle rules may be of any bucket, or a bucket may be any that they name."""
    for type_ in (*LIFECYCLES, *BUCKETS):
        no_unlinked(stack, type_, "bucket")


def no_other_versioning(stack: Stack) -> None:
    """Raises `Undeterminable` where versions may be of any bucket, or a bucket may be any that they name."""
    for type_ in (*VERSIONINGS, *BUCKETS):
        no_unlinked(stack, type_, "bucket")


def _address(writer: Subject, path: str) -> tuple[str | None, str | None]:
    """Bucket and prefix, each None where it is unknown."""
    try:
        text = writer.text(path)
    except Undeterminable:
        return None, None
    bucket, _, prefix = text.removeprefix("s3://").partition("/")
    return (None if GAP in bucket else bucket), (None if GAP in prefix else prefix)


@per_stack
def _buckets(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(*BUCKETS), lambda bucket: own_keys(bucket, "bucket"))


@per_stack
def _apart(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(*LIFECYCLES, *VERSIONINGS), lambda found: keys_of(found, "bucket"))


def _rules(configuration: Subject) -> Iterator[Rule]:
    for rule in configuration.each("rules"):
        prefix = _prefix(rule)
        if rule.value("status") == "Enabled" and prefix is not None:
            yield Rule(prefix, rule.value("expiration.days"), rule.value("noncurrentVersionExpiration.noncurrentDays"))


def _prefix(rule: Subject) -> str | None:
    """What the rule covers; None where it covers only objects of some size or with some tag."""
    narrowed = ("filter.and", "filter.tag", "filter.objectSizeGreaterThan", "filter.objectSizeLessThan")
    if any(rule.present(path) for path in narrowed):
        return None
    return rule.text("filter.prefix") or rule.text("prefix")


def _inline(bucket: Subject) -> Iterator[Rule]:
    for rule in bucket.each("lifecycleRules"):
        if rule.value("enabled") is True and not rule.present("tags"):
            older = rule.value("noncurrentVersionExpiration.days")
            yield Rule(rule.text("prefix"), rule.value("expiration.days"), older)


def is_prefix(prefix: str, whole: str | None, path: str) -> bool:
    """Whether a rule with `prefix` covers all under `whole`. Raises `Undeterminable`, of `path`, where it may."""
    if prefix and (whole is None or GAP in prefix):
        raise Undeterminable(path)
    return (whole or "").startswith(prefix)


def days_kept(days: Iterable[object]) -> float | None:
    """The least of them; None where none is a number of days."""
    return min((each for each in days if isinstance(each, int | float) and not isinstance(each, bool)), default=None)
