"""What a pack must never show, and what a broken rule does."""

import pytest
from checked import OWN, CheckedFactory

pytestmark = pytest.mark.engine

SECRETS = """
hidden = pulumi.Output.secret
token, sid = "hunter2" + "-token", "Hunter2" + "Statement"
document = json.dumps({"Statement": [{"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": "*"}]})
key = aws.kms.Key("key", policy=hidden(document), opts=opts())
model = aws.sagemaker.Model("model", name="model", execution_role_arn="arn:aws:iam::123456789012:role/r",
    primary_container={"image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/r@sha256:" + "1" * 64,
        "environment": {"TOKEN": hidden(token), "PLAIN": "shown"}}, opts=opts(depends_on=[key]))
"""
TOPICS = """
aws.sns.Topic("first", name="first", display_name="hunter2-name", opts=opts())
aws.sns.Topic("second", name="second", opts=opts())
"""


@pytest.mark.parametrize(
    ("command", "messages"),
    [
        ("preview", ["model sets TOKEN to Secret(…).", "model sets PLAIN to shown.", "key says a secret."]),
        ("up", ["key says a secret."]),  # which ends it
    ],
)
def test_no_secret_is_shown(checked: CheckedFactory, command: str, messages: list[str]) -> None:
    done = checked(SECRETS).run(command, OWN, logged=True)
    assert done.returncode != 0
    assert all(message in done.stdout for message in messages), done.stdout
    assert "unter2" not in done.stdout + done.stderr


def test_a_rule_that_raises_fails_the_run_and_the_others_go_on(checked: CheckedFactory) -> None:
    place = checked(TOPICS)
    said = place.stops("preview", OWN)
    assert "[mandatory] [severity: high]  own-raises  (aws:sns:Topic: first)" in said
    assert "first cannot be judged: own-raises raised KeyError at own_rules.py:" in said
    assert "hunter2-name" not in said.split("Policies:")[1]
    assert "second cannot be judged" not in said
    said = place.stops("up", OWN)
    assert "own-raises" in said
    assert not any("first" in arn for arn in place.cloud.live("sns.Topic"))
