"""What we make breaks no published check of kube-linter or Polaris, but for what is listed, with its reason.

Neither tool is run: their modules cannot be downloaded where this was written. Each check is stated anew, in our own
words, from what the tools publish of it, and asked of custom resources that hold pods too, which the tools do not read.
"""

import re
from collections import Counter

import pytest
from components.kubernetes.published_checks import of_containers, of_objects, of_pods
from components.kubernetes.published_checks.answers import LEFT, NOT_FOLLOWED, OPEN, OTHER_KINDS
from components.kubernetes.published_checks.check import Check, Subject, breached, merged
from components.kubernetes.published_checks.made import SETS
from components.kubernetes.published_checks.pods import CONTAINERS, OF_THE_API, SPECS, TEMPLATES, found, pods_of
from components.kubernetes.published_checks.published import published, source_of

CHECKS: tuple[Check, ...] = (*of_containers.CHECKS, *of_pods.CHECKS, *of_pods.BESIDE, *of_objects.CHECKS)
FOLLOWED = {identity for check in CHECKS for identity in check.ids}
KNOWN = {**LEFT, **OPEN}
BY_HAND = {"kind": "Deployment", "metadata": {"name": "web", "namespace": "models"}}


@pytest.fixture(scope="module")
def sets():
    return {name: list(make().values()) for name, make in SETS.items()}


@pytest.fixture(scope="module")
def subjects(sets):
    """Check to all that it reads, each with the set that it is in."""
    return {check: [(name, each) for name, made in sets.items() for each in check.reads(made)] for check in CHECKS}


def why_left(check: Check, where: str, subject: Subject):
    """The line of the answers that a finding stands in; None where there is none."""
    told = f"{where}: {subject.name}"
    return next((key for key in KNOWN if key[0] in check.ids and re.fullmatch(key[1], told)), None)


def findings(check: Check, read):
    """What breaks a check, as the line that answers for it and a text."""
    return [
        (why_left(check, where, each), f"{where}: {each.name}: not so: {check.says}")
        for where, each in read
        if not check.holds(each)
    ]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.ids[0]}-{check.says}")
def test_nothing_that_we_make_breaks_it(check, subjects):
    read = subjects[check]
    assert read, "nothing that it reads is made: it would prove nothing"
    unanswered = [told for line, told in findings(check, read) if line is None]
    assert unanswered == [], [source_of(identity) for identity in check.ids]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.ids[0]}-{check.says}")
def test_what_breaks_it_is_found_in_everything_that_it_reads(check, subjects):
    read = [each for _, each in subjects[check]]
    assert any(check.holds(each) for each in read)
    assert [each.name for each in read if check.holds(breached(each, check))] == []


def test_every_published_check_has_one_answer():
    answers = Counter([*FOLLOWED, *NOT_FOLLOWED, *OTHER_KINDS])
    assert len(set(published())) == len(published())
    assert set(answers) == set(published())
    assert [identity for identity, count in answers.items() if count > 1] == []


def test_every_answer_is_still_needed(subjects):
    used = {line for check, read in subjects.items() for line, _ in findings(check, read)}
    assert set(KNOWN) - used == set()
    assert set(LEFT) & set(OPEN) == set()


def test_kinds_of_checks_that_do_not_concern_us_are_not_made(sets):
    made = {each["kind"] for objects in sets.values() for each in objects}
    assert made & {kind for kinds in OTHER_KINDS.values() for kind in kinds} == set()


def test_every_kind_with_pods_is_made_and_read(sets):
    objects = [each for made in sets.values() for each in made]
    read = {each["kind"] for each in objects if list(pods_of(each))}
    assert read == {*TEMPLATES, *SPECS}
    # A list of containers anywhere else would be one that nothing reads.
    assert {each["kind"] for each in objects if _holds_containers(each)} == {*TEMPLATES, *SPECS}
    extra = {each["kind"] for each in objects for path in CONTAINERS.get(each["kind"], ()) if list(found(each, path))}
    assert extra == {"RayService", "SeldonDeployment"}


def _holds_containers(part) -> bool:
    if isinstance(part, dict):
        return "containers" in part or any(_holds_containers(each) for each in part.values())
    return isinstance(part, list) and any(_holds_containers(each) for each in part)


def test_the_count_is_printed(sets, subjects):
    objects = [each for made in sets.values() for each in made]
    asked = {(check.ids[0], each.name): check for check, read in subjects.items() for _, each in read}
    lines = [line for check, read in subjects.items() for line, _ in findings(check, read)]
    left, still = sum(line in LEFT for line in lines), sum(line in OPEN for line in lines)
    pods = [each for owner in objects for each in pods_of(owner)]
    inside = sum(each.owner["kind"] not in OF_THE_API for each in pods)
    kinds = {each["kind"] for each in objects}
    print(
        f"{len(published())} published checks: {len(FOLLOWED)} followed, {len(NOT_FOLLOWED)} not, {len(OTHER_KINDS)} "
        f"of other kinds; {len(objects)} objects of {len(kinds)} kinds in {len(sets)} sets, {len(pods)} pods, {inside} "
        f"inside custom resources; {sum(map(len, subjects.values()))} questions, {left} findings left, {still} open"
    )
    assert objects
    assert asked
    assert inside


@pytest.mark.parametrize(
    ("target", "patch", "wanted"),
    [
        ({"a": 1, "b": {"c": 2}}, {"b": {"c": None, "d": 3}}, {"a": 1, "b": {"d": 3}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({}, {"a": {"b": None}}, {"a": {}}),
    ],
)
def test_a_merge_patch_is_applied_as_rfc_7386_says(target, patch, wanted):
    assert merged(target, patch) == wanted


def test_a_pod_by_hand_breaks_most_checks_of_containers():
    pod = {"containers": [{"name": "a", "image": "nginx"}]}
    bare = {**BY_HAND, "spec": {"template": {"metadata": {}, "spec": pod}}}
    broken = {
        check.ids[0] for check in of_containers.CHECKS for each in check.reads([bare]) if not check.holds(each)
    }  # fmt: skip
    assert broken >= {
        "kube-linter:latest-tag", "kube-linter:privilege-escalation-container", "kube-linter:no-read-only-root-fs",
        "kube-linter:run-as-non-root", "kube-linter:drop-net-raw-capability", "kube-linter:unset-cpu-requirements",
        "kube-linter:unset-memory-requirements", "kube-linter:no-readiness-probe", "polaris:linuxHardening",
    }  # fmt: skip
