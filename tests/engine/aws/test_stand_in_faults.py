"""What goes wrong on demand, and how a stack comes out of it."""

import time

import pytest
from aws_workspace import WorkspaceFactory
from stand_in_programs import ENDPOINT

pytestmark = pytest.mark.engine

TOPICS = """
first = aws.sns.Topic("first", name="first", opts=opts())
second = aws.sns.Topic("second", name="second", opts=opts(depends_on=[first]))
"""


def test_a_creation_fails_with_its_message_and_the_next_run_finishes(aws_workspace: WorkspaceFactory) -> None:
    place = aws_workspace(program=TOPICS)
    place.cloud.faults(
        {"on": "create", "type": "aws:sns/topic:Topic", "name": "second", "do": "fail", "message": "Throttled: no"},
        {"on": "create", "name": "first", "do": "slow", "seconds": 2},
    )
    began = time.monotonic()
    assert "Throttled: no" in place.fails()
    assert time.monotonic() - began > 2
    assert list(place.cloud.live("sns.Topic")) == ["arn:aws:sns:eu-central-1:123456789012:first"]
    place.cloud.faults({"on": "create", "name": "second", "do": "throttle", "times": 5})
    assert "1 created" in place.up()
    place.cloud.faults({"on": "delete", "name": "first", "do": "throttle", "times": 30})
    assert "ThrottlingException: Rate exceeded" in place.destroy(check=False)
    place.destroy()
    assert not place.cloud.count()


def test_a_provider_that_dies_half_way(aws_workspace: WorkspaceFactory) -> None:
    place = aws_workspace(program=ENDPOINT)
    place.cloud.faults(
        {"on": "create", "type": "*:EndpointConfiguration", "do": "die", "times": 1},
        {"on": "create", "type": "*:Endpoint", "do": "die", "when": "after", "times": 1},
    )
    # Before it has created anything, nothing is lost.
    assert "exited prematurely" in place.fails()
    assert not place.cloud.live("sagemaker.EndpointConfiguration")
    # Afterwards the engine does not know of what was made, not even as a pending operation.
    assert "exited prematurely" in place.fails()
    assert [orphan.id for orphan in place.orphans()] == ["ranker"]
    assert "pending_operations" not in place.state()["deployment"]
    assert "Cannot create already existing endpoint" in place.fails()
    place.adopt()
    assert place.orphans() == []
    # An update or a deletion is simply done again.
    place.cloud.faults(
        {"on": "update", "type": "*:Endpoint", "do": "die", "when": "after", "times": 1},
        {"on": "delete", "type": "*:Model", "do": "die", "when": "after", "times": 1},
    )
    assert "exited prematurely" in place.fails("--config", "version=2")
    assert "exited prematurely" in place.fails()
    place.up()
    assert list(place.cloud.live("sagemaker.Model")) == ["ranker-2"]
    assert place.unchanged()
    place.destroy()
    assert not place.cloud.count()
