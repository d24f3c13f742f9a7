"""Where logs go, and how long they are kept there."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from modelberth.core.config import Config, In
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.encryption import SecretText
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.names import DnsName, Port

DAY = 24 * 60 * 60


def _whole_days(seconds: float) -> float:
    if seconds < DAY or seconds % DAY:
        raise ValueError(f"got {seconds:g} seconds; logs are deleted a day at a time: write whole days, as '30d'")
    return seconds


class Credentials(Config):
    """As whom logs are written. They stand in files, in a Secret of the stack."""

    user: In[str]
    """User, or tenant's number."""

    password: SecretText
    """Password or token: a secret Output. Plain text is refused, as it would stand in the stack's state."""


class Retention(Config):
    """How long logs are kept. A Job tells the backend so whenever it changes; then the backend deletes by itself."""

    keep: Annotated[Seconds, AfterValidator(_whole_days)]
    """From the day of an index on: `30d`."""

    image: In[ImageRef]
    """An image with Python 3.11 or later, by digest, that tells it: our server's will do."""

    @property
    def days(self) -> int:
        """The same in days."""
        return math.ceil(self.keep / DAY)


class Backend(Config):
    """What all backends have in common."""

    host: DnsName
    """Its name: `logs.example.com`."""

    port: Port
    """Its port."""

    credentials: Credentials | None = None
    """As whom. Left out: it asks nobody who he is."""

    plaintext: Annotated[str, Field(min_length=10)] | None = None
    """Why nobody can listen although it speaks plain HTTP: a mesh, one node. Left out: TLS, with its certificate
    checked."""

    certificate_authority: In[str] | None = None
    """Certificate (PEM) that signs its own. Left out: one that every image trusts."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.plaintext is not None and self.certificate_authority is not None:
            raise ValueError("plaintext and certificate_authority are both given; leave one of them out")
        return self


class _Indexed(Backend):
    """A backend with an index for each day."""

    index: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,60}$")] = "models"
    """What begins the names of its indices: `models-2026.11.21`. Left out: models."""

    retention: Retention | None = None
    """How long they are kept. Left out: what the backend says, which is for ever where it says nothing."""


class Elasticsearch(_Indexed):
    """Elasticsearch 8 or later: indices are deleted by a lifecycle policy."""

    kind: Literal["elasticsearch"]
    """Which backend."""

    port: Port = 9200
    """Its port. Left out: 9200."""


class OpenSearch(_Indexed):
    """OpenSearch: indices are deleted by a policy of its index state management."""

    kind: Literal["opensearch"]
    """Which backend."""

    port: Port = 9200
    """Its port. Left out: 9200."""


class Loki(Backend):
    """Loki. How long it keeps logs stands in its own configuration (`retention_period`, with a compactor): nobody can
    tell it over its API, so nothing here says it.
    Source: https://grafana.com/docs/loki/latest/operations/storage/retention/"""

    kind: Literal["loki"]
    """Which backend."""

    port: Port = 3100
    """Its port. Left out: 3100."""

    tenant: str | None = None
    """Its tenant, in a Loki of several. Left out: the only one."""


LogBackend = Annotated[Elasticsearch | OpenSearch | Loki, Field(discriminator="kind")]
"""One of them, told apart by `kind`."""


def documents(backend: Elasticsearch | OpenSearch, days: int) -> list[dict[str, Any]]:
    """What is told to a backend so that it deletes: path and body of each request, in this order. Pure.

    Sources: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-ilm-put-lifecycle and
    https://docs.opensearch.org/latest/im-plugin/ism/policies/
    """
    name, pattern = backend.index, f"{backend.index}-*"
    if backend.kind == "elasticsearch":
        phases = {"hot": {"actions": {}}, "delete": {"min_age": f"{days}d", "actions": {"delete": {}}}}
        template = {"settings": {"index.lifecycle.name": name}}
        return [
            {"path": f"/_ilm/policy/{name}", "body": {"policy": {"phases": phases}}},
            {
                "path": f"/_index_template/{name}",
                # Above the backend's own templates, of which one may match too.
                "body": {"index_patterns": [pattern], "priority": 500, "template": template},
            },
        ]
    aged = {"state_name": "old", "conditions": {"min_index_age": f"{days}d"}}
    states = [
        {"name": "kept", "actions": [], "transitions": [aged]},
        {"name": "old", "actions": [{"delete": {}}], "transitions": []},
    ]
    policy = {
        "description": f"Deletes logs after {days} days.",
        "default_state": "kept",
        "states": states,
        "ism_template": [{"index_patterns": [pattern], "priority": 500}],
    }
    return [{"path": f"/_plugins/_ism/policies/{name}", "body": {"policy": policy}}]
