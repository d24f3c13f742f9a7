"""Create, read, update, delete: what the provider does in the cloud, rules and faults included."""

import hashlib
from dataclasses import dataclass
from typing import Any

from clouds.wire import IncompleteError, RefusedError

from . import cloudcontrol, endpoints
from .faults import Call, Faults
from .outputs import Place, completed, format_of
from .rules import CLOUD_CONTROL, ENDPOINT, refuse_creation, refuse_deletion, refuse_references, taken
from .store import Cloud, Resource, Store
from .types import resource_type


@dataclass(frozen=True)
class Name:
    """Which resource of a stack a call is about."""

    urn: str
    type: str

    @property
    def logical(self) -> str:
        """Its name in the program."""
        return self.urn.rpartition("::")[2]


class Operations:
    """What one provider does in one region."""

    def __init__(self, store: Store, region: str) -> None:
        self.store = store
        self.region = region
        self.faults = Faults(store)

    def create(self, name: Name, inputs: dict[str, Any]) -> Resource:
        """Make a resource. Raises RefusedError, and IncompleteError where it was made all the same."""
        call = self._call("create", name, inputs, inputs.get("name", ""))
        self.faults.before(call)
        with self.store.change() as cloud:
            cloud.made += 1
            new = self._new(cloud, name, inputs)
            refuse_creation(cloud, new)
            self._settle(cloud, new)
            overwritten = taken(cloud, new)
            if overwritten is not None:
                cloud.remove(overwritten)
            cloud.resources.append(new)
        reason = self.faults.after(call)
        if reason is not None:
            self._fail(new, reason)
            raise IncompleteError(reason, new.id, new.properties, inputs)
        return new

    def read(self, name: Name, id_: str) -> Resource | None:
        """A resource as it is now; None where it is gone."""
        self.faults.before(self._call("read", name, {}, id_))
        return self.store.read().by_id(name.type, self._region_of(name.type), id_)

    def update(self, name: Name, id_: str, inputs: dict[str, Any]) -> Resource:
        """Change a resource in place. Raises RefusedError."""
        call = self._call("update", name, inputs, id_)
        self.faults.before(call)
        with self.store.change() as cloud:
            old = cloud.by_id(name.type, self._region_of(name.type), id_)
            if old is None:
                raise RefusedError(f"ResourceNotFoundException: no {name.type.rpartition(':')[2]} {id_} exists.")
            self._change(cloud, old, inputs, call)
        self._refuse_after(call)
        return old

    def delete(self, name: Name, id_: str) -> None:
        """Remove a resource; one that is gone already is no fault. Raises RefusedError."""
        call = self._call("delete", name, {}, id_)
        self.faults.before(call)
        with self.store.change() as cloud:
            old = cloud.by_id(name.type, self._region_of(name.type), id_)
            if old is not None:
                refuse_deletion(cloud, old)
                if old.type == CLOUD_CONTROL:
                    cloudcontrol.deleted(cloud, old)
                cloud.remove(old)
                if old.type == ENDPOINT:
                    endpoints.deleted(cloud, old)
        self._refuse_after(call)

    def _call(self, on: str, name: Name, inputs: dict[str, Any], physical: str) -> Call:
        behind = endpoints.behind(self.store.read(), inputs) if name.type == ENDPOINT else []
        return Call(on, name.type, (name.logical, physical), [inputs, *behind])

    def _region_of(self, token: str) -> str:
        return "global" if format_of(token).globally else self.region

    def _new(self, cloud: Cloud, name: Name, inputs: dict[str, Any]) -> Resource:
        seed = hashlib.sha256(f"{name.urn}/{cloud.made}/{self.store.folder.name}".encode()).hexdigest()
        place = Place(cloud.account, inputs.get("region") or self.region)
        inputs = {**inputs, **cloudcontrol.identified(inputs, place, seed)} if name.type == CLOUD_CONTROL else inputs
        properties = completed(name.type, resource_type(name.type), inputs, place, seed)
        return Resource(name.type, properties["id"], self._region_of(name.type), name.urn, properties)

    def _refuse_after(self, call: Call) -> None:
        reason = self.faults.after(call)
        if reason is not None:
            raise RefusedError(reason)

    def _fail(self, new: Resource, reason: str) -> None:
        with self.store.change() as cloud:
            made = cloud.by_id(new.type, new.region, new.id)
            if new.type == ENDPOINT and made is not None:
                endpoints.failed(made, reason)

    def _settle(self, cloud: Cloud, new: Resource) -> None:
        if new.type == ENDPOINT:
            endpoints.created(cloud, new)
        if new.type == CLOUD_CONTROL:
            cloudcontrol.created(cloud, new)

    def _change(self, cloud: Cloud, old: Resource, inputs: dict[str, Any], call: Call) -> None:
        asked = Resource(old.type, old.id, old.region, old.urn, {**self._kept(old, inputs), **inputs})
        if "tagsAll" in asked.properties:
            asked.properties["tagsAll"] = inputs.get("tags", {})
        refuse_references(cloud, asked)
        if old.type == ENDPOINT:
            endpoints.updated(cloud, old, asked.properties, self.faults.rollback(call))
        elif old.type == CLOUD_CONTROL:
            cloudcontrol.updated(cloud, old, asked.properties)
        else:
            old.properties = asked.properties

    def _kept(self, old: Resource, inputs: dict[str, Any]) -> dict[str, Any]:
        """What of the old properties stays: all that the program cannot say, and what the cloud chose for it."""
        kind = resource_type(old.type)
        chosen = {name for name, field in kind.outputs.items() if field.required}
        return {k: v for k, v in old.properties.items() if k not in kind.inputs or (k in chosen and k not in inputs)}
