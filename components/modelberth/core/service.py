"""What a team states once: what to serve, how much, how it may change, who may call it, what is good. No cloud word."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.core.config import Config
from modelberth.core.labels import Classification
from modelberth.core.model import Digest
from modelberth.core.naming import validate_logical_name
from modelberth.core.quantities import PerSecond, Seconds, Share
from modelberth.core.rollout import Rollout

ClientName = Annotated[str, AfterValidator(validate_logical_name)]
"""Name of a caller: lower-case letters, digits and hyphens."""


class Model(Config):
    """The model that is served."""

    uri: str
    """`models:/ranker/1.4.0`; without the version where the rollouts file names it: `models:/ranker`."""

    digest: Digest | None = None
    """SHA-256 of its files. Left out: taken from pins.<env>.yaml, which `modelberth pin` writes."""


class Gpu(Config):
    """Accelerators of one instance."""

    type: str
    """The usual short name: `l4`, `a100`, `h100`."""
    count: Annotated[int, Field(ge=1)] = 1
    """How many. Left out: 1."""


class Size(Config):
    """What one instance has."""

    cpu: Annotated[float, Field(gt=0)] = 1
    """Processor cores. Left out: 1."""
    memory_gib: Annotated[float, Field(gt=0)] = 2
    """Memory in GiB. Left out: 2."""
    gpu: Gpu | None = None
    """Accelerators. Left out: none."""


class ScaleOn(Config):
    """The signal on which the number of instances follows the load."""

    concurrency: Annotated[float, Field(gt=0)] | None = None
    """Requests in flight per instance."""
    requests_per_second: Annotated[float, Field(gt=0)] | None = None
    """Requests per second and instance."""
    cpu: Share | None = None
    """Share of the processor in use: `70%`."""

    @model_validator(mode="after")
    def _one_signal(self) -> Self:
        given = [name for name in ScaleOn.model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"got {' and '.join(given) or 'no signal'}; one of {', '.join(ScaleOn.model_fields)} is needed"
            )
        return self


def _floor_below_ceiling(scale: "Scale | ScheduledScale") -> None:
    if scale.min > scale.max:
        raise ValueError(f"min is {scale.min}, above max {scale.max}; raise max or lower min")


class ScheduledScale(Config):
    """Another floor and ceiling from a point in time."""

    cron: str
    """When, as five cron fields in UTC."""
    min: Annotated[int, Field(ge=0)]
    """Floor from then on."""
    max: Annotated[int, Field(ge=1)]
    """Ceiling from then on."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _floor_below_ceiling(self)
        return self


class Scale(Config):
    """How many instances."""

    min: Annotated[int, Field(ge=0)] = 1
    """Floor. 0: scales to zero, and the first request waits. Left out: 1."""
    max: Annotated[int, Field(ge=1)] = 1
    """Ceiling, and so the ceiling of the cost. Left out: 1."""
    on: ScaleOn | None = None
    """What moves it between the two. Left out: nothing, `min` holds."""
    schedule: tuple[ScheduledScale, ...] = ()
    """Changes by the clock. Left out: none."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _floor_below_ceiling(self)
        return self


class Jwt(Config):
    """Callers with a signed token (OAuth 2.0 bearer token, RFC 7519) from one issuer."""

    issuer: str
    """The `iss` claim that is accepted."""
    audiences: Annotated[tuple[str, ...], Field(min_length=1)]
    """The `aud` claims that are accepted; one of them must be in the token."""
    jwks: str
    """The issuer's public keys (RFC 7517): an https address, or the path of a file."""


class Rate(Config):
    """How fast one caller may be."""

    per_key: PerSecond
    """Requests per second and caller: `100/s`."""
    burst: Annotated[int, Field(ge=1)]
    """Requests that may come at once after a pause."""


class Public(Config):
    """A service that strangers can reach. All three are asked for, so that nobody opens one by accident."""

    reason: Annotated[str, Field(min_length=10)]
    """Why."""
    auth: Literal["keys", "jwt", "none"]
    """How callers are told apart."""
    rate_limit: PerSecond
    """Requests per second of all strangers together."""


class Access(Config):
    """Who may call. Neither keys nor jwt: nobody is let in."""

    keys: tuple[ClientName, ...] = ()
    """Callers with an API key of their own, by name. The keys are made by the stack, as secrets."""
    jwt: Jwt | None = None
    """Callers with a token. Left out: no tokens."""
    rate: Rate | None = None
    """How fast each caller may be. Left out: no limit."""
    public: Public | None = None
    """Open to strangers. Left out: private."""


class Slo(Config):
    """What good means; alarms and default gates are made of it."""

    p50: Seconds | None = None
    """Median latency."""
    p95: Seconds | None = None
    """95th percentile of the latency."""
    p99: Seconds | None = None
    """99th percentile of the latency."""
    availability: Share | None = None
    """Share of requests that are answered without a 5xx: `99.9%`."""


class Capture(Config):
    """Requests and answers that are kept, to watch for drift."""

    sample: Share
    """Share of requests."""
    expires: Seconds
    """How long each is kept: `14d`."""


class Data(Config):
    """What the data is and where it may be."""

    classification: Classification = "internal"
    """The label that every resource carries. Left out: internal."""
    residency: str | None = None
    """Where data may be at rest: `eu`, `us`, or a region. Left out: anywhere."""
    capture: Capture | None = None
    """Left out: nothing is kept."""
    retention: Seconds | None = None
    """How long logs are kept: `30d`. Left out: the target's default."""


class Service(Config):
    """One model to serve. A target honours every field or refuses it by name."""

    on: str
    """Where: a cloud, a product, a kind — `local`, `kubernetes:kserve`, `aws:sagemaker/realtime`."""
    model: Model
    """What."""
    runtime: str = "serving"
    """The model server: a name from `runtimes/`, or a path. Left out: our own."""
    size: Size = Size()
    """What one instance has."""
    scale: Scale = Scale()
    """How many."""
    rollout: Rollout = Rollout()
    """How the version may change."""
    access: Access = Access()
    """Who may call."""
    slo: Slo | None = None
    """What good means. Left out: nothing is promised, no alarm is made."""
    data: Data = Data()
    """What the data is and where it may be."""
    native: dict[str, Any] = Field(default_factory=dict)
    """The target's own words for what the translation leaves unset; they add, never override. Left out: none."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One field of a service that a target cannot honour."""

    field: str
    """Path of the field in the service: `scale.schedule`."""
    why: str
    """What the target lacks."""
    fix: str
    """What to write instead."""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A service that a target refuses, field by field."""

    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Translation:
    """A service in a target's own words."""

    endpoint: Config
    """Arguments of the target's endpoint component."""
    front_door: Config | None = None
    """Arguments of the component in front of it. None: the endpoint guards itself."""
