"""What an endpoint on this machine needs to know, in this machine's words."""

from typing import Annotated

from pydantic import Field

from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.core.service import ClientName, Jwt, Rate
from modelberth.core.traffic import Traffic
from modelberth.local.foundation import LocalFoundation

TIMEOUT_SECONDS = 60
"""How long one request may take, at the gateway."""
# An old server finishes every request that the gateway still waits for.
DRAIN_SECONDS = TIMEOUT_SECONDS
MOST_THREADS = 256
# Below it, loading MLflow and scikit-learn fails, and not always at once (measured: 320 MiB is the least that starts).
LEAST_MEMORY_MIB = 512
Mebibytes = Annotated[int, Field(ge=LEAST_MEMORY_MIB)]
Port = Annotated[int, Field(ge=1024, le=65535)]


class LocalEndpointArgs(Config):
    """One model behind one gateway on this machine."""

    foundation: LocalFoundation
    """The runtime directory, supervisor, registry and certificate that it stands on."""

    traffic: Traffic
    """Which versions run, and the candidate's share of requests."""

    clients: tuple[ClientName, ...] = ()
    """Callers that get an API key, by name. Left out together with `jwt`: nobody is let in."""

    jwt: Jwt | None = None
    """Callers with a token; `jwks` is the path of a file. Left out: no tokens."""

    rate: Rate | None = None
    """How fast each caller may be; above it the answer is 429. Left out: no limit."""

    runtime: str = "serving"
    """The model server: a name from `runtimes/` that can run as a plain process. Left out: our own."""

    threads: Annotated[int, Field(ge=1, le=MOST_THREADS)] = 1
    """Threads of one model server, for its own work and the libraries under it. Left out: 1."""

    memory_mib: Mebibytes = 2048
    """Memory that one model server may take; what asks for more fails, not the machine. Left out: 2048."""

    port: Port | None = None
    """Port of the gateway on 127.0.0.1. Left out: the first free one from 8443 on, and the same one ever after."""

    max_body_bytes: Annotated[int, Field(ge=1024)] = 1 << 20
    """Longest request body; a longer one gets 413. Left out: 1 MiB."""

    labels: Labels | None = None
    """Who owns it and what it is; they stand in every log line of its servers. Left out: none."""
