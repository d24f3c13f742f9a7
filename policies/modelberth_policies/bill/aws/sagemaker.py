"""SageMaker endpoints: real-time, asynchronous and serverless variants, and fleets for inference components.

Prices: https://aws.amazon.com/sagemaker/pricing. A month of an instance is its hours; serverless is paid by the second.
"""

from collections.abc import Iterator
from typing import NamedTuple

from modelberth_policies.bill.autoscaling import between
from modelberth_policies.bill.aws.endpoint_configuration import Configuration, configuration_of
from modelberth_policies.bill.aws.scaling import Scalable, Scaled, scaled
from modelberth_policies.bill.item import Entry, Item, Values
from modelberth_policies.bill.model import Range
from modelberth_policies.resources import GAP, read_text

HOSTING = "sagemaker-hosting"
SERVERLESS = "sagemaker-serverless"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"
LOCAL_DISK = frozenset(
    {"c5d", "c6id", "m5d", "m6id", "r5d", "r6id", "g4dn", "g5", "g6", "g6e", "gr6", "p3dn", "p4d", "p4de", "p5", "p5e"}
    | {"p5en", "trn1"}
)
"""Families with storage of their own, which get no volume."""


class Fleet(NamedTuple):
    """The instances of one variant."""

    name: str
    instance_type: str
    instances: Scaled


def endpoint(item: Item) -> Iterator[Entry]:
    """Its variants, and what goes in and out."""
    configuration = configuration_of(item)
    for variant in configuration.variants:
        if variant.has("serverlessConfig"):
            yield from _serverless(item, variant)
        else:
            yield from _instances(item, configuration, variant)
    moved = item.monthly(item.use.requests * (item.use.request_kb + item.use.response_kb) / 1e6)
    words = f"{item.use.requests:g} requests x ({item.use.request_kb:g} + {item.use.response_kb:g}) KB"
    yield item.line("data in and out", HOSTING, "endpoint data in/out", moved, words)


def fleets(item: Item, configuration: Configuration) -> list[Fleet]:
    """The variants that run on instances."""
    return [fleet(item, variant) for variant in configuration.variants if not variant.has("serverlessConfig")]


def fleet(item: Item, variant: Values) -> Fleet:
    """One variant's instances: as autoscaling or managed instance scaling bounds them."""
    name = variant.text("variantName", "AllTraffic")
    kind = variant.text("instanceType")
    managed = variant.under("managedInstanceScaling")
    if managed.has("maxInstanceCount") and managed.text("status", "ENABLED") == "ENABLED":
        least, most = managed.number("minInstanceCount", 1), managed.number("maxInstanceCount")
        words = f"{least:g} to {most:g} instances by managed scaling"
        return Fleet(name, kind, Scaled(between(item, min(least, most), most), words))
    start = variant.number("initialInstanceCount", 1)
    return Fleet(name, kind, scaled(item, _scalable(item, name, INSTANCES), start, "instances"))


def _scalable(item: Item, variant: str, dimension: str) -> Scalable:
    name, _ = read_text(item.whole, "name")
    known = isinstance(name, str) and GAP not in name
    ending = f"/variant/{variant}"
    return Scalable(item.resource, dimension, f"endpoint/{name}{ending}" if known else None, ending)


def _instances(item: Item, configuration: Configuration, variant: Values) -> Iterator[Entry]:
    found = fleet(item, variant)
    hours = found.instances.count * item.hours
    kind = "asynchronous" if configuration.asynchronous else "real-time"
    what = f"{found.instance_type} {kind}, variant {found.name}"
    words = f"{found.instances.words} x {item.use.hours:g} h"
    yield item.line(what, HOSTING, found.instance_type, hours, words)
    if _family(found.instance_type) not in LOCAL_DISK:
        size = variant.number("volumeSizeInGb", item.use.volume_gb)
        stored = hours * (size / 730)
        volume = f"{found.instances.words} x {size:g} GB{'' if variant.has('volumeSizeInGb') else ' (assumed)'}"
        yield item.line(f"volumes of variant {found.name}", HOSTING, "endpoint storage", stored, volume)


def _family(instance_type: str) -> str:
    return instance_type.removeprefix("ml.").partition(".")[0]


