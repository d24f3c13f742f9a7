"""What shall go wrong: `faults.json`, a list of faults that a test writes, in the folder that the environment names.

    {"on": "create", "type": "kubernetes:apps/v1:*", "name": "ranker", "do": "die", "when": "after", "times": 1}

on      create, update, delete, read
type    pattern of the type's token; left out: every type
name    pattern of the physical or logical name; left out: every resource
do      fail, slow, die
message            what `fail` says
seconds            how long `slow` takes
when               `before` or `after` the API server has recorded the change, of `die` and `fail`; left out: before
times              how many calls it concerns; left out: every call
after              how many calls that match are let through first; left out: none
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from clouds.wire import RefusedError

FOLDER = "MODELBERTH_STAND_IN_KUBERNETES"
DIED = 86
FAILED = "Internal error occurred: the stand-in was told to fail"


@dataclass(frozen=True)
class Call:
    """What the engine asks of the provider."""

    on: str
    type: str
    names: tuple[str, ...]
    """Physical and logical name."""


class Faults:
    """The faults of one stack. Read anew for each call. Without a folder, nothing goes wrong."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    @classmethod
    def of_environment(cls) -> "Faults":
        """As the environment says."""
        return cls(Path(os.environ[FOLDER]) if os.environ.get(FOLDER) else None)

    def write(self, *faults: dict[str, Any]) -> None:
        """What shall go wrong from now on; nothing where none is given."""
        assert self.folder is not None
        (self.folder / "counts.json").unlink(missing_ok=True)
        (self.folder / "faults.json").write_text(json.dumps(faults))

    def happened(self) -> int:
        """How many calls have met one of the faults since they were written."""
        assert self.folder is not None
        file = self.folder / "counts.json"
        text = file.read_text() if file.exists() else ""
        try:
            return sum(json.loads(text or "{}").values())
        except json.JSONDecodeError:
            return 0  # it is being written this moment

    def happen(self, call: Call, when: str) -> None:
        """Whatever is due `before` or `after` a call. Raises RefusedError, waits, or ends this process."""
        for fault in self._due(call, when):
            if fault["do"] == "die":
                os._exit(DIED)
            if fault["do"] == "fail":
                raise RefusedError(fault.get("message", FAILED))
            time.sleep(fault["seconds"])

    def _due(self, call: Call, when: str) -> Iterator[dict[str, Any]]:
        if self.folder is None or not (self.folder / "faults.json").exists():
            return
        for fault in json.loads((self.folder / "faults.json").read_text()):
            if _matches(fault, call) and fault.get("when", "before") == when and self._counts(fault):
                yield fault

    def _counts(self, fault: dict[str, Any]) -> bool:
        """Whether this call is one of those that a fault concerns. Counts it."""
        first, times = fault.get("after", 0), fault.get("times")
        count = self._count(json.dumps(fault, sort_keys=True))
        return count >= first and (times is None or count < first + times)

    def _count(self, key: str) -> int:
        assert self.folder is not None
        with (self.folder / "counts.json").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            counts = json.loads(file.read() or "{}")
            found = counts.get(key, 0)
            file.truncate(0)
            file.write(json.dumps({**counts, key: found + 1}))
            file.flush()
        return found


def _matches(fault: dict[str, Any], call: Call) -> bool:
    return (
        fault["on"] == call.on
        and fnmatchcase(call.type, fault.get("type", "*"))
        and any(fnmatchcase(name, fault.get("name", "*")) for name in call.names)
    )
