"""Traffic has one home: `rollouts.<env>.yaml` says which versions of a service run and how requests are split.

Every write raises the generation. The stack remembers the last one that it began (`record.py`), so that a stale
checkout cannot undo a rollout.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from modelberth.core.config import Config, parse_under
from modelberth.core.errors import ConfigError, Fault, ModelberthError
from modelberth.core.model import ModelVersion, Version
from modelberth.core.rollout import Percent
from modelberth.core.service import Service
from modelberth.core.traffic import Traffic, check_split
from modelberth.models.reference import Reference, parse
from modelberth.stack.config import Pins


class ServiceRollout(Config):
    """The traffic of one service."""

    generation: Annotated[int, Field(ge=1)]
    """Raised by one with every change."""
    stable: Version
    """Version that answers what the candidate does not."""
    candidate: Version | None = None
    """Version on trial; up and ready also at weight 0. Left out: none."""
    weight: Percent = 0
    """The candidate's share of requests, in percent. Left out: 0."""
    mirror: Percent = 0
    """Share of requests of which the candidate gets a copy, its answers dropped. Left out: 0."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        check_split(self.stable, self.candidate, self.weight, self.mirror)
        return self


class Rollouts(Config):
    """The whole file."""

    services: dict[str, ServiceRollout] = Field(default_factory=dict)
    """Name of the service to its traffic."""


def parse_rollouts(value: Mapping[str, Any] | None, source: str, services: Mapping[str, Service]) -> Rollouts:
    """The file of an environment. Raises `ConfigError` for faults and for services that the environment lacks."""
    rollouts = parse_under(Rollouts, "services", value or {}, source)
    unknown = [name for name in rollouts.services if name not in services]
    if unknown:
        known = ", ".join(services)
        raise ConfigError(
            [Fault(name, f"no such service; there are: {known}", "remove it") for name in unknown], source
        )
    return rollouts


def traffic_of(name: str, service: Service, rollout: ServiceRollout | None, pins: Pins) -> Traffic | list[Fault]:
    """The traffic of one service, each version pinned; or what keeps it from being known."""
    path = f"services.{name}.model"
    try:
        reference = parse(service.model.uri)
    except ModelberthError as error:
        return [Fault(f"{path}.uri", str(error))]
    if rollout is None and reference.version is None:
        return [Fault(f"{path}.uri", "names no version, and no rollouts file does", f"write {reference.at('1.0.0')}")]
    if rollout is not None and reference.version is not None:
        what = f"names version {reference.version}, but the rollouts file decides which versions of {name} run"
        return [Fault(f"{path}.uri", what, f"write models:/{reference.name}")]
    wanted = rollout or ServiceRollout(generation=1, stable=reference.version or "")
    return _pinned(path, service, reference, wanted, pins)


def _pinned(
    path: str, service: Service, reference: Reference, wanted: ServiceRollout, pins: Pins
) -> Traffic | list[Fault]:
    uris = [reference.at(version) for version in (wanted.stable, wanted.candidate) if version is not None]
    inline = {uris[0]: service.model.digest} if service.model.digest is not None else {}
    digests = {**pins.digests, **inline}
    missing = [uri for uri in uris if uri not in digests]
    if missing:
        return [Fault(path, f"{uri} has no digest", "run `modelberth pin`, or give model.digest") for uri in missing]
    stable, *candidates = [ModelVersion.parse({"uri": uri, "digest": digests[uri]}) for uri in uris]
    candidate = candidates[0] if candidates else None
    return Traffic(stable=stable, candidate=candidate, weight=wanted.weight, mirror=wanted.mirror)
