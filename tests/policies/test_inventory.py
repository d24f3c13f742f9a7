"""Inventories fail with path, expected, got and the command that rewrites them."""

import pytest
from inventory import assert_inventory

from modelberth_policies.resources import UNKNOWN, Plan, Resource, Secret

BUCKET = "my:index:Site$aws:s3/bucket:Bucket::logs"
INPUTS = {"acl": "private", "rules": [{"days": 30, "on": True}], "key": UNKNOWN, "token": Secret("hunter2")}
PLAN = Plan(
    "p",
    "s",
    (
        Resource("urn:pulumi:s::p::my:index:Site::logs", "my:index:Site", "logs", custom=False),
        Resource(f"urn:pulumi:s::p::{BUCKET}", "aws:s3/bucket:Bucket", "logs", inputs=INPUTS),
    ),
)
HOLDS = f"""# claims
{BUCKET}:
  acl: private
  rules: [{{days: 30}}]
  key: !unknown
  token: !secret
  policy: !missing
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        (tmp_path / "x.inventory.yaml").write_text(text)
        return tmp_path / "x.inventory.yaml"

    return write


def failure(path):
    with pytest.raises(AssertionError) as info:
        assert_inventory(PLAN, path)
    assert "hunter2" not in str(info.value)
    return str(info.value)


def test_a_subset_that_holds_passes(file):
    assert_inventory(PLAN, file(HOLDS))
    assert_inventory(PLAN, file("exact: true\nmy:index:Site::logs: {}\n" + HOLDS))


@pytest.mark.parametrize(
    ("claim", "difference"),
    [
        (f"{BUCKET}: {{acl: public}}", f"{BUCKET} acl: expected 'public', got 'private'"),
        (f"{BUCKET}: {{rules: [{{days: 31}}]}}", "rules[0].days: expected 31, got 30"),
        (f"{BUCKET}: {{rules: []}}", "rules: expected [], got [{'days': 30, 'on': True}]"),
        (f"{BUCKET}: {{rules: [{{on: 1}}]}}", "rules[0].on: expected 1, got True"),
        (f"{BUCKET}: {{acl: !unknown }}", "acl: expected UNKNOWN, got 'private'"),
        (f"{BUCKET}: {{key: k}}", "key: expected 'k', got UNKNOWN"),
        (f"{BUCKET}: {{acl: !secret }}", "acl: expected Secret"),
        (f"{BUCKET}: {{token: t}}", "token: expected 't', got Secret(…)"),
        (f"{BUCKET}: {{policy: p}}", "policy: expected 'p', got MISSING"),
        ("aws:s3/bucket:Bucket::logs: {}", "aws:s3/bucket:Bucket::logs: expected, not in the plan"),
        (f"exact: true\n{BUCKET}: {{}}", "my:index:Site::logs: in the plan, not in the inventory"),
        ("exact: true", "claims nothing"),
    ],
)
def test_a_difference_shows_path_expected_and_got(file, claim, difference):
    assert difference in failure(file(claim))


def test_the_failure_shows_the_command_that_rewrites_the_file(file, monkeypatch):
    path = file(HOLDS.replace("private", "public").replace("days: 30", "days: 1") + "gone::x: {a: 1}\n")
    assert "MODELBERTH_UPDATE_INVENTORY=1 python -m pytest 'tests/policies/test_inventory.py::test_the_fail" in failure(
        path
    )
    monkeypatch.setenv("MODELBERTH_UPDATE_INVENTORY", "1")
    assert_inventory(PLAN, path)
    monkeypatch.delenv("MODELBERTH_UPDATE_INVENTORY")
    assert_inventory(PLAN, path)
    text = path.read_text()
    assert text.startswith(f"# claims\n{BUCKET}:\n  acl: private\n")
    assert "hunter2" not in text
    assert "gone" not in text
    assert "'on'" not in text  # only what was listed is rewritten
