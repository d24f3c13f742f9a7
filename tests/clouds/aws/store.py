"""What lies in the cloud: one JSON file, changed under a lock and written at once. Tests may read and edit it."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = "MODELBERTH_STAND_IN_AWS"
"""Variable that names the folder of the cloud."""

ACCOUNT = "123456789012"


@dataclass
class Resource:
    """A live resource."""

    type: str
    """Pulumi's token: `aws:sagemaker/model:Model`."""

    id: str
    region: str
    """`global` where the type has no region."""

    urn: str
    """Whose it is: the resource of a stack that made it."""

    properties: dict[str, Any]
    """What the provider reads back, in the provider's names. Edit it to make drift."""

    live: dict[str, Any] = field(default_factory=dict)
    """What the provider does not show: an endpoint's status and counts, an alarm's state."""


@dataclass
class Cloud:
    """Everything in one account."""

    account: str = ACCOUNT
    made: int = 0
    """How many resources were ever made: two lives of one resource have different ids."""

    resources: list[Resource] = field(default_factory=list)

    def of(self, kind: str, **properties: Any) -> list[Resource]:
        """The live resources of a type whose properties have these values."""
        wanted = properties.items()
        return [
            one for one in self.resources if one.type == kind and all(one.properties.get(k) == v for k, v in wanted)
        ]

    def one(self, kind: str, **properties: Any) -> Resource | None:
        """The first of `of`, or None."""
        return next(iter(self.of(kind, **properties)), None)

    def by_id(self, kind: str, region: str, id_: str) -> Resource | None:
        """The resource of this id, or None."""
        return next((one for one in self.resources if (one.type, one.region, one.id) == (kind, region, id_)), None)

    def remove(self, resource: Resource) -> None:
        """Take a resource out of the cloud."""
        self.resources = [one for one in self.resources if one is not resource]


class Store:
    """The file `cloud.json` in a folder. Safe for several processes and threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "cloud.json"
        folder.mkdir(parents=True, exist_ok=True)

    @classmethod
    def of_environment(cls) -> "Store":
        """The store that MODELBERTH_STAND_IN_AWS names."""
        folder = os.environ.get(FOLDER)
        if not folder:
            raise SystemExit(f"{FOLDER} is not set: it names the folder in which the stand-in AWS keeps its resources")
        return cls(Path(folder))

    def read(self) -> Cloud:
        """The cloud as it is."""
        try:
            content = json.loads(self.file.read_text())
        except FileNotFoundError:
            return Cloud()
        return Cloud(content["account"], content["made"], [Resource(**one) for one in content["resources"]])

    @contextmanager
    def change(self) -> Iterator[Cloud]:
        """The cloud, written back when the block ends without an exception."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            cloud = self.read()
            yield cloud
            part = self.file.with_suffix(".part")
            part.write_text(_written(cloud))
            part.replace(self.file)

    def count(self, name: str, step: Callable[[int], int] = lambda number: number + 1) -> int:
        """A number that is kept beside the cloud under `name`, before `step` changes it."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            file = self.folder / "counts.json"
            counts = json.loads(file.read_text()) if file.exists() else {}
            number = counts.get(name, 0)
            part = file.with_suffix(".part")
            part.write_text(json.dumps({**counts, name: step(number)}))
            part.replace(file)
            return number


def _written(cloud: Cloud) -> str:
    """JSON with one resource a line, for people; `asdict` and `indent` take five times as long."""
    resources = ",\n".join(json.dumps(vars(one)) for one in cloud.resources)
    return f'{{"account": {json.dumps(cloud.account)}, "made": {cloud.made}, "resources": [\n{resources}\n]}}\n'
