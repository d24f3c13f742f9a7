"""How strict an environment is: pure functions from a configuration to a stricter one, or to its refusal."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from modelberth.core.errors import ConfigError, Fault, closest
from modelberth.core.service import Scale, ScheduledScale, Service
from modelberth.stack.config import StackConfig

Profile = Callable[[StackConfig], StackConfig]


def dev(config: StackConfig) -> StackConfig:
    """As it is written."""
    return config


def staging(config: StackConfig) -> StackConfig:
    """Callers are known and limited."""
    return _refuse(config, lambda path, service: [*_known_callers(path, service), *_limited_callers(path, service)])


def prod(config: StackConfig) -> StackConfig:
    """As in staging, never a lone instance, and what holds keys and models is protected from being destroyed."""
    hardened = staging(config)
    services = {name: _at_least_two(service) for name, service in hardened.services.items()}
    foundation = {cloud: {**args, **_protection(cloud)} for cloud, args in hardened.foundation.items()}
    return hardened.model_copy(update={"services": services, "foundation": foundation})


PROFILES: Mapping[str, Profile] = MappingProxyType({"dev": dev, "staging": staging, "prod": prod})
"""Name to profile."""


def apply(config: StackConfig, environment: str) -> StackConfig:
    """The configuration under its profile. Raises `ConfigError` for an unknown profile and for what it refuses."""
    if config.profile not in PROFILES:
        what = f"got {config.profile!r}; allowed: {', '.join(PROFILES)}"
        raise ConfigError([Fault("profile", what, closest(config.profile, PROFILES))], f"Pulumi.{environment}.yaml")
    return PROFILES[config.profile](config)


def _refuse(config: StackConfig, rule: Callable[[str, Service], list[Fault]]) -> StackConfig:
    faults = [fault for name, service in config.services.items() for fault in rule(f"services.{name}", service)]
    if faults:
        raise ConfigError(faults, f"profile {config.profile}")
    return config


def _known_callers(path: str, service: Service) -> list[Fault]:
    """Without keys and tokens nobody is let in but who is granted it by the cloud; strangers are another matter."""
    public = service.access.public
    if public is None or public.auth != "none":
        return []
    return [Fault(f"{path}.access.public.auth", "is none, so nobody can be told apart", "write keys or jwt")]


def _limited_callers(path: str, service: Service) -> list[Fault]:
    """Keys need a limit of their own. Who has a token is limited where strangers are: by `public.rate_limit`."""
    access = service.access
    if access.rate is not None or not (access.keys or (access.public is not None and access.jwt is None)):
        return []
    return [Fault(f"{path}.access.rate", "is left out, so one caller can take it all", "give per_key and burst")]


PROTECTS = frozenset({"aws", "kubernetes"})
"""Clouds whose foundation can refuse to be destroyed."""


def _protection(cloud: str) -> dict[str, bool]:
    return {"protect": True} if cloud in PROTECTS else {}


UNCOUNTED = frozenset({"aws:sagemaker/serverless"})
"""Targets without instances that one could count."""


def _at_least_two(service: Service) -> Service:
    """Also where a schedule says less."""
    if service.on in UNCOUNTED:
        return service
    scale = service.scale
    schedule = tuple(entry.model_copy(update=_raised(entry)) for entry in scale.schedule)
    return service.model_copy(update={"scale": scale.model_copy(update={**_raised(scale), "schedule": schedule})})


def _raised(scale: Scale | ScheduledScale) -> dict[str, int]:
    return {"min": max(2, scale.min), "max": max(2, scale.max)}
