"""What shall go wrong: `faults.json` in the cloud's folder, a list of faults that a test writes.

    {"on": "update", "type": "aws:sagemaker/endpoint:Endpoint", "name": "*", "do": "rollback", "reason": "ping failed"}

on      create, update, delete, read
type    pattern of the type's token; left out: every type
name    pattern of the physical or logical name; left out: every resource
with    pattern that some input, nested ones too, matches: a configuration's name, an image; left out: any
do      fail, rollback (of an endpoint update, in silence), throttle, slow, die
message, reason    what `fail` and `rollback` say
seconds            how long `slow` takes
when               `before` or `after` the cloud has recorded the change, of `die` and `fail`; left out: before.
                   A creation that fails afterwards leaves a resource that Pulumi knows to be incomplete
times              how many calls it concerns; left out: every call, for `throttle` one
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .rules import RefusedError
from .store import Store

MOST_TRIES = 25
"""How often the provider tries a throttled call.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs#max_retries-1
"""
DIED = 86
FAILED = "InternalServerException: the stand-in was told to fail"


@dataclass(frozen=True)
class Call:
    """What the engine asks of the provider."""

    on: str
    type: str
    names: tuple[str, ...]
    """Physical and logical name."""

    inputs: Any


class Faults:
    """The faults of one cloud. Read anew for each call."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.file = store.folder / "faults.json"

    def before(self, call: Call) -> None:
        """What happens before the cloud has recorded a change. May raise RefusedError, wait, or end this process."""
        for fault in self._due(call, ("fail", "throttle", "slow", "die")):
            if fault["do"] == "throttle":
                self._throttled(fault)
            elif fault.get("when", "before") == "before" and self._counts(fault):
                _happen(fault)

    def after(self, call: Call) -> str | None:
        """What happens when the cloud has recorded a change and the engine does not know of it: a fault's message."""
        for fault in self._due(call, ("die", "fail")):
            if fault.get("when") != "after" or not self._counts(fault):
                continue
            if fault["do"] == "die":
                os._exit(DIED)
            return fault.get("message", FAILED)
        return None

    def rollback(self, call: Call) -> str | None:
        """Why an update is rolled back in silence; None where it is not."""
        for fault in self._due(call, ("rollback",)):
            if self._counts(fault):
                return fault.get("reason", "The primary container did not pass the ping health check.")
        return None

    def _due(self, call: Call, kinds: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        try:
            faults = json.loads(self.file.read_text())
        except FileNotFoundError:
            return
        yield from (fault for fault in faults if fault["do"] in kinds and _matches(fault, call))

    def _counts(self, fault: dict[str, Any]) -> bool:
        times = fault.get("times")
        return times is None or self.store.count(json.dumps(fault, sort_keys=True)) < times

    def _throttled(self, fault: dict[str, Any]) -> None:
        """The provider tries again, as the real one does, and gives up after MOST_TRIES."""
        for _ in range(MOST_TRIES):
            if not self._counts({"times": 1, **fault}):
                return
        raise RefusedError("ThrottlingException: Rate exceeded")


def _happen(fault: dict[str, Any]) -> None:
    if fault["do"] == "die":
        os._exit(DIED)
    if fault["do"] == "fail":
        raise RefusedError(fault.get("message", FAILED))
    time.sleep(fault["seconds"])


def _matches(fault: dict[str, Any], call: Call) -> bool:
    return (
        fault["on"] == call.on
        and fnmatchcase(call.type, fault.get("type", "*"))
        and any(fnmatchcase(name, fault.get("name", "*")) for name in call.names)
        and ("with" not in fault or any(fnmatchcase(text, fault["with"]) for text in _texts(call.inputs)))
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
