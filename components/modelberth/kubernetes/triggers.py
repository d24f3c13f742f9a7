"""What KEDA can look at to scale: queries, queues, the clock.

Names of the metadata: github.com/kedacore/keda/v2@v2.18.1:pkg/scalers (one file for each).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

import pulumi
from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config, In
from modelberth.kubernetes.weekly import in_turn, normal

PerPod = Annotated[int, Field(ge=1)]
"""How much of it one pod is to do."""

Text = Annotated[str, Field(min_length=1)]


class PrometheusQuery(Config):
    """A number that the foundation's Prometheus gives."""

    query: In[Text]
    """PromQL that gives one number, for all pods of one version together. `{namespace}`, `{service}` and `{version}` in
    it stand for where the pods are, their service, and the version of the model that they serve."""

    per_pod: Annotated[float, Field(gt=0, le=10**12)]
    """How much of it one pod is to do."""

    activation: Annotated[float, Field(ge=0)] | None = None
    """Above it the first pod starts. Left out: 0. Only for what scales to zero: else KEDA never reads it."""


class SqsQueue(Config):
    """A queue of Amazon SQS."""

    url: In[Text]
    """Its address."""

    region: Text
    """Where it is."""

    per_pod: PerPod
    """Messages for one pod, waiting and under way."""


class RabbitMqQueue(Config):
    """A queue of RabbitMQ. Its address holds a password, so it comes from the trigger's `authentication`."""

    queue: Text
    """Its name."""

    per_pod: PerPod
    """Messages for one pod."""


class KafkaTopic(Config):
    """A topic of Apache Kafka. More pods than partitions are never started: they would have nothing to read."""

    servers: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Brokers: `kafka.streams.svc:9092`."""

    group: Text
    """The consumer group that the pods are."""

    topic: Text
    """What they read."""

    per_pod: PerPod
    """Messages behind, for one pod."""


class Window(Config):
    """A part of each week in which there is a floor.

    KEDA takes it to be open where the end comes sooner than the next start; so both must come in turn.
    """

    start: Text
    """From when on, as five cron fields."""

    end: Text
    """Until when, likewise."""

    timezone: Text = "Etc/UTC"
    """Whose clock. Left out: UTC."""

    replicas: Annotated[int, Field(ge=1)]
    """The floor."""

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if in_turn([self.start, self.end]) is None:
            raise ValueError(
                "start and end do not come in turn, so that the window would be open at other times; "
                "give both the same days, and each one time of day"
            )
        return self


class OtherTrigger(Config):
    """Any other of KEDA's scalers, in its own words: https://keda.sh/docs/latest/scalers/."""

    type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    """Its name: `gcp-pubsub`, `azure-servicebus`."""

    metadata: Annotated[dict[str, In[str]], Field(min_length=1)]
    """What it is told. No secrets: those are given by `authentication`."""

    @model_validator(mode="after")
    def _has_no_field(self) -> Self:
        if self.type in ("cpu", "memory"):
            raise ValueError(f"{self.type} is a field of its own; write scaling.{self.type}")
        own = next((name for name, type_ in TYPES.items() if type_ == self.type), None)
        if own is not None:
            raise ValueError(f"{self.type} has words of its own; write {own}")
        return self


TYPES = {
    "prometheus": "prometheus",
    "sqs": "aws-sqs-queue",
    "rabbitmq": "rabbitmq",
    "kafka": "apache-kafka",
    "cron": "cron",
}
"""Field of a trigger to KEDA's name for it."""


class Trigger(Config):
    """One thing that KEDA looks at. Exactly one of the first six."""

    prometheus: PrometheusQuery | None = None
    """A number of the foundation's Prometheus."""

    sqs: SqsQueue | None = None
    """A queue of Amazon SQS."""

    rabbitmq: RabbitMqQueue | None = None
    """A queue of RabbitMQ."""

    kafka: KafkaTopic | None = None
    """A topic of Kafka."""

    cron: Window | None = None
    """The clock."""

    other: OtherTrigger | None = None
    """Any other."""

    authentication: Text | None = None
    """Name of the TriggerAuthentication in the namespace that says as whom. Left out: as nobody."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in (*TYPES, "other") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"got {' and '.join(given) or 'none'}; one of {', '.join(TYPES)}, other is needed")
        if self.rabbitmq is not None and self.authentication is None:
            raise ValueError("rabbitmq has no address without authentication; name the TriggerAuthentication")
        return self

    @property
    def activation(self) -> float | None:
        """Above what the first pod starts."""
        return None if self.prometheus is None else self.prometheus.activation


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a Prometheus is, and what the words in braces of a query stand for."""

    server: str | None = None
    """Its address. None: there is none."""
    words: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Word to what it stands for."""


def trigger_of(trigger: Trigger, asked: Asked) -> dict[str, Any]:
    """A trigger in KEDA's words. Pure."""
    identity = {} if trigger.authentication is None else {"authenticationRef": {"name": trigger.authentication}}
    if trigger.other is not None:
        return {"type": trigger.other.type, "metadata": dict(trigger.other.metadata), **identity}
    kind = next(name for name in TYPES if getattr(trigger, name) is not None)
    return {"type": TYPES[kind], "metadata": _metadata(kind, getattr(trigger, kind), asked), **identity}


def _metadata(kind: str, told: Any, asked: Asked) -> dict[str, Any]:
    if kind == "prometheus":
        return _prometheus(told, asked)
    if kind == "cron":
        return _window(told)
    return {_KEYS[kind][name]: _said(value) for name, value in told} | _ALWAYS.get(kind, {})


_KEYS = {
    "sqs": {"url": "queueURL", "region": "awsRegion", "per_pod": "queueLength"},
    "rabbitmq": {"queue": "queueName", "per_pod": "value"},
    "kafka": {"servers": "bootstrapServers", "group": "consumerGroup", "topic": "topic", "per_pod": "lagThreshold"},
}
_ALWAYS = {"rabbitmq": {"mode": "QueueLength"}}


def _prometheus(query: PrometheusQuery, asked: Asked) -> dict[str, Any]:
    activation = {} if query.activation is None else {"activationThreshold": f"{query.activation:g}"}
    text = _filled(query.query, asked.words)
    return {"serverAddress": asked.server or "", "query": text, "threshold": f"{query.per_pod:g}", **activation}


def _filled(query: pulumi.Input[str], words: Mapping[str, pulumi.Input[str]]) -> pulumi.Input[str]:
    """As text where all of it is text: what is known stays comparable."""
    if all(isinstance(value, str) for value in (query, *words.values())):
        return _replaced(str(query), {word: str(value) for word, value in words.items()})
    return pulumi.Output.all(query=query, **words).apply(lambda known: _replaced(known.pop("query"), known))


def _replaced(query: str, words: Mapping[str, str]) -> str:
    for word, value in words.items():
        query = query.replace(f"{{{word}}}", value)
    return query


def _window(window: Window) -> dict[str, str]:
    times = {"start": normal(window.start), "end": normal(window.end)}
    return {"timezone": window.timezone, **times, "desiredReplicas": str(window.replicas)}


def _said(value: Any) -> Any:
    """Metadata is text; an Output stays one."""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value) if isinstance(value, int) else value
