"""Two versions side by side in staging: a shadow, weights, none of them lost at 0, a promotion; and drift, put right.

It is one life of one stack, from nothing to nothing, because every `up` takes seconds.
"""

import pytest
from aws_workspace import WorkspaceFactory
from clouds.aws.store import Resource
from deployments import Deployment, check_destroyed, check_outputs, check_settled

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

ALARM = "staging-iris-stable-5xx"


def test_staging_moves_weights(aws_workspace: WorkspaceFactory) -> None:
    staging = Deployment(aws_workspace("staging"))
    staging.roll(candidate="1.1.0", mirror=20)
    staging.place.up()
    assert set(staging.models()) == {"1.0.0", "1.1.0"}
    assert (
        staging.cloud.live("sagemaker.EndpointConfiguration")[staging.in_force()].properties[
            "shadowProductionVariants"
        ][0]["modelName"]
        == staging.models()["1.1.0"]
    )
    for weight in (0, 10, 50):
        staging.roll(mirror=0, weight=weight)
        staging.place.up()
        assert staging.serving() == {"1.0.0": 100 - weight, "1.1.0": weight}
        assert staging.configs() == {staging.in_force()}
    _promoted(staging)
    _drift_is_put_right(staging)
    check_settled(staging)
    check_destroyed(staging)


def _promoted(staging: Deployment) -> None:
    staging.roll(stable="1.1.0", candidate=None, weight=0)
    staging.place.up()
    assert staging.serving() == {"1.1.0": 100}
    assert set(staging.models()) == {"1.1.0"}
    assert staging.configs() == {staging.in_force()}
    check_outputs(staging, {"tests"}, {"1.1.0": 100})


def _drift_is_put_right(staging: Deployment) -> None:
    """Someone switches the endpoint to a configuration of their own and deletes an alarm."""
    wanted = staging.in_force()
    with staging.cloud.store.change() as cloud:
        ours = next(one for one in cloud.resources if one.id == wanted)
        theirs = {**ours.properties, "name": "theirs", "id": "theirs", "arn": f"{ours.properties['arn']}-theirs"}
        cloud.resources.append(Resource(ours.type, "theirs", ours.region, "", theirs))
    with staging.cloud.drift("sagemaker.Endpoint", staging.endpoint) as endpoint:
        endpoint.properties["endpointConfigName"] = "theirs"
    staging.cloud.remove("cloudwatch.MetricAlarm", ALARM)
    said = staging.place.up("--refresh")
    assert staging.in_force() == wanted
    assert staging.serving() == {"1.1.0": 100}
    assert ALARM in staging.cloud.live("cloudwatch.MetricAlarm")
    # The read-back asked again: the refresh had told it what served meanwhile.
    assert "EndpointInService iris-in-service updated" in said
    staging.cloud.remove("sagemaker.EndpointConfiguration", "theirs")
