"""The generation guard: a file that is behind the stack, or changed without saying so, is refused before any change."""

import itertools

import pulumi
import pytest

from modelberth.stack.record import RECORD_TYPE, RolloutRecord, _Provider, refusal
from modelberth.stack.rollouts import ServiceRollout
from modelberth_policies.sources.program import run_in_process

RECORDED = {
    "service": "iris",
    "edits": "numbered",
    "generation": 3,
    "stable": "1.0.0",
    "candidate": "1.1.0",
    "weight": 10,
}
BEHIND = (
    "rollouts file: iris has generation 2, but the stack has carried out 3: the file is behind the stack: "
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


def test_numbers_come_back_from_the_state_as_floats():
    recorded = {**RECORDED, "generation": 3.0, "weight": 10.0}
    assert refusal(recorded, RECORDED) is None
    assert refusal(recorded, {**RECORDED, "weight": 20}) == unraised("weight")
    assert refusal({**recorded, "generation": 4.0}, {**RECORDED, "generation": 2}) == BEHIND.replace("out 3", "out 4")


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
def test_only_what_was_carried_out_is_a_change(change, differs):
    diff = _Provider().diff("iris", RECORDED, {**RECORDED, **change})
    assert bool(diff.changes) is differs
    assert not diff.replaces


def test_the_state_repeats_what_was_wanted():
    assert _Provider().create(RECORDED).outs == RECORDED
    assert _Provider().update("iris", {}, RECORDED).outs == RECORDED


def test_the_record_is_a_resource_with_everything_that_was_wanted():
    def program():
        RolloutRecord("iris-rollout", "iris", ServiceRollout(generation=3, stable="1.0.0"), "numbered")
        pulumi.export("done", True)

    record = run_in_process(program)[f"{RECORD_TYPE}::iris-rollout"]
    assert {name: value for name, value in record.inputs.items() if not name.startswith("__")} == {
        "service": "iris", "edits": "numbered", "generation": 3, "stable": "1.0.0", "weight": 0, "mirror": 0,
    }  # fmt: skip
