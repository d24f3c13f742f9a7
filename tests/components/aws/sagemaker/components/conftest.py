"""Makes the modules beside the tests importable; boto3's stubs for all of them."""

import sys
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from modelberth.aws.sagemaker import in_service
from modelberth.aws.sagemaker.components import in_force, live

sys.path[:0] = [str(Path(__file__).parent)]


@pytest.fixture
def aws(monkeypatch):
    """Stubs of the two clients; each must have answered all that it was told when the test ends."""
    monkeypatch.setattr(in_force, "PAUSE_SECONDS", 0)
    clients = {
        service: boto3.client(
            service, region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        for service in ("sagemaker", "cloudwatch")
    }
    stubs = {service: Stubber(client) for service, client in clients.items()}
    for module in (in_service, in_force, live):
        monkeypatch.setattr(module, "client", lambda account, service: clients[service])
    for stub in stubs.values():
        stub.activate()
    yield stubs
    for stub in stubs.values():
        stub.assert_no_pending_responses()
