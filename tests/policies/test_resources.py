"""The tri-state read, secrets that never show, and the indexes of a plan."""

import subprocess
import sys

import pytest

from modelberth_policies.resources import MISSING, UNKNOWN, Plan, Resource, Secret, read, reveal, urn_of

INPUTS = {
    "plain": {"list": [{"c": 0}, {"c": None}], "dotted": {"app.io/name": "x"}},
    "unknown": UNKNOWN,
    "mixed": {"known": "k", "later": UNKNOWN},
    "password": Secret("hunter2"),
    "vault": Secret({"user": "u", "deep": Secret("d"), "later": UNKNOWN}),
    "locked": Secret(UNKNOWN),
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("plain.list[0].c", 0),
        ("plain.list[1].c", MISSING),
        ("plain.list[2].c", MISSING),
        ('plain.dotted["app.io/name"]', "x"),
        ("plain.list.c", MISSING),
        ("plain[0]", MISSING),
        ("nothing.at.all", MISSING),
        ("unknown", UNKNOWN),
        ("unknown.below[3]", UNKNOWN),
        ("mixed.known", "k"),
        ("mixed.later", UNKNOWN),
        ("password", Secret("hunter2")),
        ("vault.user", Secret("u")),
        ("vault.deep", Secret("d")),
        ("vault.none", MISSING),
        ("vault.later", UNKNOWN),
        ("locked", UNKNOWN),
        ("locked.below", UNKNOWN),
    ],
)
def test_a_property_is_a_value_or_missing_or_unknown(path, expected):
    assert read(INPUTS, path) == expected
    assert Resource("u", "t", "n", inputs=INPUTS).get(path) == expected


@pytest.mark.parametrize("path", ["a..b", "a[", "a[x]", "[0"])
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises(ValueError, match="not understood"):
        read({"a": {"b": 1}}, path)


def test_neither_absence_has_a_truth():
    for absent in (MISSING, UNKNOWN):
        with pytest.raises(TypeError, match=f"is {absent!r}"):
            bool(absent)


def test_a_secret_never_shows_in_any_text():
    secret = Secret({"password": "hunter2"})
    resource = Resource("u", "t", "n", inputs={"a": [secret]}, outputs={"b": secret})
    texts = [repr(secret), str(secret), f"{secret}", repr(resource), repr(Plan("p", "s", (resource,), {"o": secret}))]
    assert not [text for text in texts if "hunter2" in text]
    assert reveal([secret, UNKNOWN]) == [{"password": "hunter2"}, UNKNOWN]


def test_a_plan_is_indexed_by_urn_type_and_parent():
    stack = urn_of("p", "s", "", "pulumi:pulumi:Stack", "p-s")
    site = urn_of("p", "s", stack, "my:index:Site", "logs")
    bucket = urn_of("p", "s", site, "aws:s3/bucket:Bucket", "logs")
    plan = Plan(
        "p", "s", (Resource(site, "my:index:Site", "logs", stack, custom=False),
                   Resource(bucket, "aws:s3/bucket:Bucket", "logs", site))
    )  # fmt: skip
    assert bucket == "urn:pulumi:s::p::my:index:Site$aws:s3/bucket:Bucket::logs"
    assert plan[bucket] is plan["my:index:Site$aws:s3/bucket:Bucket::logs"]
    assert [item.key for item in plan.of_type("aws:s3/bucket:Bucket", "none")] == [plan[bucket].key]
    assert plan.children(plan.urn) == (plan[site],)
    assert plan.children(plan[site]) == (plan[bucket],)
    assert plan[site].is_component
    with pytest.raises(KeyError):
        plan["my:index:Site::other"]


def test_resources_needs_the_standard_library_only():
    code = "import sys, modelberth_policies.resources; print([m for m in sys.modules if m.split('.')[0] in "
    code += "('pulumi', 'yaml', 'google', 'grpc', 'pydantic', 'modelberth')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
