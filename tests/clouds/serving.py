"""Serves a provider plugin to the engine, which reads its port from the first line of what it prints."""

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

CALLS_AT_ONCE = 64


def serve(provider: provider_pb2_grpc.ResourceProviderServicer) -> None:
    """Serve on a port of loopback until the engine ends this process."""
    server = grpc.server(ThreadPoolExecutor(CALLS_AT_ONCE))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    ended.wait()
    os._exit(0)
