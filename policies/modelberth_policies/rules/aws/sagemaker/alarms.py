"""Alarms on what a variant or an inference component answers, found by their metrics' dimensions."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from modelberth_policies.rules.aws.sagemaker.linking import is_written, keys_of, known_text, own_keys, per_stack
from modelberth_policies.rules.aws.unlinked import not_unlinked
from modelberth_policies.subject import Stack, Subject, Undeterminable

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
NAMESPACE = "AWS/SageMaker"
METRICS = ("Invocation5XXErrors", "ModelLatency")


class Alarms(NamedTuple):
    """The alarms of a stack on these metrics."""

    watched: Mapping[tuple[str, str], set[str]]
    """Metric and key of the endpoint or inference component → its variants (empty: the component; `*`: unknown)."""
    unclear: tuple[str, ...]
    """Paths of what may be such an alarm, and is not known."""


@per_stack
def alarms_in(stack: Stack) -> Alarms:
    """Every alarm once, whether it has one metric or an expression over several."""
    watched: dict[tuple[str, str], set[str]] = {}
    unclear: list[str] = []
    for alarm in stack.of_type(ALARM):
        try:
            for metric in _metrics(alarm):
                for name, key, variant in _watched(metric):
                    watched.setdefault((name, key), set()).add(variant)
        except Undeterminable as unknown:
            unclear.append(f"{alarm.name}.{unknown.path}")
    return Alarms(watched, tuple(unclear))


def _metrics(alarm: Subject) -> Iterator[Subject]:
    yield alarm
    for query in alarm.each("metricQueries"):
        yield query.at("metric")


def _watched(metric: Subject) -> Iterator[tuple[str, str, str]]:
    if not metric.present("metricName") or metric.value("namespace") != NAMESPACE:
        return
    name = metric.value("metricName")
    if name not in METRICS:
        return
    for dimension in ("EndpointName", "InferenceComponentName"):
        path = f"dimensions.{dimension}"
        if is_written(metric, path):
            keys = keys_of(metric, path) or (metric.text(path),)
            variant = "" if dimension != "EndpointName" else _variant(metric)
            yield from ((name, key, variant) for key in keys)


def _variant(metric: Subject) -> str:
    """The variant; `-` for none, since SageMaker publishes nothing there that an alarm could see."""
    named = known_text(metric, "dimensions.VariantName")
    return "*" if named is None else named or "-"


def missing_of_variant(stack: Stack, endpoint: Subject, variant: Subject) -> list[str]:
    """The metrics of an endpoint's variant that no alarm watches. An alarm on any will do for one that nobody named.

    Raises `Undeterminable` where alarms watch the endpoint, and it is not known whether they mean this variant.
    """
    named = known_text(variant, "variantName")
    missing = missing_of(stack, endpoint, named or None)
    if named is None and len(missing) < len(METRICS):
        raise Undeterminable(variant.full("variantName"))
    return missing


def missing_of(stack: Stack, owner: Subject, variant: str | None = "") -> list[str]:
    """The metrics of an endpoint's variant (of an inference component, where it is empty) that no alarm watches.

    None: whichever variant. Raises `Undeterminable` where an alarm that is not known may be the missing one.
    """
    found, keys = alarms_in(stack), own_keys(owner)
    missing = []
    for metric in METRICS:
        seen = {name for key in keys for name in found.watched.get((metric, key), ())}
        if variant in seen or (variant is None and seen - {"-"}):
            continue
        if "*" in seen:
            raise Undeterminable("VariantName of an alarm")
        missing.append(metric)
    if missing:
        not_unlinked(owner, "name")
    if missing and found.unclear:
        raise Undeterminable(found.unclear[0])
    return missing
