"""Tells the engine what a person should know although nothing has failed."""

import threading

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class Host:
    """The engine as its plugin sees it. Without an address nothing is told."""

    def __init__(self, address: str | None) -> None:
        self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address)) if address else None
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def warn(self, message: str) -> None:
        """Show a warning, once however often it is said."""
        with self._lock:
            new = message not in self._said
            self._said.add(message)
        if new and self._engine is not None:
            self._engine.Log(engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message))
