"""Cloud Run services: by the time that requests keep instances busy, or by the time that instances run.

The catalogue has no price of minimum instances that wait, where requests are billed, nor of GPUs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from modelberth_policies.bill.autoscaling import between, words
from modelberth_policies.bill.item import Entry, Item, NotPriceable, Values
from modelberth_policies.bill.model import Range
from modelberth_policies.bill.quantity import gib, quantity

DEFAULT_MAX = 100
"""Instances that a service may grow to that names no maximum: https://cloud.google.com/run/docs/configuring/max-instances"""
_NOTES, _REVISION = "metadata.annotations", "template.metadata.annotations"


@dataclass(frozen=True, slots=True)
class _Service:
    """What counts of a service, of either generation."""

    containers: list[Values]
    least: float
    most: float
    always_on: bool
    """Whether instances are billed for as long as they run, not only while they answer."""
    gpu: str


def service(item: Item) -> Iterator[Entry]:
    """A service of the second generation."""
    template = item.under("template")
    containers = template.each("containers")
    least = max(item.number("scaling.minInstanceCount", 0), template.number("scaling.minInstanceCount", 0))
    stated = (item.number("scaling.maxInstanceCount", 0), template.number("scaling.maxInstanceCount", 0))
    most = min([each for each in stated if each], default=DEFAULT_MAX)
    if item.text("scaling.scalingMode", "AUTOMATIC").upper() == "MANUAL":
        least = most = item.number("scaling.manualInstanceCount")
    always_on = any(each.value("resources.cpuIdle", True) in (False, "false") for each in containers)
    gpu = template.text("nodeSelector.accelerator", "-")
    yield from _lines(item, _Service(containers, least, most, always_on, gpu))


def service_v1(item: Item) -> Iterator[Entry]:
    """A service of the first generation, whose settings are annotations."""
    notes, revision = _annotations(item, _NOTES), _annotations(item, _REVISION)
    least = max(revision.number("autoscaling.knative.dev/minScale", 0), notes.number("run.googleapis.com/minScale", 0))
    most = revision.number("autoscaling.knative.dev/maxScale", 0) or DEFAULT_MAX
    if notes.text("run.googleapis.com/scalingMode", "automatic").lower() == "manual":
        least = most = notes.number("run.googleapis.com/manualInstanceCount")
    always_on = revision.text("run.googleapis.com/cpu-throttling", "true").lower() == "false"
    selected = item.value('template.spec.nodeSelector["run.googleapis.com/accelerator"]', "-")
    gpu = selected if isinstance(selected, str) else "-"
    yield from _lines(item, _Service(item.each("template.spec.containers"), least, most, always_on, gpu))


class _Annotations(Values):
    """Annotations, whose keys hold dots."""

    def value(self, path: str, default: object = None) -> object:
        return super().value(f'["{path}"]', default)

    def _full(self, path: str) -> str:
        return f'{self.at}["{path}"]'


def _annotations(item: Item, path: str) -> _Annotations:
    return _Annotations(item.value(path, {}), path)


def _lines(item: Item, run: _Service) -> Iterator[Entry]:
    if not run.containers:
        raise NotPriceable("it names no containers")
    cores = sum(quantity(each, "resources.limits.cpu", "1") for each in run.containers)
    memory = sum(gib(each, "resources.limits.memory", "512Mi") for each in run.containers)
    least, most = min(run.least, run.most), run.most
    if run.always_on or run.gpu != "-":
        yield from _by_instances(item, run.gpu, cores, memory, least, most)
    else:
        yield from _by_requests(item, cores, memory, least, most)
    yield item.line("log ingestion", "logging", "ingestion", item.monthly(item.use.log_gb), f"{item.use.log_gb:g} GiB")


def _by_instances(item: Item, gpu: str, cores: float, memory: float, least: float, most: float) -> Iterator[Entry]:
    seconds = between(item, least, most) * item.hours * 3600.0
    shown = f"{words(least, most, 'instances')} x {item.use.hours:g} h x 3600 s"
    yield from _amounts(item, "instance-based", seconds, cores, memory, shown)
    if gpu != "-":
        yield item.line(f"GPU {gpu}", "cloud-run", f"GPU {gpu}", seconds, shown)


def _by_requests(item: Item, cores: float, memory: float, least: float, most: float) -> Iterator[Entry]:
    """One request at a time on each instance: several at a time cost less, but nobody knows how many meet."""
    busy = item.use.requests * item.use.mean_ms / 1000
    seconds = item.monthly(busy, most * item.use.hours * 3600)
    shown = f"{item.use.requests:g} requests x {item.use.mean_ms:g} ms, at most {most:g} instances all the time"
    yield from _amounts(item, "request-based", seconds, cores, memory, shown)
    requests = item.monthly(item.use.requests / 1e6)
    yield item.line("requests", "cloud-run", "requests", requests, f"{item.use.requests:g}")
    if least:
        yield item.unpriced("the catalogue has no price of minimum instances that wait", f"{least:g} waiting instances")


def _amounts(item: Item, mode: str, seconds: Range, cores: float, memory: float, shown: str) -> Iterator[Entry]:
    amounts: Mapping[str, tuple[float, str]] = {"CPU": (cores, "vCPU"), "memory": (memory, "GiB")}
    for what, (amount, unit) in amounts.items():
        formula = f"{shown} x {amount:g} {unit}"
        yield item.line(f"{what} {mode}", "cloud-run", f"{what} {mode}", seconds * amount, formula)
