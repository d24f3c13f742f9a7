"""The stand-in as a test holds it: what lies in the cloud, what shall go wrong, the variables that lead to it."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .rules import ALARM
from .store import ACCOUNT, FOLDER, Cloud, Resource, Store

REGION = "eu-central-1"


class StandIn:
    """One cloud in a folder. `url` is where its HTTP side listens; `serving(store)` starts one."""

    def __init__(self, folder: Path, url: str) -> None:
        self.store = Store(folder)
        self.url = url

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which the engine, its provider and boto3 talk to this cloud and to no other."""
        return {
            FOLDER: str(self.store.folder),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "stand-in",
            "AWS_SECRET_ACCESS_KEY": "stand-in",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def read(self) -> Cloud:
        """Everything that lies in the cloud now."""
        return self.store.read()

    def live(self, kind: str) -> dict[str, Resource]:
        """The live resources of a type by their id: `live("sagemaker.Endpoint")`."""
        return {one.id: one for one in self.read().resources if short(one.type) == kind}

    def count(self) -> Counter[str]:
        """How many resources of each type live: {"sagemaker.Endpoint": 1, …}."""
        return Counter(short(one.type) for one in self.read().resources)

    @contextmanager
    def drift(self, kind: str, id_: str) -> Iterator[Resource]:
        """A live resource to change behind Pulumi's back: its `properties` and `live` facts."""
        with self.store.change() as cloud:
            yield next(one for one in cloud.resources if (short(one.type), one.id) == (kind, id_))

    def remove(self, kind: str, id_: str) -> None:
        """Delete a resource behind Pulumi's back."""
        with self.store.change() as cloud:
            cloud.remove(next(one for one in cloud.resources if (short(one.type), one.id) == (kind, id_)))

    def add(self, token: str, id_: str, region: str = REGION, **properties: Any) -> None:
        """Put a resource into the cloud that no stack has made: `add("aws:iam/role:Role", "r", "global", arn=…)`."""
        with self.store.change() as cloud:
            cloud.resources.append(Resource(token, id_, region, "", {"id": id_, **properties}))

    def alarm(self, name: str, state: str) -> None:
        """Set the state of an alarm: `OK`, `ALARM` or `INSUFFICIENT_DATA`."""
        with self.store.change() as cloud:
            found = cloud.one(ALARM, name=name)
            assert found is not None, f"no alarm {name}"
            found.live["state"] = state

    def faults(self, *faults: dict[str, Any]) -> None:
        """What shall go wrong from now on, in the words of `faults.py`; none: nothing."""
        (self.store.folder / "counts.json").unlink(missing_ok=True)
        (self.store.folder / "faults.json").write_text(json.dumps(faults))

    def forget(self) -> None:
        """An empty cloud without faults."""
        shutil.rmtree(self.store.folder)
        self.store.folder.mkdir()


def short(token: str) -> str:
    """`sagemaker.Endpoint` of `aws:sagemaker/endpoint:Endpoint`, as a program writes it."""
    _, module, name = token.split(":")
    return f"{module.partition('/')[0]}.{name}"


__all__ = ["ACCOUNT", "REGION", "StandIn", "short"]
