"""What is generated is what the code says, and the schema accepts what the repository itself writes."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from docs import pages
from docs.fields import rows_of
from docs.generate import stale
from docs.targets import CONCERNS, file_of, outermost, refused, verdicts
from modelberth.core.service import Service
from modelberth.stack.files import read_yaml
from modelberth.stack.targets import TARGETS

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch):
    monkeypatch.chdir(PROJECT)


def test_nothing_generated_is_behind_the_code():
    behind = ", ".join(stale())
    assert not behind, f"{behind}: behind the code; run: make docs"


@pytest.mark.parametrize("on", TARGETS)
def test_each_field_of_a_service_has_a_verdict(on):
    found = verdicts(on)
    assert set(found) == {row.path for row in rows_of(Service) if row.leaf}
    unchanged = {path for path, verdict in found.items() if "as left out" in verdict}
    assert unchanged == {"rollout.all_at_once"}, f"{on} takes these and does nothing with them"


def test_what_local_refuses_and_what_it_honours():
    found = verdicts("local")
    assert found["rollout.gates[].p95.below"] == "refused: nothing watches gates here; leave them out"
    assert outermost(found)["rollout.gates"] == found["rollout.gates[].query.query"]
    assert found["access.keys"] == found["size.memory_gib"] == "honoured"
    assert "size.gpu" in refused(found)
    assert "size.cpu" not in refused(found)


def test_a_concern_is_found_by_its_name():
    found = {(on, concern): file_of(on, concern) for on in TARGETS for concern in CONCERNS}
    components = Path("components/modelberth")
    assert found["local", "rate_limit"] == components / "local/gateway/rate_limit.py"
    assert found["local", "budget"] is None
    assert found["aws:sagemaker/realtime", "scaling"] == components / "aws/sagemaker/realtime/scaling.py"
    assert found["aws:sagemaker/realtime", "dashboard"] == components / "aws/sagemaker/dashboard.py"
    assert found["aws:sagemaker/realtime", "network"] == components / "aws/network.py"
    assert found["aws:sagemaker/realtime", "rate_limit"] == components / "aws/api_gateway/rate_limit.py"


def test_what_a_kind_refuses_is_not_shown_as_its_own():
    assert file_of("aws:sagemaker/serverless", "capture") is None
    assert file_of("aws:sagemaker/asynchronous", "rate_limit") is None
    assert file_of("aws:sagemaker/realtime", "capture") is not None


def test_every_public_name_of_a_cloud_is_in_the_reference():
    page = pages.components()
    names = ("LocalEndpoint", "AwsFoundation", "RealtimeEndpoint", "RestFrontDoor", "ModelMonitor", "GatewayFrontDoor")
    for name in names:
        assert f"\n## {name}\n" in page
    # What two clouds have under one name is told apart by its place.
    assert "\n## shared_from in aws\n" in page
    assert "\n## shared_from in kubernetes\n" in page
    assert "`from modelberth.aws.sagemaker import RealtimeEndpoint`" in page
    assert "[`Foundation`](#foundation-in-aws)" in page


@pytest.mark.parametrize("file", sorted(PROJECT.glob("stacks/config/Pulumi.*.yaml")), ids=lambda file: file.name)
def test_the_schema_accepts_the_files_of_this_repository(file):
    schema = json.loads(Path("stacks/config/stack.schema.json").read_text())
    content = read_yaml(file)
    Draft202012Validator(schema).validate(content)
    wrong = {"config": {"modelberth:stack": {**content["config"]["modelberth:stack"], "servces": {}}}}
    assert not Draft202012Validator(schema).is_valid(wrong)
    assert file.read_text().startswith("# yaml-language-server: $schema=./stack.schema.json\n")
