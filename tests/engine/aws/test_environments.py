"""Dev comes up from nothing and goes without a trace. Prod and staging do in `test_rollouts_<environment>.py`."""

import pytest
from aws_workspace import WorkspaceFactory
from deployments import Deployment, check_destroyed, check_outputs, check_settled

pytestmark = pytest.mark.engine


def test_dev_comes_up_changes_its_version_and_goes(aws_workspace: WorkspaceFactory) -> None:
    dev = Deployment(aws_workspace("dev"))
    dev.place.up()
    check_outputs(dev, {"team"}, {"1.0.0": 100})
    assert dev.serving() == {"1.0.0": 100}
    dev.roll(stable="1.1.0")
    dev.place.up()
    assert dev.serving() == {"1.1.0": 100}
    assert set(dev.models()) == {"1.1.0"}
    check_settled(dev)
    check_destroyed(dev)