def _serverless(item: Item, variant: Values) -> Iterator[Entry]:
    """On demand: seconds of use; at worst, every one of its `maxConcurrency` all month."""
    config = variant.under("serverlessConfig")
    memory, name = f"{config.number('memorySizeInMb'):g}MB", variant.text("variantName", "AllTraffic")
    most = config.number("maxConcurrency") * item.use.hours * 3600
    used = item.use.requests * item.use.mean_ms / 1000
    words = f"{item.use.requests:g} requests x {item.use.mean_ms:g} ms"
    if config.has("provisionedConcurrency"):
        yield from _provisioned(item, config, name, memory)
    worst = f", at most {config.number('maxConcurrency'):g} at once"
    sku = f"on-demand compute {memory}"
    yield item.line(f"{memory} serverless, variant {name}", SERVERLESS, sku, item.monthly(used, most), words + worst)


def _provisioned(item: Item, config: Values, name: str, memory: str) -> Iterator[Entry]:
    start = config.number("provisionedConcurrency")
    warm = scaled(item, _scalable(item, name, PROVISIONED), start, "kept warm")
    seconds = warm.count * (item.use.hours * 3600)
    what = f"{memory} provisioned concurrency, variant {name}"
    sku = f"provisioned concurrency warm ({memory})"
    yield item.line(what, SERVERLESS, sku, seconds, f"{warm.words} x {item.use.hours:g} h")


def rollout(item: Item) -> Iterator[Entry]:
    """The second fleet of a blue/green update, or the batch of a rolling one, for as long as it stands."""
    config = item.under("deploymentConfig")
    if config.has("blueGreenUpdatePolicy"):
        hours, words, share = *_blue_green(item, config.under("blueGreenUpdatePolicy")), None
    elif config.has("rollingUpdatePolicy"):
        hours, words, share = _rolling(item, config.under("rollingUpdatePolicy"))
    else:
        return
    for found in fleets(item, configuration_of(item)):
        count = found.instances.count if share is None else _batch(found.instances.count, share)
        extra = f"{count.shown(1)} instances more x {words}"
        yield item.line(
            f"{found.instance_type}, variant {found.name}", HOSTING, found.instance_type, count * hours, extra
        )


LONGEST_SECONDS = 28_800
"""The longest that SageMaker lets an update take, https://docs.aws.amazon.com/sagemaker/latest/APIReference/
API_BlueGreenUpdatePolicy.html."""


def _blue_green(item: Item, policy: Values) -> tuple[Range, str]:
    routing = policy.under("trafficRoutingConfiguration")
    wait, ending = routing.number("waitIntervalInSeconds", 0), policy.number("terminationWaitInSeconds", 0)
    kind = routing.text("type", "ALL_AT_ONCE")
    steps = {"ALL_AT_ONCE": 0, "CANARY": 1}.get(kind)
    if steps is None:
        steps = _parts(routing.under("linearStepSize")) - 1
    waits = steps * wait + ending
    words = f"{kind.lower().replace('_', ' ')}: {steps} x {wait:g} s + {ending:g} s until the old fleet goes"
    return _lasting(item, waits, policy.number("maximumExecutionTimeoutInSeconds", LONGEST_SECONDS)), words


def _rolling(item: Item, policy: Values) -> tuple[Range, str, Values]:
    batch = policy.under("maximumBatchSize")
    wait, steps = policy.number("waitIntervalInSeconds", 0), _parts(batch)
    words = f"rolling: {steps} batches x {wait:g} s"
    longest = policy.number("maximumExecutionTimeoutInSeconds", LONGEST_SECONDS)
    return _lasting(item, steps * wait, longest), words, batch


def _lasting(item: Item, waits: float, longest: float) -> Range:
    """Hours: the waits alone, with the time until new instances serve, and until SageMaker gives up."""
    expected = waits + item.use.provisioning_minutes * 60
    return Range(waits / 3600, expected / 3600, max(expected, longest) / 3600)


def _parts(size: Values) -> int:
    """In how many steps all of the capacity is reached, where a step is a share of it; else as many as 10."""
    value = size.number("value", 10)
    percent = value if size.text("type", "CAPACITY_PERCENT") == "CAPACITY_PERCENT" else 10
    return -(-100 // max(int(percent), 1))


def _batch(count: Range, size: Values) -> Range:
    """The instances that a rolling update runs besides: one at least."""
    value = size.number("value", 10)
    if size.text("type", "CAPACITY_PERCENT") == "INSTANCE_COUNT":
        return Range(*(min(value, max(part, 1)) for part in count.triple))
    return Range(*(max(part * min(value, 100) / 100, 1) for part in count.triple))
