"""What the local gateway of one service is told: ports, backends and their shares, who may call and how fast."""

import json
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from modelberth.core.config import Config
from modelberth.core.model import Version
from modelberth.core.quantities import Seconds

WHOLE = 100
ASYMMETRIC_KEY_TYPES = ("EC", "OKP", "RSA")


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError(f"{str(path)!r} is relative; write the absolute path, because Envoy runs elsewhere")
    return path


def _public_keys(text: str) -> str:
    """A JWKS of public keys only: a shared secret in it would let every reader of the file sign tokens."""
    try:
        kinds = [key["kty"] for key in json.loads(text)["keys"]]
    except (ValueError, KeyError, TypeError):
        raise ValueError('not a JSON Web Key Set; write the issuer\'s public keys: {"keys": […]} (RFC 7517)') from None
    wrong = sorted(set(kinds) - set(ASYMMETRIC_KEY_TYPES))
    if wrong or not kinds:
        got = f"keys of type {', '.join(wrong)}" if wrong else "no key"
        raise ValueError(f"got {got}; allowed: {', '.join(ASYMMETRIC_KEY_TYPES)}; publish an asymmetric key")
    return text


def _url_path(path: str) -> str:
    if not path.startswith("/") or path == "/" or any(part in path for part in ("?", "#", "//", "..", "%")):
        raise ValueError(f"{path[:80]!r} is no path to route; write '/predict', or '/v2/models/' for all beneath it")
    return path


Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port on 127.0.0.1."""
Percent = Annotated[int, Field(ge=0, le=WHOLE)]
"""A share in percent."""
AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
"""A path from the root."""
UrlPath = Annotated[str, AfterValidator(_url_path)]
"""A path of a URL. With a slash at its end: everything beneath it."""
ClientId = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,62})$")]
"""Name of a caller with an API key."""
KeyHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of an API key, in lower-case hexadecimal digits."""


class Mirror(Config):
    """Copies of requests for one version, whose answers are thrown away."""

    version: Version
    """The version that gets the copies."""
    percent: Percent
    """Share of all requests that is copied."""


class Tokens(Config):
    """Callers with a signed token (RFC 7519) of one issuer, in `authorization: Bearer …`."""

    issuer: Annotated[str, Field(min_length=1)]
    """The `iss` claim that is accepted."""
    audiences: Annotated[tuple[str, ...], Field(min_length=1)]
    """The `aud` claims that are accepted; one of them must be in the token."""
    jwks: Annotated[str, AfterValidator(_public_keys)]
    """The issuer's public keys, as JSON text (RFC 7517)."""


class RateLimit(Config):
    """How fast each caller may be."""

    per_second: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """Requests per second and caller."""
    burst: Annotated[int, Field(ge=1)]
    """Requests that may come at once after a pause."""


class GatewaySettings(Config):
    """One gateway: one Envoy process, for one service."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,62})$")]
    """The service."""
    port: Port
    """Where clients call, by https."""
    metrics_port: Port
    """Where Envoy's own figures are read, by plain http: `/metrics` and `/healthz`, nothing else."""
    directory: AbsolutePath
    """The gateway's own folder (0700, files 0600): configuration, logs, admin socket."""
    certificate: AbsolutePath
    """The server certificate, PEM."""
    private_key: AbsolutePath
    """Its key, PEM."""
    backends: Annotated[dict[Version, Port], Field(min_length=1)]
    """Version to the port of the model server that answers for it."""
    weights: Annotated[dict[Version, Percent], Field(min_length=1)]
    """Version to its share in percent; together 100. A version at 0 is up and gets nothing."""
    mirror: Mirror | None = None
    """Left out: no copies."""
    key_hashes: dict[ClientId, KeyHash] = Field(default_factory=dict)
    """Caller to the SHA-256 of its API key. Left out: no keys."""
    jwt: Tokens | None = None
    """Callers with tokens. Left out: none. Without keys and tokens nobody is let in."""
    rate: RateLimit | None = None
    """Left out: no limit."""
    max_body_bytes: Annotated[int, Field(ge=1, le=1 << 30)] = 1 << 20
    """Largest request body; a larger one is answered with 413. Left out: 1 MiB."""
    paths: Annotated[tuple[UrlPath, ...], Field(min_length=1)] = ("/predict", "/v2/models/", "/v2/health/")
    """What is routed to the backends; all else is 404. Left out: `/predict` and the Open Inference Protocol's models
    and health, but not `/v2/repository/`, by which a caller could unload a model."""
    ready_path: UrlPath = "/readyz"
    """Path on a backend that answers 200 when it can predict; asked by the gateway itself, not routed."""
    timeout: Annotated[Seconds, Field(gt=0)] = 60.0
    """How long a request may take. Left out: 60 s."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Fields that each line of the access log carries besides its own. Left out: none."""

    @field_validator("weights")
    @classmethod
    def _whole(cls, weights: dict[str, int]) -> dict[str, int]:
        if sum(weights.values()) != WHOLE:
            raise ValueError(f"weights sum to {sum(weights.values())}; together they must be {WHOLE}")
        return weights

    @model_validator(mode="after")
    def _known_versions(self) -> Self:
        named = [*self.weights, *([self.mirror.version] if self.mirror else [])]
        unknown = sorted(set(named) - set(self.backends))
        if unknown:
            have = ", ".join(sorted(self.backends))
            raise ValueError(
                f"no backend for version {', '.join(unknown)}; backends are {have}; add its port to backends"
            )
        return self

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ports = [self.port, self.metrics_port, *self.backends.values()]
        twice = sorted({port for port in ports if ports.count(port) > 1})
        if twice:
            raise ValueError(
                f"port {', '.join(map(str, twice))} is used twice; each listener and backend needs its own"
            )
        hashes = list(self.key_hashes.values())
        same = sorted(client for client, value in self.key_hashes.items() if hashes.count(value) > 1)
        if same:
            raise ValueError(f"callers {', '.join(same)} have the same key; give each one of its own")
        return self
