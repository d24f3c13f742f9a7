"""A resource monitor that records: what a program registers, answered as the engine answers in a preview.

It stands where the SDK's own mocks stand (`Settings(monitor=…)`) and keeps the whole request: parent, dependencies,
options, position in the source. What it keeps is plain JSON, so that it can cross a pipe; `values.py` reads it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import alias_pb2, callback_pb2, provider_pb2, resource_pb2

from modelberth_policies.resources import urn_of
from modelberth_policies.sources import transforms
from modelberth_policies.sources.places import source_of
from modelberth_policies.sources.values import STACK_TYPE, UNKNOWN_TEXT

Answer = Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]
"""The result of a data source, names as on the wire (`accountId`), or a function of its arguments that gives it."""

PICKLED_PROVIDER = "__provider"
"""The code of a dynamic provider, pickled: a long text that no rule can read."""

FEATURES = [
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS,
]
"""Not INVOKE_DEPENDS_ON: without it the SDK itself holds back a data source whose resource is still to be made."""


class DuplicateUrn(pulumi.RunError):
    """Two resources of one type, name and parent."""


def _name(kubernetes_object: struct_pb2.Struct) -> None:
    """What has no name gets one from its provider, and programs read it: it is unknown, not absent."""
    metadata = kubernetes_object.fields["metadata"].struct_value
    if "name" not in metadata.fields:
        metadata.fields["name"].string_value = UNKNOWN_TEXT


class Monitor:
    """Records every registration. One per run of a program."""

    def __init__(self, project: str, stack: str, root: Path | None, invokes: Mapping[str, Answer]) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        """URN → record, in the order of registration."""
        self.outputs: dict[str, Any] = {}
        """What the program exports."""
        self.unanswered: list[str] = []
        """Data sources that were asked for and have no answer: their result is unknown."""
        self.notes: list[str] = []
        """What happens elsewhere than in the program, so that the plan lacks it."""
        self._project, self._stack, self._root, self._invokes = project, stack, root, invokes
        self._stack_urn = urn_of(project, stack, "", STACK_TYPE, f"{project}-{stack}")
        self._transforms = transforms.Registry()

    def GetDeploymentInfo(self, request: empty_pb2.Empty) -> resource_pb2.DeploymentInfo:  # noqa: N802
        """All that a current engine supports, so that secrets and unknowns arrive as such."""
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """As in a preview: the outputs are the inputs, everything else, the id too, is unknown."""
        urn = urn_of(self._project, self._stack, request.parent, request.type, request.name)
        if request.type == STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if request.remote:
            self.notes.append(f"{urn} is a packaged component: what it makes, a plugin decides; it is not in the plan")
        self._inherit(request)
        self._transforms.apply(urn, request)
        inputs = plain(request.object)
        inputs.pop(PICKLED_PROVIDER, None)
        self._record(urn, request, inputs, custom=request.custom, options=self._options(request))
        self.records[urn]["property_dependencies"] = {
            key: sorted(request.propertyDependencies[key].urns)
            for key in sorted(request.propertyDependencies)
            if key != PICKLED_PROVIDER and request.propertyDependencies[key].urns
        }
        if request.type.startswith("kubernetes:") and request.custom:
            _name(request.object)
        return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:  # noqa: N802
        """What is only read: the state given with it is known, and nothing of another stack's outputs."""
        urn = urn_of(self._project, self._stack, request.parent, request.type, request.name)
        properties = struct_pb2.Struct()
        properties.CopyFrom(request.properties)
        if request.type == "pulumi:pulumi:StackReference":
            properties.update({"outputs": UNKNOWN_TEXT, "secretOutputNames": UNKNOWN_TEXT})
        options = {"import_id": request.id or None, "provider": _provider(request.provider)}
        self._record(urn, request, plain(request.properties), custom=True, options=options, external=True)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=properties)

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:  # noqa: N802
        """What a component, or the stack, gives back."""
        if request.urn == self._stack_urn:
            self.outputs = plain(request.outputs)
        elif request.urn in self.records:
            self.records[request.urn]["outputs"] = plain(request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802
        """The answer that was given for the data source; without one, unknown."""
        if request.tok == "pulumi:pulumi:getResource":
            record = self.records[plain(request.args)["urn"]]
            return _invoked({"urn": record["urn"], "id": UNKNOWN_TEXT, "state": record["inputs"]})
        answer = self._invokes.get(request.tok)
        if answer is None:
            self.unanswered.append(request.tok)
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        return _invoked(answer(plain(request.args)) if callable(answer) else answer)

    def Call(self, request: resource_pb2.ResourceCallRequest) -> provider_pb2.CallResponse:  # noqa: N802
        """A method of a packaged component: its code runs in a plugin, and a plan starts none. Unknown as a whole."""
        note = f"{request.tok} is a method of a packaged component: its result is unknown in the plan"
        if note not in self.notes:
            self.notes.append(note)
        response = provider_pb2.CallResponse()
        getattr(response, "return").update({"unknown": UNKNOWN_TEXT})
        return response

    def RegisterPackage(self, request: resource_pb2.RegisterPackageRequest) -> resource_pb2.RegisterPackageResponse:  # noqa: N802
        """A parameterised package needs a reference; nothing looks it up here."""
        return resource_pb2.RegisterPackageResponse(ref=f"{request.name}@{request.version}")

    def RegisterStackTransform(self, request: callback_pb2.Callback) -> empty_pb2.Empty:  # noqa: N802
        """A transform of every resource to come."""
        self._transforms.add_to_stack(request)
        return empty_pb2.Empty()

    def _ignored(self, request: object) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    # Hooks run round changes, which a plan has none of; an answer to a data source is looked up by its token alone.
    RegisterStackInvokeTransform = RegisterResourceHook = RegisterErrorHook = SignalAndWaitForShutdown = _ignored

    def _inherit(self, request: resource_pb2.RegisterResourceRequest) -> None:
        """What the engine hands down from a parent (`inheritFromParent` of its `source_eval.go`)."""
        parent = self.records.get(request.parent)
        if parent is None:
            return
        if not request.HasField("protect"):
            request.protect = parent["options"].get("protect", False)
        if not request.HasField("retainOnDelete"):
            request.retainOnDelete = parent["options"].get("retain_on_delete", False)
        if not request.deletedWith:
            request.deletedWith = parent["options"].get("deleted_with") or ""

    def _record(
        self,
        urn: str,
        request: resource_pb2.RegisterResourceRequest | resource_pb2.ReadResourceRequest,
        inputs: dict[str, Any],
        *,
        custom: bool,
        options: dict[str, Any],
        external: bool = False,
    ) -> None:
        source = source_of(request, self._root)
        earlier = self.records.get(urn)
        if earlier is not None:
            places = " and ".join(place for place in (earlier["source"], source) if place)
            where = f" ({places})" if places else ""
            raise DuplicateUrn(
                f"two resources have the URN {urn}{where}; give one of them another name, or another parent"
            )
        self.records[urn] = {
            "urn": urn,
            "type": request.type,
            "name": request.name,
            "parent": request.parent or None,
            "custom": custom,
            "external": external,
            "inputs": inputs,
            "outputs": {},
            "dependencies": sorted(request.dependencies),
            "property_dependencies": {},
            "options": options,
            "source": source,
        }

    def _options(self, request: resource_pb2.RegisterResourceRequest) -> dict[str, Any]:
        timeouts = request.customTimeouts
        return {
            "protect": request.protect,
            "provider": _provider(request.provider),
            "providers": {package: _provider(reference) for package, reference in request.providers.items()},
            "aliases": [self._alias(alias, request) for alias in request.aliases],
            "ignore_changes": list(request.ignoreChanges),
            "replace_on_changes": list(request.replaceOnChanges),
            "additional_secret_outputs": list(request.additionalSecretOutputs),
            "delete_before_replace": request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
            "retain_on_delete": request.retainOnDelete,
            "deleted_with": request.deletedWith or None,
            "replace_with": list(request.replace_with),
            "import_id": request.importId or None,
            "custom_timeouts": {field.name: text for field, text in timeouts.ListFields()},
            "version": request.version or None,
        }

    def _alias(self, alias: alias_pb2.Alias, request: resource_pb2.RegisterResourceRequest) -> str:
        """The earlier URN that an alias means: what it leaves out is as it is now."""
        if alias.urn:
            return alias.urn
        spec = alias.spec
        parent = "" if spec.noParent else spec.parentUrn or request.parent
        project, stack = spec.project or self._project, spec.stack or self._stack
        return urn_of(project, stack, parent, spec.type or request.type, spec.name or request.name)


def plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A protobuf struct as JSON values, signatures and all; keys sorted, for a struct has no order of its own."""
    return {key: _plain(struct.fields[key]) for key in sorted(struct.fields)}


def _plain(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return plain(value.struct_value)
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)


def _invoked(answer: Mapping[str, Any]) -> resource_pb2.ResourceInvokeResponse:
    result = struct_pb2.Struct()
    result.update(answer)
    response = resource_pb2.ResourceInvokeResponse()
    getattr(response, "return").CopyFrom(result)
    return response


def _provider(reference: str) -> str | None:
    """The URN of a provider reference `urn::id`; the id is unknown in a plan."""
    return reference.rpartition("::")[0] or None
