"""What a stack was before: from a report, from git, or not at all."""

import json
import os
import subprocess

import pytest

from modelberth_policies.baseline import NO_STACK, load_past
from modelberth_policies.bill import UNBOUNDED, Range
from modelberth_policies.configuration import ConfigurationError
from modelberth_policies.repository import checkout, imports_then, place_of

ENVIRONMENT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
IDENTITY = ("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")


def git(folder, *arguments):
    subprocess.run(
        ["git", "-C", folder, *IDENTITY, *arguments], check=True, capture_output=True, env={**os.environ, **ENVIRONMENT}
    )


@pytest.fixture
def project(tmp_path):
    """A project in a folder of a repository, with one commit, and something newer that is not committed."""
    folder = tmp_path / "repository" / "teams" / "shop"
    folder.mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    git(tmp_path / "repository", "init")
    git(tmp_path / "repository", "add", ".")
    git(tmp_path / "repository", "commit", "-m", "one")
    (folder / "Pulumi.yaml").write_text("name: newer\nruntime: python\n")
    return folder


def report(**stack):
    usd = {"low": 1.0, "expected": 2.0, "worst": "unbounded"}
    found = {"rule": "r", "kind": "violation", "urn": "u", "path": "p", "message": "m"}
    bill = {"total": usd, "services": [{"name": "ranker", "usd": usd}]}
    return {"stacks": [{"project": "shop", "stack": "prod", "findings": [found], "bill": bill, **stack}]}


def test_a_saved_report_gives_findings_and_costs(tmp_path):
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report()))
    past = load_past(file)["shop", "prod"]
    assert past.messages == {("r", "violation", "u", "p"): "m"}
    assert past.total == past.services["ranker"] == Range(1, 2, UNBOUNDED)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"stacks": [{}]}', json.dumps(report(bill={})), "\x00", '{"stacks": 3}']
)
def test_what_is_no_report_gets_one_message(tmp_path, text):
    file = tmp_path / "report.json"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=r"--baseline .*report\.json: is no report of `modelberth check"):
        load_past(file)


def test_an_impossible_amount_is_no_report(tmp_path):
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report(bill={"total": {"low": 3, "expected": 2, "worst": 1}, "services": []})))
    with pytest.raises(ConfigurationError, match="a range goes upwards"):
        load_past(file)


def test_a_missing_stack_was_nothing():
    assert not NO_STACK.messages and not NO_STACK.services and NO_STACK.total == Range.of(0)


def test_checkout_is_the_folder_at_the_ref_and_goes_away(project):
    with checkout(project, "main") as folder:
        assert (folder / "Pulumi.yaml").read_text().startswith("name: shop\n")
        assert folder.name == "shop"
    assert not folder.exists()
    assert (project / "Pulumi.yaml").read_text().startswith("name: newer\n")


@pytest.mark.parametrize("ref", ["nowhere", "--all", "main:teams", ""])
def test_an_unknown_ref_gets_one_message(project, ref):
    with (
        pytest.raises(ConfigurationError, match=f"--baseline {ref}: is no file, and git says: "),
        checkout(project, ref),
    ):
        pass


def test_outside_of_a_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(ConfigurationError, match="not a git repository"), checkout(tmp_path, "main"):
        pass


def test_without_git(project, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match="git is not on PATH"), checkout(project, "main"):
        pass


def test_places_are_told_from_the_root_of_the_repository(project, tmp_path):
    assert place_of(project / "Pulumi.yaml") == "teams/shop/Pulumi.yaml"
    assert place_of(tmp_path / "Pulumi.yaml") == "Pulumi.yaml"


def test_own_packages_are_imported_as_they_stood(project, tmp_path, monkeypatch):
    root = project.parents[1]
    site = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (root / "src").mkdir()
    (root / "policies" / "modelberth_policies").mkdir(parents=True)
    (site / "own.pth").write_text(f"import os\n{root / 'src'}\n{root / 'policies'}\n{tmp_path}\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root / "lib"), "relative"]))
    then = tmp_path / "then" / "teams" / "shop"
    # The check itself keeps its own package: `policies` is not among them.
    found = imports_then(tmp_path / "venv" / "bin" / "python", project, then).split(os.pathsep)
    assert found == [str(tmp_path / "then" / "lib"), str(tmp_path / "then" / "src"), str(root / "lib"), "relative"]
