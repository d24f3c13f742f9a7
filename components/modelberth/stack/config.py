"""The configuration of one environment: `Pulumi.<env>.yaml` says what is wanted, `pins.<env>.yaml` which digests.

Both are read by pure functions from plain mappings, so that every fault of a file is found without an engine.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field

from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, Fault
from modelberth.core.labels import Classification, Labels
from modelberth.core.model import Digest
from modelberth.core.naming import validate_logical_name
from modelberth.core.service import Service

ServiceName = Annotated[str, AfterValidator(validate_logical_name)]
"""Name of a service: lower-case letters, digits and hyphens."""


class StackConfig(Config):
    """What one environment runs. In `Pulumi.<env>.yaml` it is the value of `modelberth:stack`."""

    profile: str = "dev"
    """How strict the environment is: a name from `profiles.py`. Left out: dev."""

    edits: Literal["numbered", "free"] = "numbered"
    """Whether a change in the rollouts file must raise its generation (`record.py`). Left out: it must."""

    owner: str
    """Team that answers for it; becomes a label."""

    cost_centre: str
    """Who pays; becomes a label."""

    foundation: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Cloud to the arguments of its foundation, in its own words: `{local: {directory: /srv/models}}`. Left out: its
    defaults."""

    services: Annotated[dict[ServiceName, Service], Field(min_length=1)]
    """Name to service."""


class Pins(Config):
    """Address of a model version to the digest of its files. Written by `modelberth pin`."""

    digests: dict[str, Digest] = Field(default_factory=dict)
    """`models:/iris/1.0.0` to `sha256:…`."""


def labels_of(config: StackConfig, environment: str, name: str, model: str, version: str) -> Labels:
    """The labels of one service's resources."""
    return Labels(
        owner=config.owner,
        environment=environment,
        cost_centre=config.cost_centre,
        service=name,
        model=model,
        version=version,
        data_classification=config.services[name].data.classification,
    )


SENSITIVITY: tuple[Classification, ...] = get_args(Classification)
"""Classifications of data, the most sensitive last."""


def shared_labels(config: StackConfig, environment: str) -> Labels:
    """The labels of what the services of a stack share: as sensitive as the most sensitive of them."""
    return Labels(
        owner=config.owner,
        environment=environment,
        cost_centre=config.cost_centre,
        service="shared",
        model="shared",
        version="shared",
        data_classification=_most_sensitive(config),
    )


def _most_sensitive(config: StackConfig) -> Classification:
    found = {service.data.classification for service in config.services.values()}
    return next(classification for classification in reversed(SENSITIVITY) if classification in found)


def parse_stack(value: Mapping[str, Any] | None, environment: str) -> StackConfig:
    """The configuration of an environment. Raises `ConfigError` with all faults of the file."""
    source = f"Pulumi.{environment}.yaml"
    if value is None:
        raise ConfigError(
            [Fault("modelberth:stack", "is missing", "write it; see docs/how-to/environments.md")], source
        )
    return StackConfig.parse(value, "modelberth:stack", source)
