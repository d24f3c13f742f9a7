"""Runs a program through the SDK's own mocks, as tests of it do: `python with_mocks.py PROGRAM SERVICES`.

It prints how many resources were made.
"""

import asyncio
import runpy
import sys
from typing import Any, Never

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime.stack import run_pulumi_func


class Echo(Mocks):
    """Every resource has the outputs that it was given."""

    def __init__(self) -> None:
        self.made = 0

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.made += 1
        return f"{args.name}-id", args.inputs

    def call(self, args: MockCallArgs) -> Never:
        raise LookupError(f"nothing answers {args.token}")


def program() -> None:
    runpy.run_path(sys.argv[1], run_name="__main__")


echo = Echo()
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
pulumi.runtime.set_mocks(echo, project="bench", stack="bench", preview=False)
pulumi.runtime.set_all_config({"bench:services": sys.argv[2]})
loop.run_until_complete(run_pulumi_func(program))
print(echo.made)
