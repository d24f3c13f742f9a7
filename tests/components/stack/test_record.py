"""The generation guard: a file that is behind the stack, or changed without saying so, is refused before any change."""

import itertools

import pulumi
import pytest

from modelberth.core.traffic import Traffic
from modelberth.stack.record import RECORD_TYPE, RolloutRecord, _Provider, refusal
from modelberth_policies.sources.program import run_in_process

RECORDED = {
    "service": "iris",
    "edits": "numbered",
    "generation": 3,
    "stable": "1.0.0",
    "candidate": "1.1.0",
    "weight": 10,
}
MODEL = {"uri": "models:/iris/1.0.0", "digest": "sha256:" + "a" * 64}
BEHIND = (
    "rollouts file: iris has generation 2, but the stack has begun 3: the file is behind the stack: "
    "run `modelberth rollout sync`"
)


def unraised(changed):
    return (
        f"rollouts file: iris changed in {changed}, but its generation is still 3: write generation: 4, "
        "or run `modelberth rollout sync` if the change is not yours"
    )


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, None),
        ({"generation": 4}, None),
        ({"generation": 4, "weight": 50}, None),
        ({"generation": 9, "weight": 50}, None),
        ({"generation": 2}, BEHIND),
        ({"generation": 2, "edits": "free"}, BEHIND),
        ({"weight": 50}, unraised("weight")),
        ({"stable": "1.1.0", "candidate": None, "weight": 0}, unraised("stable, candidate, weight")),
        ({"mirror": 5}, unraised("mirror")),
        ({"weight": 50, "edits": "free"}, None),
        ({"edits": "free"}, None),
    ],
)
def test_what_may_be_carried_out(wanted, message):
    assert refusal(RECORDED, {**RECORDED, **wanted}) == message


def test_the_first_time_anything_goes():
    assert refusal({}, RECORDED) is None


@pytest.mark.parametrize("edits", ["numbered", "free"])
def test_a_checkout_without_the_entry_is_refused_once_a_generation_was_recorded(edits):
    without = {**RECORDED, "edits": edits, "generation": 0, "stable": "1.0.0", "candidate": None, "weight": 0}
    assert refusal(RECORDED, without) == BEHIND.replace("generation 2", "generation 0")


def test_the_first_entry_of_a_service_is_carried_out():
    without = {"service": "iris", "edits": "numbered", "generation": 0.0, "stable": "1.0.0", "weight": 0.0}
    assert refusal(without, {**RECORDED, "generation": 1}) is None


def test_numbers_come_back_from_the_state_as_floats():
    recorded = {**RECORDED, "generation": 3.0, "weight": 10.0}
    assert refusal(recorded, RECORDED) is None
    assert refusal(recorded, {**RECORDED, "weight": 20}) == unraised("weight")
    assert refusal({**recorded, "generation": 4.0}, {**RECORDED, "generation": 2}) == BEHIND.replace(
        "begun 3", "begun 4"
    )


def test_a_stale_checkout_never_passes_whatever_else_it_says():
    for generation, edits, weight in itertools.product(range(1, 3), ("numbered", "free"), (0, 10, 50)):
        assert refusal(RECORDED, {**RECORDED, "generation": generation, "edits": edits, "weight": weight})


def test_the_engine_is_told_which_input_is_at_fault():
    failures = _Provider().check(RECORDED, {**RECORDED, "generation": 2}).failures
    assert [(failure.property, failure.reason) for failure in failures] == [("generation", BEHIND)]
    assert _Provider().check(RECORDED, RECORDED).failures == []


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({}, False),
        ({"generation": 4}, True),
        ({"weight": 1}, True),
        ({"edits": "free"}, True),
        ({"__provider": "x"}, False),
    ],
)
def test_only_what_was_begun_is_a_change(change, differs):
    diff = _Provider().diff("iris", RECORDED, {**RECORDED, **change})
    assert bool(diff.changes) is differs
    assert not diff.replaces


def test_the_state_repeats_what_was_wanted():
    assert _Provider().create(RECORDED).outs == RECORDED
    assert _Provider().update("iris", {}, RECORDED).outs == RECORDED


def test_the_record_is_a_resource_with_everything_that_was_wanted():
    def program():
        RolloutRecord("iris-rollout", "iris", 3, Traffic.parse({"stable": MODEL}), "numbered")
        trial = {"stable": MODEL, "candidate": {**MODEL, "uri": "models:/iris/1.1.0"}, "weight": 10, "mirror": 5}
        RolloutRecord("trial-rollout", "trial", 0, Traffic.parse(trial), "free")
        pulumi.export("done", True)

    plan = run_in_process(program)
    assert {record.name: own(record) for record in plan.of_type(RECORD_TYPE)} == {
        "iris-rollout": {
            "service": "iris", "edits": "numbered", "generation": 3, "stable": "1.0.0", "weight": 0, "mirror": 0,
        },
        "trial-rollout": {
            "service": "trial", "edits": "free", "generation": 0,
            "stable": "1.0.0", "candidate": "1.1.0", "weight": 10, "mirror": 5,
        },
    }  # fmt: skip


def own(record):
    return {name: value for name, value in record.inputs.items() if not name.startswith("__")}


def test_without_a_rollouts_file_the_version_in_the_address_may_change():
    recorded = {"service": "r", "generation": 0, "stable": "1.0.0", "weight": 0, "mirror": 0, "edits": "numbered"}
    assert refusal(recorded, {**recorded, "stable": "1.1.0"}) is None
