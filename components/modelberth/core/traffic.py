"""The arithmetic that every rollout shares: which version gets how many of a hundred requests. Pure."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from modelberth.core.config import Config
from modelberth.core.model import ModelVersion
from modelberth.core.rollout import AllAtOnce, BlueGreen, Canary, Linear

WHOLE = 100


def check_split(stable: str, candidate: str | None, weight: int, mirror: int) -> None:
    """Raises `ValueError` for traffic that cannot be: a share for nobody, or one version against itself."""
    if candidate is None and (weight or mirror):
        raise ValueError(f"weight is {weight} and mirror {mirror}, but there is no candidate; name one")
    if candidate == stable:
        raise ValueError(f"stable and candidate are both {stable}; they must differ")


class Traffic(Config):
    """Which versions of a model serve, and the candidate's share."""

    stable: ModelVersion
    """The version that answers what the candidate does not."""

    candidate: ModelVersion | None = None
    """The version on trial; it is up and ready also at weight 0. Left out: there is none."""

    weight: Annotated[int, Field(ge=0, le=WHOLE)] = 0
    """The candidate's share of requests, in percent. Left out: 0."""

    mirror: Annotated[int, Field(ge=0, le=WHOLE)] = 0
    """The share of requests, in percent, of which the candidate gets a copy; its answers are dropped. Left out: 0."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        check_split(self.stable.version, self.candidate and self.candidate.version, self.weight, self.mirror)
        return self


def versions_of(traffic: Traffic) -> dict[str, ModelVersion]:
    """Every version that must be up, by its name."""
    present = [traffic.stable] if traffic.candidate is None else [traffic.stable, traffic.candidate]
    return {model.version: model for model in present}


def weights_of(traffic: Traffic) -> dict[str, int]:
    """Version to percent; together 100. A version at 0 is listed: it is up."""
    if traffic.candidate is None:
        return {traffic.stable.version: WHOLE}
    return {traffic.stable.version: WHOLE - traffic.weight, traffic.candidate.version: traffic.weight}


def apportion(shares: Mapping[str, float], total: int = WHOLE) -> dict[str, int]:
    """Whole numbers in proportion to shares, together exactly `total` (largest remainder).

    A share of 0 stays 0. Ties go to the name that comes first in the alphabet. Raises `ValueError` where no share is
    above 0 or one is below.
    """
    whole = sum(shares.values())
    if whole <= 0 or any(share < 0 for share in shares.values()):
        raise ValueError(f"shares are {dict(shares)}; none may be below 0 and one must be above")
    exact = {name: share * total / whole for name, share in shares.items()}
    floors = {name: int(value) for name, value in exact.items()}
    missing = total - sum(floors.values())
    by_remainder = sorted(
        (name for name in exact if shares[name] > 0), key=lambda name: (floors[name] - exact[name], name)
    )
    return {name: floors[name] + (name in by_remainder[:missing]) for name in shares}


def steps_of(strategy: AllAtOnce | BlueGreen | Canary | Linear) -> tuple[int, ...]:
    """The candidate's weights on its way, growing, the last 100."""
    match strategy:
        case Canary(steps=steps):
            return (*steps, WHOLE)
        case Linear(step=step):
            return (*range(step, WHOLE, step), WHOLE)
        case _:
            return (WHOLE,)


def next_weight(steps: tuple[int, ...], weight: int) -> int | None:
    """The first step above a weight, or None when it is all there."""
    return next((step for step in steps if step > weight), None)
