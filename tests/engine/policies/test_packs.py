"""The packs on the real engine: what stops, what is only reported, and what is made."""

import pytest
from checked import COST, OWN, SECURITY, CheckedFactory, only

pytestmark = pytest.mark.engine

OPEN = '{"Statement": [{"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}'
PROGRAM = f"""
first = aws.sns.Topic("first", name="first", opts=opts())
signer = aws.kms.Key("signer", policy='{OPEN}', opts=opts(depends_on=[first]))
"""
BUCKET = """
logs = aws.s3.Bucket("logs", bucket="logs", opts=opts())
"""
CLOSED = f"""
{BUCKET}
closed = aws.s3.BucketPublicAccessBlock("closed", bucket=logs.id, block_public_acls=True, block_public_policy=True,
    ignore_public_acls=True, restrict_public_buckets=True, opts=opts())
"""
LATE = f"""
first = aws.sns.Topic("first", name="first", opts=opts())
signer = aws.kms.Key("signer", enable_key_rotation=True, policy=first.arn.apply(lambda arn: '{OPEN}'), opts=opts())
"""
KEYS = """
key = aws.kms.Key("key", enable_key_rotation=True, opts=opts())
logs = aws.cloudwatch.LogGroup("logs", name="logs", kms_key_id=key.arn, opts=opts())
"""
RULE = "kms-policy-no-wildcard"


def test_a_resource_that_breaks_a_mandatory_rule_is_not_made(checked: CheckedFactory) -> None:
    place = checked(PROGRAM)
    said = place.stops("preview", SECURITY, COST)
    assert "modelberth-security@v0.1.0" in said and "modelberth-cost@v0.1.0" in said
    assert f"[mandatory] [severity: critical]  {RULE}  (aws:kms:Key: signer)" in said
    assert "signer lets everyone use the key (statement 'All')." in said
    assert "Fix: Name the principals" in said
    assert "[advisory] [severity: medium]  kms-rotation  (aws:kms:Key: signer)" in said
    assert not place.cloud.count()
    assert RULE in place.stops("up", SECURITY, COST)
    assert list(place.cloud.live("sns.Topic")), "what stood before it was made"
    assert not place.cloud.live("kms.Key")


def test_outside_production_it_is_only_reported(checked: CheckedFactory) -> None:
    place = checked(PROGRAM, stack="dev")
    assert f"[advisory] [severity: critical]  {RULE}" in place.passes("up", SECURITY)
    assert place.cloud.live("kms.Key")


def test_a_rule_on_several_resources_stops_the_preview(checked: CheckedFactory) -> None:
    place = checked(BUCKET)
    said = place.stops("preview", SECURITY)
    assert "[mandatory] [severity: critical]  s3-block-public-access  (aws:s3:Bucket: logs)" in said
    place.write_program(CLOSED)
    assert "s3-block-public-access" not in place.run("preview", SECURITY).stdout
    assert "s3-block-public-access" not in place.run("up", SECURITY).stdout


def test_a_resource_that_is_only_read_is_not_judged(checked: CheckedFactory) -> None:
    place = checked(BUCKET)
    place.passes("up")
    place.write_program(BUCKET + 'theirs = aws.s3.Bucket.get("theirs", "logs", opts=opts())\n')
    said = place.stops("preview", SECURITY)
    assert "(aws:s3:Bucket: logs)" in said
    assert "(aws:s3:Bucket: theirs)" not in said


def test_levels_come_from_the_configuration(checked: CheckedFactory) -> None:
    place = checked(PROGRAM)
    said = place.stops("preview", SECURITY, config={"all": "disabled", "kms-rotation": "mandatory"})
    assert "[mandatory] [severity: medium]  kms-rotation" in said
    assert RULE not in said
    place.passes("preview", SECURITY, config={"all": "advisory"})
    said = place.stops("preview", SECURITY, COST, config={"kms-rotatoin": "disabled"})
    assert "there is no rule 'kms-rotatoin'" in said
    said = place.stops("preview", SECURITY, config={RULE: {"enforcementLevel": "advisory", "days": 3}})
    assert f"{RULE} takes a level only, got days; limits are set in limits.yaml" in said


def test_what_is_known_later_is_said_in_the_preview_and_judged_before_it_is_made(checked: CheckedFactory) -> None:
    place, alone = checked(LATE), only(RULE)
    said = place.passes("preview", SECURITY, config=alone)
    assert said.count(RULE) == 2, "once as the rule's name, once in its message"
    assert "signer has policy that is known only later" in said
    place.write("limits.yaml", "environments: {prod: {undeterminable: mandatory}}")
    assert f"[mandatory] [severity: critical]  {RULE}" in place.stops("preview", SECURITY, config=alone)
    assert "signer lets everyone use the key" in place.stops("up", SECURITY, config=alone)
    assert not place.cloud.live("kms.Key")


def test_what_another_resource_will_give_is_present(checked: CheckedFactory) -> None:
    place = checked(KEYS)
    assert "own-needs-a-key" not in place.passes("preview", OWN, config={"own-quotes": "disabled"})
    place.write_program(KEYS.replace("kms_key_id=key.arn, ", ""))
    assert "logs has no key" in place.stops("preview", OWN)
