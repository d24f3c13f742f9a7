"""The process: listen, load, serve, and on SIGTERM drain and leave."""

import asyncio
import faulthandler
import os
import socket
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

import uvicorn

from modelberth.serving.app import Serving, build
from modelberth.serving.edge import Edge
from modelberth.serving.logs import LibraryLogs, configure
from modelberth.serving.metrics import Metrics
from modelberth.serving.model import LoadError, ServedModel, check_directory, load
from modelberth.serving.settings import Settings, parse

EXIT_DRAINED, EXIT_CUT_OFF, EXIT_MODEL, EXIT_ADDRESS = 0, 1, 3, 4
QUIET_SECONDS = 0.5
"""While draining, connections are still taken until no prediction has been asked for in this time."""
SHARE_FOR_NEW = 0.5
"""The share of the drain time in which new connections are still taken, however many come."""


class Server(uvicorn.Server):
    """uvicorn with a start that loads a model and an end that fails no request."""

    def __init__(self, serving: Serving, library_logs: LibraryLogs) -> None:
        settings = serving.settings
        self.serving = serving
        self.log = library_logs.log.bind(model=settings.name)
        self.library_logs = library_logs
        self.exit_code = EXIT_DRAINED
        self._deadline = 0.0
        config = uvicorn.Config(
            Edge(build(serving), serving, self.log),
            loop="auto",  # uvloop, where the platform has it
            http="httptools",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,  # longer than a gateway keeps an idle connection, so the gateway is the one to close
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then load: /healthz answers and /readyz says "loading" meanwhile."""
        await super().startup(sockets)
        host, port = sockets[0].getsockname()[:2] if sockets else (self.serving.settings.host, 0)
        self.log.info("listening", host=host, port=port, pid=os.getpid())
        self._loading = asyncio.create_task(self._load())

    async def _load(self) -> None:
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        # Out of memory, an import can spin in C and hold the interpreter: only a watchdog outside it still runs.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        faulthandler.dump_traceback_later(self.serving.settings.load_seconds, exit=True, file=nowhere)
        try:
            model, fault = await loop.run_in_executor(self.serving.executor, _load_warm, self.serving.settings)
        except Exception as fault:  # noqa: BLE001  whatever it is, a server without a model must not stay
            report(_why(fault))
            self.exit_code, self.should_exit, self.force_exit = EXIT_MODEL, True, True
            return
        finally:
            faulthandler.cancel_dump_traceback_later()
            os.close(nowhere)
        if fault is not None:
            self.log.warning("warm_up_rejected", exception=fault.__name__)
        self.library_logs.serving = True
        self.serving.model = model
        self.log.info("ready", version=self.serving.settings.version, seconds=round(time.perf_counter() - started, 3))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: drain; a second one: leave at once."""
        self.force_exit = self.serving.draining
        self.serving.draining = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say "draining" while clients move on, stop listening, and let what is in flight finish."""
        started = time.monotonic()
        deadline = started + self.serving.settings.drain_seconds
        self.serving.draining = True
        if not self.force_exit:
            self.log.info("drain", in_flight=self.serving.in_flight)
            await self._until_quiet(started)
        self.config.timeout_graceful_shutdown = max(0.2, deadline - time.monotonic() - 0.5)  # type: ignore[assignment]
        await super().shutdown(sockets)
        cut_off = self.serving.in_flight
        if cut_off and self.exit_code == EXIT_DRAINED:
            self.exit_code = EXIT_CUT_OFF
        self.log.info("stop", seconds=round(time.monotonic() - started, 3), cut_off=cut_off)

    async def _until_quiet(self, started: float) -> None:
        latest = started + self.serving.settings.drain_seconds * SHARE_FOR_NEW
        seen, since = self.server_state.total_requests, started
        while (now := time.monotonic()) < min(latest, since + QUIET_SECONDS) and not self.force_exit:
            await asyncio.sleep(0.02)
            if self.serving.in_flight or self.server_state.total_requests != seen:
                seen, since = self.server_state.total_requests, now


def _why(fault: Exception) -> str:
    if isinstance(fault, MemoryError):
        return "there is not enough memory for the model; raise --memory-limit-mib"
    return str(fault) if isinstance(fault, LoadError) else f"the model cannot be served ({type(fault).__name__})"


def _load_warm(settings: Settings) -> tuple[ServedModel, type[Exception] | None]:
    model = load(settings.model, settings.name, settings.version, settings.max_rows)
    try:
        return model, model.warm_up()
    except MemoryError:
        raise
    except Exception as fault:  # noqa: BLE001  a model may raise anything
        raise LoadError(f"the model in {settings.model} fails on its own example: {type(fault).__name__}") from None


def limit_memory(mib: int) -> None:
    """Bound the data of this process (RLIMIT_DATA); a platform without that limit is told so and not bounded."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (mib * 2**20, mib * 2**20))
    except (ImportError, OSError, ValueError) as fault:
        report(f"--memory-limit-mib {mib} has no effect on this platform ({type(fault).__name__})")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.set_inheritable(False)
    except OSError:
        listener.close()
        raise
    return listener


def report(problem: str) -> None:
    """One line for the operator, on standard error."""
    sys.stderr.write(f"modelberth.serving: {problem}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> Any:
    """Serve until told to stop; exit codes: 0 drained, 1 requests cut off, 2 usage, 3 model, 4 address."""
    settings = parse(arguments)
    if settings.memory_limit_mib is not None:
        limit_memory(settings.memory_limit_mib)
    try:
        check_directory(settings.model)
        listener = listen(settings.host, settings.port)
    except LoadError as error:
        report(str(error))
        return EXIT_MODEL
    except OSError as error:
        report(f"cannot listen on {settings.host} port {settings.port}: {error.strerror}")
        return EXIT_ADDRESS
    library_logs = configure(settings.log_labels)
    executor = ThreadPoolExecutor(settings.threads, thread_name_prefix="predict")
    serving = Serving(settings, Metrics(settings.name, settings.version), executor)
    server = Server(serving, library_logs)
    server.run([listener])
    sys.stdout.flush()
    executor.shutdown(wait=False, cancel_futures=True)
    os._exit(server.exit_code)  # a thread that is still predicting or loading must not hold the process
