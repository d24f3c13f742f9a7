"""What serves now, asked of the target itself: the engine's state says what was wanted, not what is."""

from collections.abc import Mapping
from typing import Protocol


class LiveTarget(Protocol):
    """A view of one running service, built from the same provider settings that deployed it."""

    def serving(self) -> Mapping[str, int]:
        """Version to its share of requests, in percent, as the target routes them now. Empty: nothing serves."""
        ...

    def failure(self, version: str) -> str | None:
        """Why a version does not serve, in the target's own words. None: it is healthy."""
        ...
