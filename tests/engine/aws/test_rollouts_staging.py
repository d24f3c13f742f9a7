"""Two versions side by side in staging: weights, none of them lost at 0, a mirrored candidate; and drift, put right.

It is one life of one stack, from nothing to nothing, because every `up` takes seconds.
"""

import pytest
from aws_workspace import WorkspaceFactory
from deployments import Deployment, check_destroyed, check_outputs, check_settled

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def staging(aws_workspace: WorkspaceFactory) -> Deployment:
    """Staging, up from nothing, serving 1.0.0."""
    deployment = Deployment(aws_workspace("staging"))
    deployment.place.up()
    return deployment


def test_staging_moves_weights(staging: Deployment) -> None:
    check_outputs(staging, {"tests"}, {"1.0.0": 100})
    check_settled(staging)
    for weight in (10, 50, 0):
        staging.roll(candidate="1.1.0", weight=weight)
        staging.place.up()
        assert staging.serving() == {"1.0.0": 100 - weight, "1.1.0": weight}
        assert len(staging.configs()) == 1
    _stale_file_is_refused(staging)
    staging.roll(mirror=20)
    staging.place.up()
    assert staging.serving() == {"1.0.0": 100}
    assert set(staging.models()) == {"1.0.0", "1.1.0"}
    _promoted(staging)
    _drifted(staging)
    check_destroyed(staging)


def _stale_file_is_refused(staging: Deployment) -> None:
    """A checkout from before the last change cannot undo it."""
    file = staging.place.rollouts
    current = file.read_text()
    staging.roll(generation=2, weight=10)
    assert "the file is behind the stack" in staging.place.fails()
    assert staging.serving() == {"1.0.0": 100, "1.1.0": 0}
    file.write_text(current)


def _promoted(staging: Deployment) -> None:
    staging.roll(stable="1.1.0", candidate=None, mirror=0)
    staging.place.up()
    assert staging.serving() == {"1.1.0": 100}
    assert set(staging.models()) == {"1.1.0"}
    assert len(staging.configs()) == 1
    check_outputs(staging, {"tests"}, {"1.1.0": 100})


def _drifted(staging: Deployment) -> None:
    """Someone switches the endpoint to a configuration of their own and deletes an alarm; `up --refresh` undoes both."""
    wanted = staging.in_force()
    with staging.cloud.store.change() as cloud:
        theirs = next(one for one in cloud.resources if one.id == wanted)
        copy = {**theirs.properties, "name": "theirs", "id": "theirs", "arn": f"{theirs.properties['arn']}-theirs"}
        cloud.resources.append(type(theirs)(theirs.type, "theirs", theirs.region, "", copy))
    with staging.cloud.drift("sagemaker.Endpoint", staging.endpoint) as endpoint:
        endpoint.properties["endpointConfigName"] = "theirs"
    staging.cloud.remove("cloudwatch.MetricAlarm", "staging-iris-stable-5xx")
    said = staging.place.up("--refresh")
    assert staging.in_force() == wanted
    assert "staging-iris-stable-5xx" in staging.cloud.live("cloudwatch.MetricAlarm")
    assert "EndpointInService iris-in-service updated" in said
    staging.cloud.remove("sagemaker.EndpointConfiguration", "theirs")
    check_settled(staging)
