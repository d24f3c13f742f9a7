"""A change of version in prod: under a canary, rolled back by an alarm, mended; on the real engine.

It is one life of one stack, from nothing to nothing, because every `up` takes seconds.
"""

import re

import pytest
from aws_workspace import WorkspaceFactory
from deployments import Deployment, check_destroyed, check_outputs, check_settled

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

ALARM = "prod-iris-stable-5xx"
REASON = "The stand-in's containers answered 500"
ROLLED_BACK = {
    "on": "update",
    "type": "aws:sagemaker/endpoint:Endpoint",
    "with": "1.1.0",
    "do": "rollback",
    "reason": REASON,
}


def test_prod_lives_through_a_failed_version(aws_workspace: WorkspaceFactory) -> None:
    prod = Deployment(aws_workspace("prod"))
    prod.place.up()
    check_outputs(prod, {"web", "batch"}, {"1.0.0": 100})
    check_settled(prod)
    assert prod.serving() == {"1.0.0": 100}
    before = prod.in_force()
    _failed_version(prod, before)
    _old_version_again(prod, before)
    _mended_version(prod, before)
    check_destroyed(prod)


def _failed_version(prod: Deployment, before: str) -> None:
    """1.1.0 is rolled back in silence. Every further run says the same, until something is changed."""
    prod.cloud.faults(ROLLED_BACK)
    prod.cloud.alarm(ALARM, "ALARM")
    prod.roll(stable="1.1.0")
    first = _message(prod.place.fails())
    assert re.search(
        rf"rolled the update back: {REASON}\. Alarms that fired: .*{ALARM}.*\. It serves {before} as", first
    )
    assert prod.serving() == {"1.0.0": 100}
    assert prod.failure("1.1.0", ALARM) == f"{REASON} (alarms that fired: {ALARM})"
    assert prod.failure("1.0.0") is None
    assert before in prod.configs()
    assert set(prod.models()) == {"1.0.0", "1.1.0"}
    assert _message(prod.place.fails()) == first
    assert _message(prod.place.fails("--refresh")) == first
    assert prod.serving() == {"1.0.0": 100}
    assert before in prod.configs()


def _old_version_again(prod: Deployment, before: str) -> None:
    """Back to 1.0.0: a change of the file like any other. Nothing of the failed version is left."""
    prod.roll(stable="1.0.0")
    prod.place.up()
    assert prod.serving() == {"1.0.0": 100}
    assert prod.configs() == {before}
    assert set(prod.models()) == {"1.0.0"}


def _mended_version(prod: Deployment, before: str) -> None:
    """The canary goes through: the endpoint is updated in place, and only then the old configuration goes."""
    prod.cloud.alarm(ALARM, "OK")
    prod.pin("1.2.0")
    prod.roll(stable="1.2.0")
    said = prod.place.up()
    order = [
        r"sagemaker:Model iris-1\.2\.0-\w+ created",
        r"sagemaker:EndpointConfiguration iris-\w+ created",
        r"sagemaker:Endpoint iris updated",
        r"modelberth:EndpointInService iris-in-service updated",
        r"sagemaker:EndpointConfiguration iris-\w+ deleted",
        r"sagemaker:Model iris-1\.0\.0-\w+ deleted",
    ]
    places = [re.search(step, said) for step in order]
    assert [place.start() for place in places if place] == sorted(place.start() for place in places if place)
    assert all(places), said
    assert prod.serving() == {"1.2.0": 100}
    assert before not in prod.configs()
    assert set(prod.models()) == {"1.2.0"}
    check_settled(prod)


def _message(said: str) -> str:
    """The line in which the run says why the endpoint does not serve what was asked for."""
    found = re.search(r"endpoint prod-iris: SageMaker rolled .*", said)
    assert found, said
    return found[0]
