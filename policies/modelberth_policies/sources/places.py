"""Which line of the user's own made a resource."""

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


def source_of(request: Any, root: Path | None) -> str:
    """The innermost line in the user's own files: what an installed library makes, its caller has asked for."""
    positions = (request.sourcePosition, *(frame.pc for frame in request.stackTrace.frames))
    return next((f"{place}:{position.line}" for position in positions if (place := _own_file(position.uri, root))), "")


@lru_cache(maxsize=4096)
def _own_file(uri: str, root: Path | None) -> str:
    path = Path(unquote(urlsplit(uri).path))
    own = bool(uri) and root is not None and path.is_relative_to(root) and "site-packages" not in path.parts
    return str(path.relative_to(root)) if own and root is not None else ""
