"""Buckets: nobody's but yours, under your key, with a way back."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.gcp.identities import EVERYONE, bindings_of, everyone_in
from modelberth_policies.rules.parts import known, of_each
from modelberth_policies.subject import Subject

BUCKET = "gcp:storage/bucket:Bucket"
GRANTS = (
    "gcp:storage/bucketIAMMember:BucketIAMMember",
    "gcp:storage/bucketIAMBinding:BucketIAMBinding",
    "gcp:storage/bucketIAMPolicy:BucketIAMPolicy",
)
BUCKET_LIST = "gcp:storage/bucketACL:BucketACL"
ACCESS_LISTS = (
    BUCKET_LIST,
    "gcp:storage/bucketAccessControl:BucketAccessControl",
    "gcp:storage/defaultObjectACL:DefaultObjectACL",
    "gcp:storage/defaultObjectAccessControl:DefaultObjectAccessControl",
)
_NARROWED = ("matchesPrefixes", "matchesSuffixes", "matchesStorageClasses", "sizeAboveBytes", "sizeBelowBytes")


@resource_rule(
    "gcs-no-public",
    Severity.CRITICAL,
    Category.SECURITY,
    BUCKET,
    *GRANTS,
    *ACCESS_LISTS,
    frameworks=("CIS GCP 5.1", "CIS GCP 5.2"),
    anchors=(
        "CKV_GCP_114",
        "CKV_GCP_29",
        "CKV_GCP_28",
        "GCP-0001",
        "GCP-0002",
        "org:storage.publicAccessPrevention",
        "pulumi:storage/Bucket/enforcePublicAccessPrevention",
    ),
    over=bindings_of,
    why="One grant by mistake makes a bucket of models or requests public.",
    fix='Set public_access_prevention "enforced" and uniform_bucket_level_access, and grant to named members only.',
)
def gcs_no_public(holder: Subject) -> Iterator[str]:
    if holder.limits.is_public(holder.resource.urn):
        return
    if holder.type == BUCKET:
        yield from _open_bucket(holder)
    elif holder.type in GRANTS:
        yield from everyone_in(holder)
    else:
        yield from _open_list(holder)


def _open_bucket(bucket: Subject) -> Iterator[str]:
    if bucket.text("publicAccessPrevention") != "enforced":
        yield f"can be made public (publicAccessPrevention is {bucket.show('publicAccessPrevention')})"
    if bucket.value("uniformBucketLevelAccess") is not True:
        shown = bucket.show("uniformBucketLevelAccess")
        yield f"lets each object be granted by itself (uniformBucketLevelAccess is {shown})"


def _open_list(access: Subject) -> Iterator[str]:
    """An access control names an entity; a list `ROLE:entity` pairs, or a list that Google made (`publicRead`)."""
    if access.type.endswith("AccessControl"):
        yield from _lets_in(known(access, "entity"))
    else:
        yield from of_each(access.each("roleEntities"), lambda pair: _lets_in(known(pair).rpartition(":")[2]))
    for path in ("predefinedAcl", "defaultAcl") if access.type == BUCKET_LIST else ():
        if access.text(path).startswith(("public", "authenticatedRead")):
            yield f"lets everyone in ({path} is {access.show(path)})"


def _lets_in(entity: str) -> Iterator[str]:
    if entity in EVERYONE:
        yield f"lets {entity} in"


@resource_rule(
    "gcs-versioning-cmek",
    Severity.MEDIUM,
    Category.SUPPLY_CHAIN,
    BUCKET,
    frameworks=("NIST SC-28",),
    anchors=("CKV_GCP_78", "GCP-0078", "GCP-0066"),
    why="A model that was overwritten cannot be served again, and one under no key of yours cannot be shut away.",
    fix="Set versioning.enabled and encryption.default_kms_key_name.",
)
def gcs_versioning_cmek(bucket: Subject) -> Iterator[str]:
    """What is deleted by age, as kept requests are, must not live on in old versions."""
    if not bucket.present("encryption.defaultKmsKeyName"):
        yield "is encrypted with a key of Google's (encryption.defaultKmsKeyName is unset)"
    if bucket.value("versioning.enabled") is not True and not any(map(_expires_all, bucket.each("lifecycleRules"))):
        yield f"forgets what is overwritten (versioning.enabled is {bucket.show('versioning.enabled')})"


def _expires_all(rule: Subject) -> bool:
    if rule.text("action.type") != "Delete" or not rule.present("condition.age"):
        return False
    return rule.text("condition.withState", "ANY") != "ARCHIVED" and not any(
        rule.present(f"condition.{narrowed}") for narrowed in _NARROWED
    )


RULES = (gcs_no_public, gcs_versioning_cmek)
