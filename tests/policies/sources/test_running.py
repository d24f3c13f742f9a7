"""Runs in process leave each other and the caller alone; errors come out as they are; what a resource costs."""

import asyncio
import threading
import time

import pulumi
import pytest
from pulumi import CustomResource, Output
from pulumi.runtime.settings import SETTINGS

from modelberth_policies.sources.program import run_in_process


class Bucket(CustomResource):
    arn: Output[str]

    def __init__(self, name, props=None):
        super().__init__("aws:s3/bucket:Bucket", name, {**(props or {}), "arn": None})


def test_exceptions_come_out_as_they_are():
    class MyError(Exception):
        pass

    def fails():
        raise MyError("at once")

    def fails_in_apply():
        Output.from_input(1).apply(lambda _: fails())

    for program in (fails, fails_in_apply):
        with pytest.raises(MyError, match="at once"):
            run_in_process(program)


def test_an_async_program_is_awaited():
    async def program():
        await asyncio.sleep(0.01)
        Bucket("late", {"thread": await asyncio.to_thread(lambda: "done")})

    assert run_in_process(program).resources[0].get("thread") == "done"


def test_runs_leave_nothing_behind_for_one_another_nor_for_the_caller():
    before = (SETTINGS.monitor, SETTINGS.project, pulumi.runtime.is_dry_run())

    def settings_elsewhere():
        seen = []
        asyncio.run(asyncio.to_thread(lambda: seen.append(SETTINGS.monitor)))
        thread = threading.Thread(target=lambda: seen.append(SETTINGS.monitor))
        thread.start()
        thread.join()
        return seen

    elsewhere = settings_elsewhere()
    for number in (1, 2):
        plan = run_in_process(
            lambda number=number: Bucket(f"b{number}"), project=f"p{number}", config={f"k{number}": 1}
        )
        assert [resource.name for resource in plan] == [f"b{number}"]
    assert run_in_process(lambda: pulumi.export("k1", pulumi.Config("p1").get("k1"))).outputs.get("k1") is None
    assert (SETTINGS.monitor, SETTINGS.project, pulumi.runtime.is_dry_run()) == before
    assert settings_elsewhere() == elsewhere

    async def inside_a_loop():
        return len(run_in_process(lambda: Bucket("b")))

    assert asyncio.run(inside_a_loop()) == 1


def test_a_thousand_resources_take_milliseconds_each(record_property):
    def program():
        first = Bucket("b0", {"acl": "private"})
        for number in range(1, 1000):
            Bucket(f"b{number}", {"acl": "private", "from": first.arn, "tags": {"a": "b"}})

    run_in_process(lambda: Bucket("warm"))
    start = time.process_time()
    plan = run_in_process(program)
    milliseconds = time.process_time() - start
    print(f"{milliseconds:.2f} ms CPU a resource")
    record_property("ms_per_resource", round(milliseconds, 2))
    assert [resource.name for resource in plan] == [f"b{number}" for number in range(1000)]
    assert milliseconds < 8  # measured 1 to 2; the bound catches a quadratic step, not a busy machine
