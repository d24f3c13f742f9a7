"""Replaces parts of the SDK by ones that leave out what only an engine reads. See `shortcuts.TESTED`."""

import asyncio
import functools
import sys
from collections.abc import Iterable
from pathlib import PurePath
from types import SimpleNamespace
from typing import Any

import pulumi.dynamic.dynamic
import pulumi.log
import pulumi.runtime.resource
import pulumi.runtime.rpc
import pulumi.runtime.stack
from pulumi.output import Output, _OutputData
from pulumi.runtime.proto import source_pb2

_CONSTRUCTORS = 3
"""`__init__` of Resource, of CustomResource or ComponentResource, of the resource's own class: then comes its user."""
_LOOK_AGAIN_SECONDS = 0.2


def shorten() -> None:
    """Takes all of them, for the rest of this process."""
    resource: Any = pulumi.runtime.resource
    resource._get_stack_trace = _frames
    resource.create_urn = functools.partial(_urn, resource.create_urn)
    pulumi.runtime.rpc.transfer_properties = _outputs_to_come
    # `asyncio`, as far as the module names it, with another `wait`.
    pulumi.runtime.stack.asyncio = SimpleNamespace(**{**vars(asyncio), "wait": _wait})  # pyright: ignore
    pulumi.log.debug = _unheard
    # The code of a dynamic provider, pickled: the monitor drops it.
    pulumi.dynamic.dynamic.serialize_provider = lambda _provider: ""


def _frames() -> source_pb2.StackTrace:
    """From the resource's user outwards: file and line alone, where the SDK also reads and cuts the line itself."""
    frame, constructors = sys._getframe(1), 0
    while frame.f_back is not None and constructors < _CONSTRUCTORS:
        constructors += frame.f_code.co_name == "__init__"
        frame = frame.f_back
    frames = []
    while constructors == _CONSTRUCTORS and frame is not None:
        frames.append(_frame(frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return source_pb2.StackTrace(frames=frames)


@functools.cache
def _frame(file: str, line: int) -> source_pb2.StackFrame:
    try:
        return source_pb2.StackFrame(pc=source_pb2.SourcePosition(uri=PurePath(file).as_uri(), line=line))
    except ValueError:  # `<string>` and the like are no paths
        return source_pb2.StackFrame()


class _NoUrn:
    async def future(self) -> None:
        return None


def _urn(create: Any, *arguments: Any) -> Any:
    """The SDK computes the URN of each resource in case that there is no monitor. Aliases still want theirs."""
    computed_for_nothing = len(arguments) == 3 and isinstance(arguments[0], str)
    return _NoUrn() if computed_for_nothing else create(*arguments)


def _outputs_to_come(res: Any, props: Iterable[str], custom: bool) -> dict[str, Any]:
    """The outputs of a resource, each one future instead of four and a task."""
    resolvers = {}
    for name in props:
        if name == "urn" or (name == "id" and custom):
            continue
        data: asyncio.Future[Any] = asyncio.Future()
        res.__dict__[name] = Output._from_data(data)
        resolvers[name] = functools.partial(_resolve, res, data)
    return resolvers


def _resolve(
    res: Any, data: asyncio.Future[Any], value: Any, known: bool, secret: bool, deps: Any, failed: Exception | None
) -> None:
    if failed is not None:
        data.set_exception(failed)
    else:
        data.set_result(_OutputData(resources={*(deps or ()), res}, value=value, is_known=known, is_secret=secret))


async def _wait(tasks: Any, *, return_when: str) -> Any:
    """Waits for a failure or for all, not for the first: the SDK waits anew for each output, which is quadratic."""
    del return_when
    # Not for ever: an output that never comes must not hide the failure of a later one.
    return await asyncio.wait(tasks, timeout=_LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_EXCEPTION)


def _unheard(*_args: Any, **_options: Any) -> None:
    """Of `log.debug`: no engine listens."""
