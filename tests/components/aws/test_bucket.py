"""A private bucket as a plan: closed by every one of S3's settings, and open to readers that are named."""

from pathlib import Path

import pulumi
import pytest
from inventory import assert_inventory
from plans import remembered
from policy_text import arns_of, readable, statements

from modelberth.aws.bucket import PrivateBucket
from modelberth.core.errors import ConfigError
from modelberth_policies.resources import MISSING
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
REASON = {"reason": "a test that has nothing to hide"}
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "shared", "model": "shared",
    "version": "shared", "data_classification": "internal",
}  # fmt: skip
MAX = {
    "encryption": {"arn": KEY},
    "readers": ["210987654321"],
    "expiration_days": 14,
    "access_logs": "prod-logs",
    "force_destroy": True,
    "labels": LABELS,
}
BUCKET_NAME = "prod-files--123456789012"
TOP = "modelberth:index:PrivateBucket"
BUCKET = f"{TOP}$aws:s3/bucket:Bucket::files"
LIFECYCLE = f"{TOP}$aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration::files"


@remembered
def planned(**fields):
    def program():
        bucket = PrivateBucket("files", {"account": ACCOUNT, "bucket": BUCKET_NAME, "encryption": REASON, **fields})
        pulumi.CustomResource("test:index:User", "user", {"name": bucket.name})

    return run_in_process(program, stack="prod")


def test_defaults():
    assert_inventory(readable(planned()), HERE / "bucket.defaults.inventory.yaml")


def test_max():
    assert_inventory(readable(planned(**MAX)), HERE / "bucket.max.inventory.yaml")


def test_who_uses_the_bucket_waits_for_every_setting():
    plan = planned()
    settings = {child.urn for child in plan.children(plan[f"{TOP}::files"])}
    assert len(settings) == 7
    assert settings <= set(plan["test:index:User::user"].dependencies)


def test_old_versions_expire_only_once_there_are_versions():
    plan = planned()
    versions = plan[f"{TOP}$aws:s3/bucketVersioning:BucketVersioning::files"]
    assert versions.urn in plan[LIFECYCLE].dependencies


@pytest.mark.parametrize(
    ("fields", "kept", "expiration"),
    [
        ({}, 90, {"expiredObjectDeleteMarker": True}),
        ({"noncurrent_days": 7}, 7, {"expiredObjectDeleteMarker": True}),
        ({"expiration_days": 14}, 1, {"days": 14}),
        ({"expiration_days": 14, "noncurrent_days": 7}, 7, {"days": 14}),
    ],
)
def test_what_expires_is_gone_and_what_stays_can_be_got_back(fields, kept, expiration):
    (rule,) = planned(**fields)[LIFECYCLE].get("rules")
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": kept}
    assert rule["expiration"] == expiration
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_a_plain_request_is_denied_to_everyone_first():
    first, *others = [statement for _, statement in statements(planned(readers=["210987654321"]))]
    assert (first["Effect"], first["Principal"]) == ("Deny", {"AWS": ["*"]})
    assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert all(statement["Principal"] == {"AWS": ["arn:aws:iam::210987654321:root"]} for statement in others)


def test_readers_read_and_nothing_else():
    (_, *others) = [statement for _, statement in statements(planned(readers=["210987654321"]))]
    actions = [action for statement in others for action in statement["Action"]]
    assert actions == ["s3:GetObject", "s3:GetBucketLocation", "s3:ListBucket"]
    assert all(arns_of(action) for action in actions)


def test_the_policy_is_about_this_bucket():
    arn = "arn:aws:s3:::prod-files--123456789012"
    named = {name for _, statement in statements(planned(readers=["210987654321"])) for name in statement["Resource"]}
    assert named == {arn, f"{arn}/*"}


def test_in_another_partition_arns_begin_otherwise():
    found = list(statements(planned(account={"region": "cn-north-1", "id": "123456789012"}, readers=["210987654321"])))
    assert all(arn.startswith("arn:aws-cn:s3:::") for _, statement in found for arn in statement["Resource"])


def test_it_is_protected_when_asked_and_else_left_alone():
    assert planned(protect=True)[BUCKET].options.protect
    assert not planned()[BUCKET].options.protect
    assert planned()[BUCKET].get("forceDestroy") is False


def test_no_acl_and_no_deprecated_setting_is_used():
    bucket = planned(**MAX)[BUCKET]
    assert set(bucket.inputs) == {"bucket", "forceDestroy", "tags"}
    assert bucket.get("acl") is MISSING


def test_access_logs_go_to_another_bucket_under_a_folder_of_this_one():
    plan = planned(access_logs="prod-logs")
    (logging,) = plan.of_type("aws:s3/bucketLogging:BucketLogging")
    wanted = {"bucket": BUCKET_NAME, "targetBucket": "prod-logs", "targetPrefix": f"{BUCKET_NAME}/"}
    assert {name: logging.get(name) for name in wanted} == wanted
    assert logging.urn in plan["test:index:User::user"].dependencies
    assert planned().of_type("aws:s3/bucketLogging:BucketLogging") == ()


def test_s3_delivers_the_access_logs_of_this_account_only():
    (_, delivery) = [statement for _, statement in statements(planned(receives_logs=True))]
    assert (delivery["Effect"], delivery["Principal"]) == ("Allow", {"Service": ["logging.s3.amazonaws.com"]})
    assert delivery["Action"] == ["s3:PutObject"]
    assert delivery["Resource"] == [f"arn:aws:s3:::{BUCKET_NAME}/*"]
    assert delivery["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"receives_logs": True, "encryption": {"arn": KEY}},
            "files: receives_logs is set, and S3 delivers none where a KMS key encrypts; give a ProviderKey",
        ),
        (
            {"receives_logs": True, "access_logs": "prod-logs"},
            "files: receives_logs and access_logs are both set, so that a log makes a log; leave one out",
        ),
        (
            {"force_destroy": True, "protect": True},
            "files: force_destroy and protect are both set, and one undoes the other; leave one out",
        ),
        ({"expiration_days": 0}, "files.expiration_days: got 0, input should be greater than or equal to 1"),
        ({"noncurrent_days": 0}, "files.noncurrent_days: got 0, input should be greater than or equal to 1"),
        (
            {"bucket": "s3://files"},
            "files.bucket: not the name of a bucket; write it alone, without s3:// and folders",
        ),
        ({"readers": ["search"]}, "files.readers.0: not an account; write its twelve digits in quotes"),
    ],
)
def test_a_bad_bucket_is_refused(fields, message):
    with pytest.raises(ConfigError) as error:
        planned(**fields)
    assert [str(fault) for fault in error.value.faults] == [message]
