"""An environment of this repository in a stand-in AWS, as the tests of environments, rollouts and drift hold it."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

import yaml
from aws_workspace import AwsWorkspace

from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.live import SageMakerLiveTarget
from modelberth.stack.files import read_yaml

SERVICE = "iris"
ACCOUNT = Account(region="eu-central-1", id="123456789012")
ENDPOINT, CONFIG, MODEL = "sagemaker.Endpoint", "sagemaker.EndpointConfiguration", "sagemaker.Model"
DIGEST = "sha256:" + "2d" * 32


class Deployment:
    """One stack of the repository's program, and what AWS says of its service."""

    def __init__(self, place: AwsWorkspace) -> None:
        self.place = place
        self.cloud = place.cloud
        self.endpoint = f"{place.stack}-{SERVICE}"

    def roll(self, **changes: Any) -> None:
        """Change the traffic of the service in the rollouts file and raise its generation."""
        current = dict(read_yaml(self.place.rollouts)[SERVICE])
        changed = {**current, "generation": current["generation"] + 1, **changes}
        self.place.rollouts.write_text(yaml.safe_dump({SERVICE: changed}))

    def pin(self, version: str) -> None:
        """Pin one more version of the model, as `modelberth pin` does."""
        file = self.place.folder / f"stacks/config/pins.{self.place.stack}.yaml"
        file.write_text(f"{file.read_text()}models:/{SERVICE}/{version}: {DIGEST}\n")

    def serving(self) -> Mapping[str, int]:
        """Version to percent, asked of the cloud as `modelberth` asks it."""
        with self.credentials():
            return SageMakerLiveTarget(ACCOUNT, self.endpoint).serving()

    def failure(self, version: str, *alarms: str) -> str | None:
        """Why a version does not serve, asked of the cloud as `modelberth` asks it."""
        with self.credentials():
            return SageMakerLiveTarget(ACCOUNT, self.endpoint, alarms).failure(version)

    @contextmanager
    def credentials(self) -> Iterator[None]:
        """The variables with which boto3, in this process, talks to this cloud."""
        with mock.patch.dict(os.environ, self.cloud.environment):
            yield

    def configs(self) -> set[str]:
        """Names of the endpoint configurations in the cloud."""
        return set(self.cloud.live(CONFIG))

    def models(self) -> dict[str, str]:
        """Version to the name of its model in the cloud."""
        return {model.properties["tags"]["version"]: name for name, model in self.cloud.live(MODEL).items()}

    def in_force(self) -> str:
        """Name of the endpoint configuration that serves."""
        return self.cloud.live(ENDPOINT)[self.endpoint].properties["endpointConfigName"]


def check_outputs(deployment: Deployment, callers: set[str], versions: Mapping[str, int]) -> None:
    """The outputs name everything that a caller needs, and the state holds no key in plain text."""
    outputs = deployment.place.outputs()
    endpoint, keys = outputs["endpoints"][SERVICE], outputs["api_keys"][SERVICE]
    assert endpoint["url"].startswith("https://")
    assert endpoint["versions"] == versions
    assert set(keys) == callers
    assert all(len(key) >= 20 for key in keys.values())
    state = json.dumps(deployment.place.state())
    assert not [name for name, key in keys.items() if key in state]


def check_settled(deployment: Deployment) -> None:
    """A second `up` changes nothing, and nothing of the stack lies in the cloud that the stack does not know."""
    deployment.place.up("--expect-no-changes")
    assert deployment.place.orphans() == []


def check_destroyed(deployment: Deployment) -> None:
    """`destroy` leaves nothing."""
    deployment.place.destroy()
    assert not deployment.cloud.count()
