"""Between Pulumi's protocol and plain data: values, refusals, names."""

from collections.abc import Callable, Iterable
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, status_pb2

from .operations import IncompleteError
from .rules import RefusedError
from .types import UnknownTypeError

Values = dict[str, Any]


def plain(struct: Struct) -> Values:
    """A protocol's struct as JSON has it; a whole number is an int."""
    return _whole(MessageToDict(struct))


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def struct(values: Values) -> Struct:
    """The other way round."""
    return ParseDict(values, Struct())


def type_of(urn: str) -> str:
    """The token of a resource's type."""
    return urn.split("::")[2].rpartition("$")[2]


def said(inputs: Values) -> Values:
    """Inputs without the provider's own notes and without what is left out."""
    return {name: value for name, value in inputs.items() if name != "__defaults" and value is not None}


def checked(inputs: Values, faults: Iterable[tuple[str, str]]) -> Any:
    """The answer to a check."""
    failures = [provider_pb2.CheckFailure(property=path, reason=f"{path} {reason}") for path, reason in faults]
    return provider_pb2.CheckResponse(inputs=struct(inputs), failures=failures)


def reported(method: Callable[..., Any]) -> Callable[..., Any]:
    """A refusal becomes the engine's error message."""

    def answered(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except IncompleteError as fault:
            context.set_trailing_metadata((("grpc-status-details-bin", _incomplete(fault)),))
            context.abort(grpc.StatusCode.UNKNOWN, str(fault))
        except (RefusedError, UnknownTypeError) as refusal:
            context.abort(grpc.StatusCode.UNKNOWN, str(refusal))

    return answered


def _incomplete(fault: IncompleteError) -> bytes:
    """What makes the engine keep a resource whose creation failed: its id, state and the reason."""
    made = fault.resource
    state, inputs = struct(made.properties), struct(fault.inputs)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(fault))
    status.details.add().Pack(
        provider_pb2.ErrorResourceInitFailed(id=made.id, properties=state, reasons=[str(fault)], inputs=inputs)
    )
    return status.SerializeToString()
