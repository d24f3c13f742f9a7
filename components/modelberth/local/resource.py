"""What the dynamic resources of a plain machine share: private files, and the system's refusals in a sentence."""

import contextlib
import errno
import os
from collections.abc import Iterator

from pulumi.dynamic import ConfigureRequest

from modelberth.core.dynamic import RecordingProvider
from modelberth.core.errors import ModelberthError

SCHEMA_VERSION = 1
"""An input of every resource. A provider is recorded by reference, so a change of its code alone is no change to the
engine; raise this number where existing resources must be brought up to a new meaning."""


class MachineProvider(RecordingProvider):
    """A provider whose resources live on this machine."""

    def configure(self, req: ConfigureRequest) -> None:
        """In the provider's process: whatever it writes is for this user only."""
        super().configure(req)
        os.umask(0o077)


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
