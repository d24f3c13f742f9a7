"""Which version of an inference component serves, and why another does not."""

import pytest
from components.aws.sagemaker.components.stubs import (
    ACCOUNT,
    ALARM,
    NAME,
    NEW,
    OLD,
    described,
    fired,
    gone,
)

from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.components.live import InferenceComponentLiveTarget


def target(alarms=()):
    return InferenceComponentLiveTarget(Account.parse(ACCOUNT), NAME, alarms)


def tagged(aws, model, version):
    arn = f"arn:aws:sagemaker:eu-central-1:123456789012:model/{model}"
    tags = [{"Key": "owner", "Value": "search"}, *([{"Key": "version", "Value": version}] if version else [])]
    aws["sagemaker"].add_response("list_tags", {"Tags": tags}, {"ResourceArn": arn})


@pytest.mark.parametrize(("status", "copies"), [("InService", 1), ("Updating", 2), ("InService", 0)])
def test_the_version_of_the_model_in_force_serves_also_while_it_sleeps(aws, status, copies):
    described(aws, NEW, status, copies=copies)
    tagged(aws, NEW, "1.5.0")
    assert target().serving() == {"1.5.0": 100}


def test_nothing_serves_where_there_is_none_or_none_that_is_up(aws):
    gone(aws)
    described(aws, NEW, "Failed")
    described(aws, NEW)
    tagged(aws, NEW, "")
    assert [target().serving() for _ in range(3)] == [{}, {}, {}]


def test_a_version_in_force_has_no_failure(aws):
    described(aws, NEW)
    tagged(aws, NEW, "1.5.0")
    assert target().failure("1.5.0") is None


def test_a_failure_is_the_services_reason_with_the_alarms(aws):
    described(aws, OLD, reason="alarm threshold breached")
    tagged(aws, OLD, "1.4.0")
    fired(aws)
    assert target((ALARM,)).failure("1.5.0") == f"alarm threshold breached (alarms that fired: {ALARM})"


def test_a_version_that_is_not_in_force_without_a_reason(aws):
    described(aws, OLD, "Updating")
    tagged(aws, OLD, "1.4.0")
    gone(aws)
    assert target().failure("1.5.0") == "it is Updating, and 1.4.0 is in force"
    assert target().failure("1.5.0") == "the inference component does not exist"
