"""Resource transforms: functions of the program that rewrite a resource before the engine sees it.

The engine calls them back over gRPC. Here program and monitor share one event loop, so they are called directly.
"""

from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import callback_pb2, resource_pb2
from pulumi.runtime.sync_await import _sync_await

_FIELDS = {
    "depends_on": "dependencies",
    "protect": "protect",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "version": "version",
    "aliases": "aliases",
    "provider": "provider",
    "custom_timeouts": "customTimeouts",
    "plugin_download_url": "pluginDownloadURL",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "replace_with": "replace_with",
    "delete_before_replace": "deleteBeforeReplace",
    "additional_secret_outputs": "additionalSecretOutputs",
    "providers": "providers",
    "import": "importId",
}
"""Option of a transform → field of a registration."""


class Registry:
    """The transforms of each resource and of the stack, applied in the engine's order: own, parents', the stack's."""

    def __init__(self) -> None:
        self._of: dict[str, list[callback_pb2.Callback]] = {}
        self._of_stack: list[callback_pb2.Callback] = []

    def add_to_stack(self, callback: callback_pb2.Callback) -> None:
        """A transform of every resource to come."""
        self._of_stack.append(callback)

    def apply(self, urn: str, request: resource_pb2.RegisterResourceRequest) -> None:
        """Rewrites the request in place."""
        own = [*request.transforms, *self._of.get(request.parent, [])]
        if own:
            self._of[urn] = own
        for callback in own + self._of_stack:
            _apply(callback, request)


def _apply(callback: callback_pb2.Callback, request: resource_pb2.RegisterResourceRequest) -> None:
    question = resource_pb2.TransformRequest(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        properties=request.object,
        options=_options(request),
    )
    answer = _sync_await(_function(callback.token)(question.SerializeToString()))
    assert isinstance(answer, resource_pb2.TransformResponse)
    request.object.CopyFrom(answer.properties)
    if answer.HasField("options"):
        _write(request, answer.options)


def _function(token: str):
    return next(servicer._callbacks[token] for servicer in _CallbackServicer._servicers if token in servicer._callbacks)


def _options(request: resource_pb2.RegisterResourceRequest) -> resource_pb2.TransformResourceOptions:
    given = {field.name: value for field, value in request.ListFields()}
    values = {option: given[field] for option, field in _FIELDS.items() if field in given}
    if request.deleteBeforeReplaceDefined:
        values["delete_before_replace"] = request.deleteBeforeReplace
    return resource_pb2.TransformResourceOptions(**values)


def _write(request: resource_pb2.RegisterResourceRequest, options: resource_pb2.TransformResourceOptions) -> None:
    values = {_FIELDS[field.name]: value for field, value in options.ListFields() if field.name in _FIELDS}
    kept = {field.name: value for field, value in request.ListFields() if field.name not in _FIELDS.values()}
    request.CopyFrom(resource_pb2.RegisterResourceRequest(**kept, **values))
    request.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
