"""The packs on the repository's own programs: production passes, the insecure example stops, your own rule runs too."""

import shutil
from pathlib import Path

import pytest
from aws_workspace import REPOSITORY
from checked import COST, SECURITY, CheckedFactory

pytestmark = pytest.mark.engine

EXAMPLES = REPOSITORY / "examples"


def test_a_preview_of_the_insecure_example_stops(checked: CheckedFactory) -> None:
    place = checked("")
    shutil.copy(EXAMPLES / "insecure-endpoint/__main__.py", place.folder / "__main__.py")
    place.pulumi("config", "set", "aws:region", "us-east-1", "--stack", "prod")
    said = place.stops("preview", SECURITY, COST)
    for rule in ("iam-no-admin-star", "sagemaker-image-digest", "sagemaker-endpoint-kms", "sagemaker-endpoint-alarms"):
        assert f"]  {rule}  (" in said, rule
    assert not place.cloud.count()


def test_production_passes_both_packs(checked: CheckedFactory) -> None:
    place = checked("")
    (place.folder / "__main__.py").unlink()
    shutil.rmtree(place.folder / "stacks", ignore_errors=True)
    place.copy_repository()
    for name in ("limits", "exemptions"):
        shutil.copy(REPOSITORY / f"policies/{name}.yaml", place.policies)
    place.environment["PYTHONPATH"] = f"{REPOSITORY}/components:{place.environment['PYTHONPATH']}"
    place.pulumi("stack", "init", "prod", check=False)
    said = place.passes("preview", SECURITY, COST)
    assert "[mandatory]" not in said


def test_a_rule_of_your_own_is_a_pack(checked: CheckedFactory) -> None:
    place = checked("", "dev")
    shutil.copy(EXAMPLES / "own-rule/__main__.py", place.folder / "__main__.py")
    shutil.copytree(EXAMPLES / "own-rule/policies/acme", place.policies / "acme")
    place.use_python(place.policies / "acme/PulumiPolicy.yaml")
    place.pulumi("config", "set", "aws:region", "eu-central-1", "--stack", "dev")
    said = place.passes("preview", str(Path("policies/acme")))
    assert "acme-group-names-its-team" in said
    assert "Ranker is called 'Ranker', which names no team" in said
    assert "churn" not in said.partition("Policies:")[2]
