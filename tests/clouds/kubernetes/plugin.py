"""The provider plugin: Pulumi's ResourceProvider protocol in front of `operations`."""
# ruff: noqa: N802 - the methods have the protocol's names

import importlib.metadata
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from clouds.serving import serve
from clouds.wire import IncompleteError, RefusedError, Values, checked, plain, reported, struct

from . import check, settings
from .api import Api, UnreachableError
from .changes import Change, changes, delete_first, steps
from .faults import Faults
from .host import Host
from .objects import annotation, id_of, manifest, name_of, named, namespace_of, placed
from .operations import Operations
from .sealed import Opened, opened, sealed
from .writes import Target

VERSION = importlib.metadata.version("pulumi_kubernetes")
UNREACHABLE = "configured Kubernetes cluster is unreachable: {why}"
FORGET = (
    "If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the "
    'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"'
)
ONLY_WHEN_MADE = ("uid", "resourceVersion", "creationTimestamp")
"""What a creation that is only tried makes up: not true of the object that will be."""


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One configured provider: a cluster and a namespace."""

    def __init__(self, faults: Faults, host: Host) -> None:
        self.faults = faults
        self.host = host
        self.cancelled = threading.Event()
        self.settings = settings.Settings({})
        self.api: Api | None = None
        self.namespace = ""
        self.why = "it is not configured"
        """Why the cluster cannot be reached."""

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "kubernetes", "version": VERSION}))

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        return Empty()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.cancelled.set()
        return Empty()

    @reported
    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        news = plain(request.news)
        return checked(news, settings.faults(opened(news).values))

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        old, new = opened(plain(request.old_inputs)).values, opened(plain(request.news)).values
        changed = sorted(name for name in {*old, *new} if name != "version" and old.get(name) != new.get(name))
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=_another_cluster(old, new, changed),
        )

    @reported
    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.settings = settings.Settings(opened(plain(request.args)).values)
        self.api, self.namespace, self.why = settings.connected(self.settings)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @reported
    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        news, olds = opened(plain(request.news)), opened(plain(request.olds)).values
        obj = named(request.urn, manifest(request.urn, news.values), olds, request.randomSeed)
        obj = self._placed(obj, olds)
        existing = bool(olds) and name_of(olds) == name_of(obj)
        faults = [(path, news.hidden(reason)) for path, reason in self._faults(obj, existing)]
        return checked(sealed(obj, news.secrets), faults)

    @reported
    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        old, new = opened(plain(request.old_inputs)).values, opened(plain(request.news)).values
        old, new = self._placed(old, {}), self._placed(new, old)
        found = [one for one in changes(old, new, self.settings) if one.property not in request.ignoreChanges]
        replaced = [one.property for one in found if one.replaces]
        if self._unready_job(new, opened(plain(request.olds)).values):
            replaced.append('metadata.annotations["pulumi.com/replaceUnready"]')
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found or replaced else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=[one.property for one in found],
            replaces=replaced,
            detailedDiff={one.property: _detail(one) for one in found},
            hasDetailedDiff=True,
            deleteBeforeReplace=bool(replaced) and delete_first(old, new),
        )

    @reported
    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        given = opened(plain(request.properties))
        target, obj = Target(request.urn, {}, request.timeout), given.values
        with hiding(given):
            if request.preview:
                tried = self._tried(lambda: self._operations().try_create(target, obj), obj)
                return provider_pb2.CreateResponse(properties=struct(sealed(_not_yet(tried, obj), given.secrets)))
            made = self._operations().create(target, self._placed(obj, {}))
        return provider_pb2.CreateResponse(id=id_of(made), properties=struct(sealed(made, given.secrets)))

    @reported
    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        state, given = opened(plain(request.properties)), opened(plain(request.inputs))
        about = manifest(request.urn, {name: state.values[name] for name in ("apiVersion",) if name in state.values})
        if self.api is None and self.settings["deleteUnreachable"]:
            return provider_pb2.ReadResponse()
        if self.api is None and self.settings["skipUpdateUnreachable"]:
            return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
        with hiding(given):
            found = self._operations(FORGET).read(Target(request.urn, state.values), request.id, given.values, about)
        if found is None:
            return provider_pb2.ReadResponse()
        live, inputs = (struct(sealed(one, given.secrets)) for one in found)
        return provider_pb2.ReadResponse(id=request.id, properties=live, inputs=inputs)

    @reported
    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        given, state = opened(plain(request.news)), opened(plain(request.olds)).values
        target, obj = Target(request.urn, state, request.timeout), given.values
        ignored = [steps(one) for one in request.ignoreChanges]
        with hiding(given):
            if request.preview:
                tried = self._tried(lambda: self._operations().try_update(target, request.id, obj, ignored), obj)
                return provider_pb2.UpdateResponse(properties=struct(sealed({**state, **tried}, given.secrets)))
            made = self._operations().update(target, request.id, obj, ignored)
        return provider_pb2.UpdateResponse(properties=struct(sealed(made, given.secrets)))

    @reported
    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        state = opened(plain(request.properties))
        if self.api is None and self.settings["deleteUnreachable"]:
            return Empty()
        with hiding(state):
            target = Target(request.urn, state.values, request.timeout)
            self._operations(FORGET).delete(target, request.id, manifest(request.urn, state.values))
        return Empty()

    @reported
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        raise RefusedError(f"{request.tok}: the stand-in answers no such question")

    def _operations(self, advice: str = "") -> Operations:
        if self.api is None:
            raise RefusedError(". ".join(filter(None, [UNREACHABLE.format(why=self.why), advice])))
        return Operations(self.api, self.settings, self.faults, self.cancelled)

    def _namespaced(self, obj: Values) -> bool | None:
        kind = None if self.api is None else self.api.kind(obj["apiVersion"], obj["kind"])
        return None if kind is None else kind.namespaced

    def _placed(self, obj: Values, old: Values) -> Values:
        """An object in its namespace; where nobody can be asked whether it has one, it stays where it was."""
        namespaced = self._namespaced(obj)
        if namespaced is None and namespace_of(old) is not None:
            return placed(obj, True, namespace_of(old) or "")
        return placed(obj, namespaced, self.namespace)

    def _faults(self, obj: Values, existing: bool) -> list[check.Fault]:
        try:
            return [] if self.api is None else check.faults(self.api, obj, existing)
        except UnreachableError:
            return []  # Creating it will say so; a preview does without.

    def _unready_job(self, new: Values, state: Values) -> bool:
        asked = annotation(new, "pulumi.com/replaceUnready") == "true" and new["kind"] == "Job"
        return asked and self.api is not None and not self._operations().job_is_ready(state)

    def _tried(self, attempt: Any, obj: Values) -> Values:
        """What the cluster says an object would be; where it cannot be asked, the object as the program has it."""
        if self.api is None:
            self.host.warn(UNREACHABLE.format(why=self.why) + "; this preview does without it")
            return obj
        return (attempt() if check.all_known(obj) else None) or obj


@contextmanager
def hiding(given: Opened) -> Iterator[None]:
    """Keeps the secrets of a call out of its error, and sealed in what the error carries."""
    try:
        yield
    except IncompleteError as fault:
        kept = [sealed(one, given.secrets) for one in (fault.properties, fault.inputs)]
        raise IncompleteError(given.hidden(str(fault)), fault.id, *kept) from None
    except RefusedError as fault:
        raise RefusedError(given.hidden(str(fault))) from None


def _another_cluster(old: Values, new: Values, changed: list[str]) -> list[str]:
    """What of a changed configuration names another cluster, so that everything in it must be made anew.

    https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/#inputs, clusterIdentifier
    """
    if old.get("clusterIdentifier") or new.get("clusterIdentifier"):
        return [name for name in changed if name == "clusterIdentifier"]
    before, after = settings.Settings(old).server, settings.Settings(new).server
    moved = before is not None and after is not None and before != after
    return [name for name in changed if moved and name in ("kubeconfig", "context", "cluster")]


def _detail(change: Change) -> Any:
    kind = f"{change.kind}_REPLACE" if change.replaces else change.kind
    return provider_pb2.PropertyDiff(kind=getattr(provider_pb2.PropertyDiff, kind), inputDiff=True)


def _not_yet(tried: Values, obj: Values) -> Values:
    """A preview of a new object: without a status, and without what only its creation decides."""
    if tried is obj:
        return obj
    found = {name: value for name, value in tried.items() if name != "status"}
    found["metadata"] = {**found["metadata"], **dict.fromkeys(ONLY_WHEN_MADE, UNKNOWN)}
    if obj["kind"] == "Service" and "clusterIP" not in obj.get("spec", {}):
        found["spec"] = {**found["spec"], "clusterIP": UNKNOWN, "clusterIPs": UNKNOWN}
    return found


if __name__ == "__main__":
    serve(Provider(Faults.of_environment(), Host(sys.argv[1] if len(sys.argv) > 1 else None)))
