"""`examples/check-on-pull-request`: valid for both services, pinned, and its shell runs as written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from checked_project import NAT, OPEN, REGION, TRUSTED, Checked

from modelberth_policies.report.markdown import MARKER

FOLDER = Path(__file__).parents[2] / "examples" / "check-on-pull-request"
GITHUB, GITLAB = FOLDER / "github.yaml", FOLDER / "gitlab-ci.yaml"


def validated(file, schema):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, file]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("file", "schema"), [(GITHUB, "vendor.github-workflows"), (GITLAB, "vendor.gitlab-ci")])
def test_it_is_valid(file, schema):
    done = validated(file, schema)
    assert done.returncode == 0, done.stdout


def test_the_schemas_would_notice(tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(GITHUB.read_text().replace("runs-on:", "runs_on:"))
    assert validated(wrong, "vendor.github-workflows").returncode == 1
    wrong.write_text(GITLAB.read_text().replace("when: always", "when: sometimes"))
    assert validated(wrong, "vendor.gitlab-ci").returncode == 1


def steps():
    return yaml.safe_load(GITHUB.read_text())["jobs"]["check"]["steps"]


def test_actions_are_pinned_by_commit_and_named_by_version():
    used = re.findall(r"uses: (\S+)(.*)", GITHUB.read_text())
    assert len(used) == 3
    for action, comment in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) and re.fullmatch(r" # v\d+\.\d+\.\d+", comment)


def test_nothing_of_the_pull_request_is_pasted_into_a_shell():
    assert not any("${{" in step.get("run", "") for step in steps())


def test_the_comment_is_found_again():
    assert MARKER in next(step["run"] for step in steps() if step.get("name") == "Comment")


@pytest.fixture
def shop(tmp_path, capsys):
    shop = Checked(tmp_path / "shop", capsys)
    shop.program(TRUSTED)
    shop.write("Pulumi.prod.yaml", REGION)
    shop.commit()
    shop.git("update-ref", "refs/remotes/origin/main", "main")
    command = tmp_path / "bin" / "modelberth"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m modelberth.cli.main "$@"\n')
    command.chmod(0o755)
    return shop


def run(shop, script):
    """As the services' runners do it: the shell ends at the first command that fails."""
    roots = [entry for entry in sys.path if entry]
    env = {
        **os.environ, "BASE": "origin/main", "PYTHONPATH": os.pathsep.join(roots),
        "PATH": f"{shop.folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    command = ["bash", "-e", "-o", "pipefail", "-c", script]
    return subprocess.run(command, cwd=shop.folder, env=env, capture_output=True, text=True, check=False)


SCRIPTS = {
    "github": (next(step["run"] for step in steps() if step.get("name") == "Check"), ["sarif", "md"]),
    "gitlab": ("\n".join(yaml.safe_load(GITLAB.read_text())["modelberth check"]["script"]), ["xml", "html", "md"]),
}


@pytest.mark.parametrize("service", SCRIPTS)
@pytest.mark.parametrize(("change", "code"), [((TRUSTED, NAT), 0), ((TRUSTED, OPEN), 1), (("oh no\n",), 2)])
def test_its_shell_writes_the_reports_and_ends_as_the_command_does(shop, service, change, code):
    script, reports = SCRIPTS[service]
    shop.program(*change)
    done = run(shop, script)
    assert (done.returncode != 0) == (code != 0), done.stderr
    written = [end for end in reports if (shop.folder / f"modelberth.{end}").is_file()]
    assert written == ([] if code == 2 else reports)
    if code != 2:
        assert "new, 0 gone; " in (shop.folder / "modelberth.md").read_text().splitlines()[0]
