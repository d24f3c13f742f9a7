"""Between Pulumi's provider protocol and plain data: values, refusals, names. What every stand-in shares."""

from collections.abc import Callable, Iterable
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, status_pb2

Values = dict[str, Any]


class RefusedError(Exception):
    """What the cloud says no to; its text is what the engine shows."""


class IncompleteError(Exception):
    """A resource is there, but not as it was asked for. The engine keeps it and tries again the next time."""

    def __init__(self, message: str, id_: str, properties: Values, inputs: Values) -> None:
        super().__init__(message)
        self.id = id_
        self.properties = properties
        self.inputs = inputs


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


def logical_of(urn: str) -> str:
    """A resource's name in the program."""
    return urn.rpartition("::")[2]


def checked(inputs: Values, faults: Iterable[tuple[str, str]]) -> Any:
    """The answer to a check: the inputs, and what is wrong with them as pairs of a path and a reason."""
    failures = [provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in faults]
    return provider_pb2.CheckResponse(inputs=struct(inputs), failures=failures)


def reported(method: Callable[..., Any]) -> Callable[..., Any]:
    """A refusal becomes the engine's error message."""

    def answered(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except IncompleteError as fault:
            context.set_trailing_metadata((("grpc-status-details-bin", _incomplete(fault)),))
            context.abort(grpc.StatusCode.UNKNOWN, str(fault))
        except RefusedError as refusal:
            context.abort(grpc.StatusCode.UNKNOWN, str(refusal))

    return answered


def _incomplete(fault: IncompleteError) -> bytes:
    """What makes the engine keep a resource that failed: its id, state and the reason."""
    state, inputs = struct(fault.properties), struct(fault.inputs)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(fault))
    status.details.add().Pack(
        provider_pb2.ErrorResourceInitFailed(id=fault.id, properties=state, reasons=[str(fault)], inputs=inputs)
    )
    return status.SerializeToString()
