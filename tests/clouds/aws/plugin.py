"""The provider plugin: Pulumi's ResourceProvider protocol in front of `operations`. Run by `pulumi-resource-aws`."""
# ruff: noqa: N802 - the methods have the protocol's names

import hashlib
import importlib.metadata
import json
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from clouds.serving import serve
from clouds.wire import RefusedError, Values, checked, plain, reported, struct, type_of

from . import check, cloudcontrol, invokes
from .changes import Compared, changes, delete_first, naming_property
from .operations import Name, Operations
from .outputs import unknown_in_preview
from .rules import CLOUD_CONTROL
from .store import Resource, Store
from .types import PROVIDER, ResourceType, resource_type

VERSION = importlib.metadata.version("pulumi_aws")


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One configured provider: a region, an account, tags for everything."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tags: dict[str, str] = {}
        self.operations = Operations(store, "")

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        # It accepts no secrets, so the engine itself seals outputs that repeat secret inputs.
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "aws", "version": VERSION}))

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        return Empty()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        return Empty()

    @reported
    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs = plain(request.news)
        found = check.provider_faults(resource_type(PROVIDER), inputs)
        return checked(inputs, _sentences(found))

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        old, new = plain(request.old_inputs), plain(request.news)
        changed = sorted(name for name in {*old, *new} if name != "version" and old.get(name) != new.get(name))
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=[name for name in changed if name == "region"],
        )

    @reported
    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        config = {name: check.decoded(value) for name, value in plain(request.args).items()}
        region = config.get("region")
        if not region:
            raise RefusedError("invalid AWS Region: none is configured")
        allowed = config.get("allowedAccountIds")
        account = self.store.read().account
        if isinstance(allowed, list) and UNKNOWN not in allowed and account not in allowed:
            raise RefusedError(f"AWS account ID not allowed: {account}")
        self.operations = Operations(self.store, region)
        self.tags = (config.get("defaultTags") or {}).get("tags") or {}
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @reported
    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        token = type_of(request.urn)
        kind = resource_type(token)
        inputs = self._tagged(kind, _named(kind, request, plain(request.news), plain(request.olds)))
        found = check.faults(kind, inputs)
        if token == CLOUD_CONTROL:
            found += cloudcontrol.faults(inputs)
        return checked(inputs, _sentences(found))

    @reported
    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, news = type_of(request.urn), plain(request.news)
        kind, compared = resource_type(token), Compared(token, plain(request.olds), plain(request.old_inputs), news)
        found = [one for one in changes(compared, kind) if one.property not in request.ignoreChanges]
        replaced = [one.property for one in found if one.replaces]
        detailed = {one.property: _detail(one.kind, one.replaces) for one in found}
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=[one.property for one in found],
            replaces=replaced,
            detailedDiff=detailed,
            hasDetailedDiff=True,
            deleteBeforeReplace=bool(replaced) and delete_first(kind, news),
        )

    @reported
    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        token, inputs = type_of(request.urn), _said(plain(request.properties))
        if request.preview:
            kind = resource_type(token)
            unknown = dict.fromkeys(unknown_in_preview(token, kind, inputs), UNKNOWN)
            return provider_pb2.CreateResponse(properties=struct({**inputs, **self._region(kind), **unknown}))
        new = self.operations.create(Name(request.urn, token), inputs)
        return provider_pb2.CreateResponse(id=new.id, properties=struct(new.properties))

    @reported
    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        found = self.operations.read(Name(request.urn, type_of(request.urn)), request.id)
        if found is None:
            return provider_pb2.ReadResponse()
        inputs = _inputs_now(found, plain(request.inputs))
        return provider_pb2.ReadResponse(id=found.id, properties=struct(found.properties), inputs=struct(inputs))

    @reported
    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs = _said(plain(request.news))
        if request.preview:
            old = plain(request.olds)
            return provider_pb2.UpdateResponse(properties=struct({**old, **inputs}))
        found = self.operations.update(Name(request.urn, type_of(request.urn)), request.id, inputs)
        return provider_pb2.UpdateResponse(properties=struct(found.properties))

    @reported
    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.operations.delete(Name(request.urn, type_of(request.urn)), request.id)
        return Empty()

    @reported
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        answer = invokes.answer(request.tok, plain(request.args), self.store.read(), self.operations.region)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").update(answer)
        return response

    def _region(self, kind: ResourceType) -> Values:
        return {"region": self.operations.region} if "region" in kind.outputs else {}

    def _tagged(self, kind: ResourceType, inputs: Values) -> Values:
        """Default tags are merged when inputs are checked: https://github.com/pulumi/pulumi-aws/pull/2655."""
        if not self.tags or "tags" not in kind.inputs or "tagsAll" not in kind.outputs:
            return inputs
        own = inputs.get("tags") or {}
        return inputs if own == UNKNOWN else {**inputs, "tags": {**self.tags, **own}}


def _named(kind: ResourceType, request: Any, news: Values, olds: Values) -> Values:
    """Inputs with the name that the provider makes up where the program gives none; it keeps it from then on."""
    name = naming_property(kind)
    prefixed = f"{name}Prefix" in news
    if name is None or name in news or prefixed:
        return {**news, "__defaults": []}
    seed = request.randomSeed or request.urn.encode()
    logical = request.urn.rpartition("::")[2]
    made = olds.get(name) if name in olds.get("__defaults", []) else None
    made = made or f"{logical}-{hashlib.sha256(seed).hexdigest()[:7]}"
    return {**news, name: made, "__defaults": [name]}


def _said(inputs: Values) -> Values:
    """Inputs without the provider's own notes and without what is left out."""
    return {name: value for name, value in inputs.items() if name != "__defaults" and value is not None}


def _sentences(faults: list[check.Fault]) -> list[check.Fault]:
    return [(path, f"{path} {reason}") for path, reason in faults]


def _detail(kind: str, replaces: bool) -> Any:
    return provider_pb2.PropertyDiff(kind=getattr(provider_pb2.PropertyDiff, f"{kind}_REPLACE" if replaces else kind))


def _inputs_now(found: Resource, inputs: Values) -> Values:
    """What the program would have said had it made the resource as it is now."""
    named = inputs or dict.fromkeys(resource_type(found.type).inputs)
    now = {name: found.properties.get(name) for name in named}
    return {"__defaults": inputs.get("__defaults", []), **{k: v for k, v in now.items() if v is not None}}


if __name__ == "__main__":
    serve(Provider(Store.of_environment()))
