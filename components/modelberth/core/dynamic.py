"""What every dynamic resource of this package shares: which changed input means a new one, and errors as messages."""

import sys
import traceback
from collections.abc import Mapping
from typing import Any, ClassVar

from pulumi.dynamic import ConfigureRequest, DiffResult, ResourceProvider, UpdateResult

from modelberth.core.errors import ModelberthError


class RecordingProvider(ResourceProvider):
    """A provider whose outputs repeat its inputs, so that a diff can compare them."""

    serialize_as_secret_always = False

    replace_on: ClassVar[tuple[str, ...]] = ()
    """Inputs whose change means a new resource, made before the old one goes. Any other change is an update."""

    optional: ClassVar[tuple[str, ...]] = ()
    """Inputs that may be left out. Pulumi does not send them then, so that only this tells that one was taken away."""

    def configure(self, req: ConfigureRequest) -> None:
        """In the provider's process: Pulumi answers a failure with a traceback; ours are messages for users."""
        traceback.format_exc = _message_or_traceback

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
