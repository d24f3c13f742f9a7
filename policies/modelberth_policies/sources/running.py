"""Runs a program's code against a monitor: its own event loop, its own runtime settings, nothing left behind."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
from pulumi._utils import ContextProperty
from pulumi.runtime.stack import run_in_stack

from modelberth_policies.sources.monitor import Monitor

ORGANIZATION = "organization"
"""What the engine says on a self-managed backend."""

_RPC_MODULE = "pulumi.runtime._context"


class _Direct(ThreadPoolExecutor):
    """Calls the monitor at once instead of on a thread: half the time a resource, and one order in every run.

    Everything else, such as the program's own `asyncio.to_thread`, goes to a thread as usual.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if getattr(fn, "__module__", None) != _RPC_MODULE:
            return super().submit(fn, *args, **kwargs)
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 — carried to whoever awaits
            future.set_exception(error)
        return future


def run(
    function: Callable[[], Any],
    monitor: Monitor,
    *,
    project: str,
    stack: str,
    root: Path | None = None,
    config: Mapping[str, str] | None = None,
    secret_keys: Sequence[str] = (),
) -> None:
    """Runs the function as a program in preview, to the last output. Its exceptions come out as they are."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(_Direct())
    # Outputs that nothing awaits any more after a failure are no news to anyone.
    loop.set_exception_handler(lambda _loop, _context: None)
    settings = pulumi.runtime.Settings(
        project, stack, monitor=monitor, dry_run=True, organization=ORGANIZATION, root_directory=str(root or "")
    )
    pulumi.runtime.configure(settings)
    pulumi.runtime.set_all_config(dict(config or {}), list(secret_keys))
    try:
        loop.run_until_complete(run_in_stack(function))
    finally:
        _close(loop)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)
    loop.close()


def run_apart(function: Callable[[], None]) -> None:
    """Calls the function on a thread of its own: no event loop and no runtime settings go in or come out."""
    with ThreadPoolExecutor(1, thread_name_prefix="plan") as thread, _kept_defaults():
        thread.submit(function).result()


@contextmanager
def _kept_defaults() -> Iterator[None]:
    """A setting made in one thread becomes the SDK's default in every other; this puts the defaults back."""
    settings = [item for item in vars(pulumi.runtime.Settings).values() if isinstance(item, ContextProperty)]
    name = "_ContextProperty__default"
    kept = [getattr(setting, name) for setting in settings]
    try:
        yield
    finally:
        for setting, default in zip(settings, kept, strict=True):
            setattr(setting, name, default)
