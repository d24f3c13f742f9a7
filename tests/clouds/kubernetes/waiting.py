"""Waits until a live object does its work, and until a deleted one is gone."""

import threading
import time
from collections.abc import Callable
from urllib.parse import quote

from clouds.wire import RefusedError, Values

from .api import Api, ApiError, Kind, UnreachableError
from .objects import annotation, group_of, name_of, namespace_of
from .verdicts import AWAITED, READY, Around, Verdict, verdict

SECONDS = 600.0
"""How long is waited where neither the program nor an annotation says it.

https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ (await logic: ten minutes)
"""
BETWEEN_LOOKS = 0.15
REVISION = "deployment.kubernetes.io/revision"


class NotReadyError(Exception):
    """An object is there and does not do its work."""


class Waiting:
    """Waits on one cluster. `cancelled` ends every wait."""

    def __init__(self, api: Api, cancelled: threading.Event) -> None:
        self.api = api
        self.cancelled = cancelled

    def until_ready(self, live: Values, seconds: float) -> Values:
        """The object when it is ready. Raises NotReadyError: it has failed, or time is up."""
        if not awaited(live):
            return live
        until = time.monotonic() + (seconds or timeout_of(live))
        while True:
            live = self._look(live)
            found = self.now(live)
            if found.ready:
                return live
            if found.failed:
                raise NotReadyError(found.reason)
            self._pause(until, found.reason)

    def now(self, live: Values) -> Verdict:
        """What there is to say of an object at this moment."""
        if not awaited(live):
            return READY
        try:
            return verdict(live, self._around(live))
        except (ApiError, UnreachableError) as fault:
            return Verdict(False, str(fault))

    def until_gone(self, path: str, uid: str, seconds: float) -> None:
        """Until nothing has this path any more, or something else has it. Raises RefusedError."""
        until = time.monotonic() + (seconds or SECONDS)
        while True:
            try:
                live = self.api.call("GET", path)
            except ApiError as fault:
                if fault.status == 404:
                    return
                raise
            if live["metadata"]["uid"] != uid:
                return
            held = ", ".join(live["metadata"].get("finalizers", [])) or "its dependents"
            self._pause(until, f"{path} is still there, held by {held}", RefusedError)

    def _pause(self, until: float, reason: str, error: Callable[[str], Exception] = NotReadyError) -> None:
        if time.monotonic() > until:
            raise error(f"timed out: {reason}")
        if self.cancelled.wait(BETWEEN_LOOKS):
            raise error(f"cancelled: {reason}")

    def _look(self, live: Values) -> Values:
        """The object now. An API server that is away for a moment is no fault of the object's."""
        try:
            return self.api.call("GET", self._path(live))
        except UnreachableError:
            return live
        except ApiError as fault:
            if fault.status == 404:
                raise NotReadyError("it was deleted while it was waited for") from None
            return live

    def _path(self, live: Values) -> str:
        kind = self.api.kind(live["apiVersion"], live["kind"])
        assert kind is not None, "a live object's kind is known"
        return kind.path(namespace_of(live), name_of(live))

    def _around(self, live: Values) -> Around:
        which = (group_of(live), live["kind"])
        if which == ("apps", "Deployment"):
            return Around(pods=self._newest_pods(live))
        if which == ("", "Service"):
            return Around(addresses=self._addresses(live))
        if which == ("", "PersistentVolumeClaim"):
            return Around(class_=self._class(live))
        return Around()

    def _newest_pods(self, live: Values) -> tuple[Values, ...]:
        """Pods of the newest revision: those of an older one may be broken, that is why there is a newer one."""
        revision, uid = annotation(live, REVISION), live["metadata"]["uid"]
        sets = [
            one
            for one in self._selected(live, "apps/v1", "ReplicaSet")
            if annotation(one, REVISION) == revision and _owned(one, uid)
        ]
        uids = {one["metadata"]["uid"] for one in sets}
        return tuple(pod for pod in self._selected(live, "v1", "Pod") if any(_owned(pod, uid) for uid in uids))

    def _selected(self, live: Values, version: str, kind: str) -> list[Values]:
        labels = live["spec"]["selector"].get("matchLabels") or {}
        query = ",".join(f"{name}={value}" for name, value in labels.items()) or None
        return self.api.call("GET", self._kind(version, kind).path(namespace_of(live)), labelSelector=query)["items"]

    def _addresses(self, live: Values) -> int:
        path = self._kind("discovery.k8s.io/v1", "EndpointSlice").path(namespace_of(live))
        slices = self.api.call("GET", path, labelSelector=f"kubernetes.io/service-name={name_of(live)}")["items"]
        return sum(bool((one.get("conditions") or {}).get("ready")) for s in slices for one in s.get("endpoints") or [])

    def _class(self, live: Values) -> Values | None:
        name = live["spec"].get("storageClassName")
        path = self._kind("storage.k8s.io/v1", "StorageClass").path(None, quote(name)) if name else None
        return None if path is None else self.api.call("GET", path)

    def _kind(self, version: str, kind: str) -> Kind:
        found = self.api.kind(version, kind)
        assert found is not None, f"every cluster knows {kind}"
        return found


def _owned(obj: Values, uid: str) -> bool:
    return any(owner["uid"] == uid for owner in obj["metadata"].get("ownerReferences", []))


def awaited(live: Values) -> bool:
    """Whether an object is waited for: by its kind or by its own wish, unless it says `pulumi.com/skipAwait`."""
    if annotation(live, "pulumi.com/skipAwait") == "true":
        return False
    return (group_of(live), live["kind"]) in AWAITED or bool(annotation(live, "pulumi.com/waitFor"))


def timeout_of(live: Values) -> float:
    """How long an object is waited for, by its annotation."""
    return float(annotation(live, "pulumi.com/timeoutSeconds") or SECONDS)
