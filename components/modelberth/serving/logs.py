"""Logs as JSON, a line each, on standard output: what happened, never what was sent or predicted."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from pydantic_core import to_json


def _dumps(event: dict[str, Any], **_: Any) -> bytes:
    return to_json(event)


def configure(labels: Mapping[str, str]) -> "LibraryLogs":
    """Set up the log of the process, every line carrying `labels`; also takes over what libraries log."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    handler = LibraryLogs(structlog.get_logger(**labels))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    return handler


class LibraryLogs(logging.Handler):
    """What libraries log, as lines of ours: their message while the model loads, only where from once it serves.

    A library that is handed features may put them into its messages; before that, a message is safe and of use.
    """

    def __init__(self, log: Any) -> None:
        super().__init__()
        self.log = log
        self.serving = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line for a record."""
        fields: dict[str, Any] = {"logger": record.name, "module": record.module, "line": record.lineno}
        if record.exc_info and record.exc_info[0]:
            fields["exception"] = record.exc_info[0].__name__
        if not self.serving:
            fields["message"] = record.getMessage()
        self.log.warning("library_log", library_level=record.levelname.lower(), **fields)
