"""Create, read, update, delete: what the provider does in the cluster."""

import threading
from collections.abc import Sequence
from contextlib import suppress

from clouds.wire import IncompleteError, RefusedError, Values

from .api import Api, ApiError
from .faults import Faults
from .objects import annotation, id_of, name_of, state_of
from .ownership import applied, without_ignored
from .pruned import pruned, whole
from .sealed import Path
from .settings import Settings
from .waiting import NotReadyError, Waiting
from .writes import Target, Writes, path_of


class Operations:
    """What one provider does in one cluster."""

    def __init__(self, api: Api, settings: Settings, faults: Faults, cancelled: threading.Event) -> None:
        self.api = api
        self.writes = Writes(api, settings)
        self.faults = faults
        self.waiting = Waiting(api, cancelled)

    def create(self, target: Target, obj: Values) -> Values:
        """Make an object and wait for it. Returns its state. Raises RefusedError, IncompleteError."""
        call = target.call("create", name_of(obj))
        self.faults.happen(call, "before")
        try:
            live = self.writes.made(target, obj)
        except ApiError as fault:
            said = f'resource "{target.urn}" was not successfully created by the Kubernetes API server: {fault}'
            raise RefusedError(said) from None
        try:
            self.faults.happen(call, "after")
            live = self.waiting.until_ready(live, target.seconds)
        except (NotReadyError, RefusedError) as fault:
            said = f'resource "{target.urn}" was successfully created, but the Kubernetes API server reported that it '
            said += f"failed to fully initialize or become live: {fault}"
            raise self._incomplete(said, target, obj, live) from None
        return state_of(live, target.manager)

    def try_create(self, target: Target, obj: Values) -> Values | None:
        """What an object would be; None where only the real creation can tell. Raises RefusedError."""
        kind = self.api.kind(obj["apiVersion"], obj["kind"])
        if kind is None:
            return None
        try:
            return state_of(self.writes.post(target, kind, obj, dryRun="All"), target.manager)
        except ApiError as fault:
            # Forbidden, no namespace yet, the name still taken by what is to be replaced: none is a fault of a preview.
            if fault.status in (403, 404, 409):
                return None
            raise

    def update(self, target: Target, id_: str, obj: Values, ignored: Sequence[Path]) -> Values:
        """Apply an object and wait for it. Returns its state. Raises RefusedError, IncompleteError."""
        path = self.writes.path(obj, id_)
        call = target.call("update", name_of(obj))
        self.faults.happen(call, "before")
        live = self._live(target, path)
        try:
            self.writes.take_over(live, target.manager, path)
            live = self.writes.applied(target, path, without_ignored(obj, live, ignored))
            self.faults.happen(call, "after")
            live = self.waiting.until_ready(live, target.seconds)
        except (ApiError, NotReadyError) as fault:
            live = self._live(target, path)
            said = f'the Kubernetes API server reported that "{id_}" failed to fully initialize or become live: {fault}'
            raise self._incomplete(said, target, obj, live) from None
        return state_of(live, target.manager)

    def try_update(self, target: Target, id_: str, obj: Values, ignored: Sequence[Path]) -> Values | None:
        """What an object would become; None where only the real update can tell. Raises RefusedError."""
        path = self.writes.path(obj, id_)
        live = self._live(target, path)
        fresh = applied(live, target.manager) is not None
        body = without_ignored(obj, live, ignored)
        try:
            return state_of(self.writes.applied(target, path, body, fresh or None, dryRun="All"), target.manager)
        except ApiError as fault:
            if fault.status == 403:
                return None
            raise

    def read(self, target: Target, id_: str, inputs: Values, about: Values) -> tuple[Values, Values] | None:
        """An object's state and what the program would have said of it; None where it is gone.

        `about` says its kind; `inputs` are the program's, empty for one that no program has described yet.
        Raises IncompleteError where it is there and does not do its work.
        """
        self.faults.happen(target.call("read", id_), "before")
        kind = self.api.kind(about["apiVersion"], about["kind"])
        if kind is None:
            return None
        try:
            live = self.api.call("GET", path_of(kind, id_))
        except ApiError as fault:
            if fault.status == 404:
                return None
            raise
        if not inputs:
            return state_of(live, target.manager), whole(live)
        found = self.waiting.now(live)
        if not found.ready:
            raise self._incomplete(found.reason, target, pruned(live, inputs), live)
        return state_of(live, target.manager), pruned(live, inputs)

    def delete(self, target: Target, id_: str, about: Values) -> None:
        """Remove an object and wait until it is gone; one that is gone already is no fault. Raises RefusedError."""
        call = target.call("delete", id_)
        self.faults.happen(call, "before")
        kind = self.api.kind(about["apiVersion"], about["kind"])
        if kind is None:
            return
        path = path_of(kind, id_)
        with suppress(_GoneError):
            live = _unless_gone(self.api, "GET", path)
            uid = live["metadata"]["uid"]
            policy = (annotation(live, "pulumi.com/deletionPropagationPolicy") or "foreground").capitalize()
            options = {"propagationPolicy": policy, "preconditions": {"uid": uid}}
            _unless_gone(self.api, "DELETE", path, {"apiVersion": "v1", "kind": "DeleteOptions", **options})
            self.faults.happen(call, "after")
            self.waiting.until_gone(path, uid, target.seconds)

    def job_is_ready(self, state: Values) -> bool:
        """Whether a Job has done its work: for `pulumi.com/replaceUnready`."""
        path = self.writes.path(state, id_of(state))
        try:
            return self.waiting.now(self.api.call("GET", path)).ready
        except ApiError:
            return True  # As the provider has it: what cannot be read is no reason to replace it.

    def _live(self, target: Target, path: str) -> Values:
        try:
            return self.api.call("GET", path)
        except ApiError as fault:
            raise RefusedError(f'update of resource "{target.urn}" failed: {fault}') from None

    def _incomplete(self, said: str, target: Target, obj: Values, live: Values) -> IncompleteError:
        return IncompleteError(said, id_of(live), state_of(live, target.manager), obj)


class _GoneError(Exception):
    """The object is not there any more."""


def _unless_gone(api: Api, method: str, path: str, body: Values | None = None) -> Values:
    try:
        return api.call(method, path, body)
    except ApiError as fault:
        if fault.status == 404:
            raise _GoneError from None
        raise
