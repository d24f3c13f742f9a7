"""The words of a change of version: how traffic moves from one version to the next, and what must hold meanwhile."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from modelberth.core.config import Config
from modelberth.core.quantities import Seconds, Share

Percent = Annotated[int, Field(ge=0, le=100)]
"""A share of requests, in whole percent."""


class AllAtOnce(Config):
    """Send everything to the new version as soon as it is ready."""


class BlueGreen(Config):
    """Bring the new version up beside the old one, switch everything, keep the old one until the bake is over."""

    bake: Seconds = 600
    """How long the old version stays ready after the switch. Left out: 10 minutes."""


class Canary(Config):
    """Send growing shares of the traffic to the new version."""

    steps: Annotated[tuple[Annotated[int, Field(ge=1, le=99)], ...], Field(min_length=1)]
    """The shares on the way, in percent and growing: `[10, 50]`. All of it is the step after the last."""

    bake: Seconds = 600
    """How long each step is watched. Left out: 10 minutes."""

    @model_validator(mode="after")
    def _growing(self) -> Self:
        if list(self.steps) != sorted(set(self.steps)):
            raise ValueError(f"steps are {list(self.steps)}; each must be above the one before it")
        return self


class Linear(Config):
    """Send equal further shares of the traffic at equal intervals."""

    step: Annotated[int, Field(ge=1, le=100)]
    """The share added each time, in percent."""

    interval: Seconds
    """How long each step is watched."""


class Rolling(Config):
    """Replace instances a few at a time."""

    surge: Annotated[int, Field(ge=0)] = 1
    """Instances above the wanted number while it lasts. Left out: 1."""

    unavailable: Annotated[int, Field(ge=0)] = 0
    """Instances that may be missing while it lasts. Left out: none."""

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.surge == 0 and self.unavailable == 0:
            raise ValueError("surge and unavailable are both 0, so nothing could ever be replaced; raise one of them")
        return self


class Shadow(Config):
    """Send copies of requests to the new version and throw its answers away."""

    sample: Share = 1.0
    """The share of requests that is copied. Left out: all."""


class ABTest(Config):
    """Split the traffic to learn, not to move on: the split stays until somebody ends it."""

    variants: Annotated[dict[str, Percent], Field(min_length=2)]
    """Version to its share in percent; together 100."""

    by: Literal["header", "weight", "cookie"] = "weight"
    """What decides: a header, chance, or a cookie that keeps a client on its variant. Left out: chance."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(self.variants.values()) != 100:
            raise ValueError(f"variants sum to {sum(self.variants.values())}; together they must be 100")
        return self


class Limit(Config):
    """A ceiling: absolute, relative to the stable version in the same time, or both."""

    below: float | None = None
    """Ceiling in the signal's own unit. Left out: no absolute ceiling."""

    times_stable: Annotated[float, Field(gt=0)] | None = None
    """Ceiling as a multiple of the stable version's value: 1.2 allows a fifth more. Left out: no comparison."""

    @model_validator(mode="after")
    def _some_limit(self) -> Self:
        if self.below is None and self.times_stable is None:
            raise ValueError("no limit is given; set below or times_stable")
        return self


class ShareLimit(Limit):
    """A ceiling on a share of requests."""

    below: Share | None = None
    """Ceiling as a share: `1%`. Left out: no absolute ceiling."""


class LatencyLimit(Limit):
    """A ceiling on a latency."""

    below: Seconds | None = None
    """Ceiling: `200ms`. Left out: no absolute ceiling."""


class QueryLimit(Limit):
    """A ceiling on the result of a query of the team's own."""

    query: str
    """The query in the language of the target's metrics; `{version}` stands for the version that is looked at."""


SIGNALS = ("error_rate", "p50", "p95", "p99", "saturation", "prediction_drift", "query")


class Gate(Config):
    """One thing that must hold at every step: `{p95: {below: 200ms}}`. Exactly one signal."""

    error_rate: ShareLimit | None = None
    """Share of requests that were answered with 5xx."""
    p50: LatencyLimit | None = None
    """Median latency."""
    p95: LatencyLimit | None = None
    """95th percentile of the latency."""
    p99: LatencyLimit | None = None
    """99th percentile of the latency."""
    saturation: ShareLimit | None = None
    """Share of the capacity in use."""
    prediction_drift: Limit | None = None
    """Distance between the predictions of the two versions, in the target's measure."""
    query: QueryLimit | None = None
    """Any other number that the target's metrics can give."""

    min_sample: Annotated[int, Field(ge=0)] = 100
    """Requests that the candidate must have answered before the gate is judged. Left out: 100."""

    @model_validator(mode="after")
    def _one_signal(self) -> Self:
        given = [signal for signal in SIGNALS if getattr(self, signal) is not None]
        if len(given) != 1:
            raise ValueError(f"got {len(given)} signals; a gate has exactly one of {', '.join(SIGNALS)}")
        return self


STRATEGIES = ("all_at_once", "blue_green", "canary", "linear", "rolling", "shadow", "ab_test")


class Rollout(Config):
    """How a service changes its version. At most one strategy; none means all at once."""

    all_at_once: AllAtOnce | None = None
    """Everything at once."""
    blue_green: BlueGreen | None = None
    """Beside each other, then one switch."""
    canary: Canary | None = None
    """Growing shares."""
    linear: Linear | None = None
    """Equal shares at equal intervals."""
    rolling: Rolling | None = None
    """Instance by instance."""
    shadow: Shadow | None = None
    """Copies only."""
    ab_test: ABTest | None = None
    """A lasting split."""

    gates: tuple[Gate, ...] = ()
    """What must hold at every step. Left out: nothing is watched."""

    @model_validator(mode="after")
    def _one_strategy(self) -> Self:
        given = [strategy for strategy in STRATEGIES if getattr(self, strategy) is not None]
        if len(given) > 1:
            raise ValueError(f"got {' and '.join(given)}; a service has one strategy")
        return self
