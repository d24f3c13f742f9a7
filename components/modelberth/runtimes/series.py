"""What a model server counts, by the names that Prometheus sees: questions about any server are made of this data."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config

SeriesName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
"""Source of both patterns: https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels"""

SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
"""Unit of a latency to its length in seconds."""


class Selection(Config):
    """The series of one name, or some of them."""

    series: SeriesName
    """Its name as Prometheus stores it, with `_total`, without `_bucket`: `modelberth_requests_total`."""

    where: dict[LabelName, str] = Field(default_factory=dict)
    """Label to the regular expression (RE2, over the whole value) that it must match: `{code: "5.."}`. Left out: all of
    them."""


class Latency(Selection):
    """How long requests take."""

    kind: Literal["histogram", "summary"]
    """Buckets, of which any quantile can be estimated and pods can be added up; or the quantiles of each pod."""

    unit: Literal["s", "ms", "us"]
    """Unit of what is observed, and of `bounds`."""

    bounds: tuple[float, ...] = ()
    """Upper bounds of a histogram's buckets. Left out: not documented."""

    quantiles: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = ()
    """The quantiles that a summary gives: `[0.5, 0.95]`. Left out: none; a histogram has none of its own."""

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if self.kind == "summary" and (self.bounds or not self.quantiles):
            raise ValueError("a summary has quantiles and no bounds; give quantiles: [0.5, 0.95, 0.99]")
        if self.kind == "histogram" and self.quantiles:
            raise ValueError("a histogram has no quantiles of its own; give bounds, or leave both out")
        if list(self.bounds) != sorted(set(self.bounds)):
            raise ValueError("bounds do not rise; sort them, each once")
        return self


class Series(Config):
    """What is counted. What is not documented is left out, and what it would answer is not asked."""

    requests: tuple[Selection, ...] = ()
    """Counters that are together all requests for predictions."""

    failed: tuple[Selection, ...] = ()
    """Counters that are together those of them which the server did not answer, by its own fault: a 5xx."""

    latency: Latency | None = None
    """How long each takes in the server."""

    in_flight: tuple[Selection, ...] = ()
    """Gauges that are together the requests under way; of some servers only those that wait."""

    full: Selection | None = None
    """A gauge of the share, 0 to 1, of what runs out first: vLLM's cache of keys and values."""

    work: dict[Literal["rows", "tokens"], Selection] = Field(default_factory=dict)
    """Counters of what requests hold or give."""

    @model_validator(mode="after")
    def _shares_of_something(self) -> Self:
        if self.failed and not self.requests:
            raise ValueError("failed is given without requests, of which it is a share; give requests too")
        return self

    def __bool__(self) -> bool:
        """Whether anything is documented."""
        return any(True for _ in self.names())

    def names(self) -> Iterator[str]:
        """The name of every series, each as often as it is used."""
        several = (*self.requests, *self.failed, *self.in_flight, *self.work.values())
        single = (each for each in (self.latency, self.full) if each is not None)
        yield from (selection.series for selection in (*several, *single))
