"""A batch as a plan: what is made, how long Pulumi waits for it, what it says of itself."""

import asyncio
from pathlib import Path

import pulumi
import pytest
from components.kubernetes.batch.samples import ALL, IMAGE, LEAST, MOST, NIGHTLY, objects
from inventory import assert_inventory

from modelberth.kubernetes.batch import BatchInference
from modelberth.kubernetes.objects import token_of
from modelberth_policies.resources import UNKNOWN
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
SCENARIOS = {"defaults": LEAST, "max": MOST, "nightly": {**LEAST, "timing": NIGHTLY}}


def planned(given=LEAST, name="scoring", image=None):
    def program():
        made = {} if image is None else {"image": image()}
        pulumi.export("resource_id", BatchInference(name, {**given, **made}).resource_id)

    return run_in_process(program, stack="prod")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_inventory(scenario):
    assert_inventory(planned(SCENARIOS[scenario]), HERE / f"batch.{scenario}.inventory.yaml")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_makes_what_its_pure_functions_say(scenario):
    made = {(each.type, each.name) for each in planned(SCENARIOS[scenario]) if each.type.startswith("kubernetes:")}
    assert made == {(token_of(manifest), name) for name, manifest in objects(**SCENARIOS[scenario]).items()}


def unknown():
    """An Output of a resource that is not there yet."""

    def settled(value):
        future = asyncio.get_event_loop().create_future()
        future.set_result(value)
        return future

    return pulumi.Output(set(), settled(None), settled(False), settled(False))


def running(plan):
    return next(each for each in plan if each.type in ("kubernetes:batch/v1:Job", "kubernetes:batch/v1:CronJob"))


def test_what_a_run_needs_is_there_before_it():
    needed = {each.rpartition("::")[2] for each in running(planned()).dependencies}
    assert needed == {"scoring-account", "scoring-network"}


def test_in_a_queue_the_field_by_which_it_is_let_go_is_kueue_s():
    queued = running(planned({**LEAST, "foundation": ALL, "timing": {"queue": "batch"}}))
    assert list(queued.options.ignore_changes) == ["spec.suspend"]
    assert list(running(planned()).options.ignore_changes) == []


def test_the_run_before_is_over_before_the_next_one_writes():
    assert running(planned()).options.delete_before_replace is True
    assert not running(planned({**LEAST, "timing": NIGHTLY})).options.delete_before_replace


def test_pulumi_waits_as_long_as_a_run_may_take():
    waited = running(planned({**LEAST, "timing": {"deadline": "2h"}})).options.custom_timeouts
    assert waited == {"create": "7800s", "update": "7800s"}
    assert running(planned({**LEAST, "timing": NIGHTLY})).options.custom_timeouts == {}


def test_an_image_that_comes_late_names_the_run_once_it_is_known():
    known = running(planned(image=lambda: pulumi.Output.from_input(IMAGE)))
    assert known.inputs["metadata"]["name"] == objects(image=IMAGE)["scoring"]["metadata"]["name"]
    late = running(planned(image=unknown))
    assert late.inputs["metadata"]["name"] is UNKNOWN


def test_it_says_which_job_runs():
    plan = planned({**LEAST, "timing": NIGHTLY})
    assert plan.outputs["resource_id"] in ("models/scoring", UNKNOWN)
