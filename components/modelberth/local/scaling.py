"""How much of the machine one model server gets: threads, memory, and nothing beyond. Pure."""

import re
import sys
from collections.abc import Mapping
from itertools import chain

from modelberth.core.errors import ConfigError, Fault
from modelberth.local.config import DRAIN_SECONDS, LocalEndpointArgs
from modelberth.runtimes import PLACEHOLDERS, Runtime, fill

# Each numeric library has a variable of its own; unset, each starts as many threads as the machine has cores.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def ready_path(runtime: Runtime) -> str:
    """Path that answers 200 when the model is loaded."""
    return runtime.health.ready if runtime.health and runtime.health.ready else "/"


def environment_of(runtime: Runtime, threads: int) -> dict[str, str]:
    """Environment of a model server: the runtime's own, and the number of threads for the libraries."""
    own = dict(runtime.process.environment) if runtime.process else {}
    return {**own, **dict.fromkeys(THREAD_VARIABLES, str(threads))}


def command_of(runtime: Runtime, args: LocalEndpointArgs, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Command line of a model server, with the placeholders that only the machine can fill.

    Raises `ConfigError` for a runtime that runs in containers only.
    """
    start = runtime.process
    if start is None:
        raise ConfigError([Fault("runtime", f"{runtime.name} cannot run as a plain process", "write serving")])
    limits = {"threads": args.threads, "memory_mib": args.memory_mib, "drain_seconds": DRAIN_SECONDS}
    later = {word: f"{{{word}}}" for word in PLACEHOLDERS if word not in limits}
    words = fill((*start.command, *start.arguments), {**later, **limits})
    option = start.label_option
    pairs = () if option is None else [(option, f"{log_field(key)}={value}") for key, value in labels.items()]
    # `python` is the one that runs this program: the packages of the model server are installed in it.
    return tuple(sys.executable if word == "python" else word for word in (*words, *chain.from_iterable(pairs)))


def log_field(key: str) -> str:
    """The name of a label as a field of a log's line."""
    return re.sub(r"[^a-z0-9_]", "_", key.lower())
