"""What the server is told on its command line."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modelberth.serving.version import is_version

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_LABEL = re.compile(r"([a-z][a-z0-9_]{0,62})=(.{0,256})")
OWN_LOG_FIELDS = frozenset(
    {"event", "level", "timestamp", "request_id", "method", "path", "status", "ms", "rows", "model", "model_version"}
)


@dataclass(frozen=True)
class Settings:
    """One model and how it is served."""

    model: Path
    """Directory of an MLflow model, with its MLmodel file."""
    name: str
    """Name of the model in answers, logs and metrics."""
    version: str
    """Version served: one to three numbers, with `-pre` or `+build` if need be."""
    host: str = "127.0.0.1"
    """Address to listen on. Left out: this machine only."""
    port: int = 8080
    """Port to listen on; 0 takes a free one, which the `listening` log line names."""
    memory_limit_mib: int | None = None
    """Ceiling on the data of the process, in MiB. Left out: none but the machine's."""
    max_rows: int = 1000
    """Most rows in one request; more are refused with 413."""
    max_body_bytes: int = 1024 * 1024
    """Largest body, in bytes; a larger one is refused with 413."""
    max_waiting: int = 256
    """Most predictions under way at once, counting those that wait for a thread; more are refused with 503."""
    body_seconds: float = 10.0
    """Longest time that a client may take to send its body; a slower one is answered 408."""
    load_seconds: float = 120.0
    """Longest time to load the model; a process that takes longer ends itself with code 1."""
    drain_seconds: float = 10.0
    """Longest time from SIGTERM to the end of the process."""
    threads: int = 1
    """Threads that predict."""
    log_labels: dict[str, str] = field(default_factory=dict)
    """Fields that every log line carries."""


def parse(arguments: Sequence[str] | None = None) -> Settings:
    """The settings of a command line (default: this process's); a fault ends the process, code 2, with one message."""
    given = vars(_parser().parse_args(arguments))
    labels = given.pop("log_label")
    return Settings(**given, log_labels=dict(labels))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m modelberth.serving", description="Serve one MLflow model over HTTP."
    )
    defaults = Settings(Path(), "", "")
    parser.add_argument("--model", type=Path, required=True, help="directory of the MLflow model")
    parser.add_argument("--name", type=_name, required=True, help="name of the model")
    parser.add_argument("--version", type=_version, required=True, help="version of the model, such as 1.0.0")
    parser.add_argument("--host", default=defaults.host)
    parser.add_argument("--port", type=_whole(0, 65535), default=defaults.port, help="0: a free one")
    parser.add_argument("--memory-limit-mib", type=_whole(64, 2**30), default=None)
    parser.add_argument("--max-rows", type=_whole(1, 10**6), default=defaults.max_rows)
    parser.add_argument("--max-body-bytes", type=_whole(1, 2**30), default=defaults.max_body_bytes)
    parser.add_argument("--max-waiting", type=_whole(1, 10**5), default=defaults.max_waiting)
    parser.add_argument("--body-seconds", type=_seconds, default=defaults.body_seconds)
    parser.add_argument("--load-seconds", type=_seconds, default=defaults.load_seconds)
    parser.add_argument("--drain-seconds", type=_seconds, default=defaults.drain_seconds)
    parser.add_argument("--threads", type=_whole(1, 1024), default=defaults.threads)
    parser.add_argument("--log-label", type=_label, nargs="+", action="extend", default=[], metavar="KEY=VALUE")
    return parser


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name: letters, digits, '.', '_' and '-', at most 128")
    return text


def _version(text: str) -> str:
    if not is_version(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no version: one to three numbers, such as 1.0.0 or 1.1.0-rc.1")
    return text.removeprefix("v")


class _whole:  # noqa: N801  argparse names the type in its messages
    def __init__(self, lowest: int, highest: int) -> None:
        self.lowest, self.highest = lowest, highest

    def __call__(self, text: str) -> int:
        if not re.fullmatch(r"\d{1,12}", text, re.ASCII) or not self.lowest <= int(text) <= self.highest:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {self.lowest} to {self.highest}")
        return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text, re.ASCII) or float(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return float(text)


def _label(text: str) -> tuple[str, str]:
    match = _LABEL.fullmatch(text)
    if match is None or match[1] in OWN_LOG_FIELDS:
        raise argparse.ArgumentTypeError(
            "a label is key=value, the key in lower case and not one of the log's own fields"
        )
    return match[1], match[2]
