"""What the dynamic resources of a plain machine share: which changed input means a new one, which an update."""

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pulumi.dynamic import ConfigureRequest, DiffResult, ResourceProvider, UpdateResult

from modelberth.core.errors import ModelberthError

SCHEMA_VERSION = 1
"""An input of every resource. A provider is recorded by reference, so a change of its code alone is no change to the
engine; raise this number where existing resources must be brought up to a new meaning."""


class MachineProvider(ResourceProvider):
    """A provider whose resources live on this machine. Its outputs repeat its inputs, so that they can be compared."""

    serialize_as_secret_always = False

    replace_on: ClassVar[tuple[str, ...]] = ()
    """Inputs whose change means a new resource, made before the old one goes. Any other change is an update."""

    optional: ClassVar[tuple[str, ...]] = ()
    """Inputs that may be left out. Pulumi does not send them then, so that only this tells that one was taken away."""

    def configure(self, req: ConfigureRequest) -> None:
        """In the provider's process: Pulumi answers a failure with a traceback; ours are messages for users."""
        traceback.format_exc = _message_or_traceback
        os.umask(0o077)  # whatever a provider writes is for this user only

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare inputs with what was recorded."""
        changed = changed_inputs(_olds, {**dict.fromkeys(self.optional), **_news})
        return DiffResult(changes=bool(changed), replaces=[name for name in changed if name in self.replace_on])

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Record the new inputs. The SDK's own update would forget every output."""
        return UpdateResult({**_olds, **_news})


_traceback = traceback.format_exc


def _message_or_traceback(limit: int | None = None, chain: bool = True) -> str:
    error = sys.exception()
    return str(error) if isinstance(error, ModelberthError) else _traceback(limit, chain)


def changed_inputs(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """Names of the inputs whose value is another one now. Pulumi's own (`__provider`) do not count."""
    return sorted(name for name in news if not name.startswith("__") and olds.get(name) != news[name])


_EXPLAINED = {
    errno.EACCES: "no permission; give it to this user, or choose another directory",
    errno.EPERM: "no permission; give it to this user, or choose another directory",
    errno.EROFS: "the file system is read-only; choose another directory",
    errno.ENOSPC: "the disk is full; free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the command again",
}


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn an operating system's refusal into one sentence that says what to do."""
    try:
        yield
    except OSError as error:
        reason = _EXPLAINED.get(error.errno or 0) or f"{error.strerror or error}; see to it and run the command again"
        where = f" ({error.filename})" if error.filename else ""
        raise ModelberthError(f"{what}{where}: {reason}") from None
