"""What serves on this machine now: asked of the gateway and the supervisor, not of the engine's state."""

from collections.abc import Mapping
from pathlib import Path

from modelberth.local import supervisord
from modelberth.local.gateway import control
from modelberth.local.gateway.gateway import folder_of


class LocalLiveTarget:
    """One service of a runtime directory."""

    def __init__(self, directory: Path, service: str) -> None:
        self._directory = directory
        self._service = service

    def serving(self) -> Mapping[str, int]:
        """Version to its share of requests, in percent, as the gateway routes now. Empty: no gateway runs."""
        return control.serving(folder_of(self._directory, self._service))

    def failure(self, version: str) -> str | None:
        """Why a version does not serve: what the gateway sees, and the end of the server's log. None: it is healthy."""
        why = control.failure(folder_of(self._directory, self._service), version)
        if why is None:
            return None
        programs = supervisord.names(self._directory, f"{self._service}-{version}-")
        said = [line for program in programs for line in supervisord.last_lines(self._directory, program, 1)]
        return f"{why}; it says: {' / '.join(said)}" if said else why
