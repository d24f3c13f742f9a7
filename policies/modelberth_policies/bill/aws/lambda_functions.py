"""Lambda: requests, the time that they take, and concurrency that is kept ready."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item, NotPriceable, Values
from modelberth_policies.bill.model import Range
from modelberth_policies.bill.related import related

FUNCTION = "aws:lambda/function:Function"
DEFAULT_MIB = 128
FREE_STORAGE_MIB = 512


def function(item: Item) -> Iterator[Entry]:
    """Requests x milliseconds x memory; at worst, all that its reserved concurrency can use, where it has one."""
    memory_gb = item.number("memorySize", DEFAULT_MIB) / 1024
    seconds = item.monthly(item.use.requests * item.use.mean_ms / 1000, _ceiling(item))
    words = f"{item.use.requests:g} requests x {item.use.mean_ms:g} ms x {memory_gb:g} GB"
    yield item.line("requests", "lambda", "requests", item.monthly(item.use.requests / 1e6), f"{item.use.requests:g}")
    yield item.line("duration", "lambda", f"duration {_architecture(item)}", seconds * memory_gb, words)
    extra = item.number("ephemeralStorage.size", FREE_STORAGE_MIB) - FREE_STORAGE_MIB
    if extra > 0:
        stored = seconds * (extra / 1024)
        yield item.line("storage", "lambda", "ephemeral storage over 512MB", stored, f"{extra:g} MiB while it runs")


def _architecture(item: Values) -> str:
    named = item.value("architectures", [])
    return "arm64" if isinstance(named, list) and "arm64" in named else "x86"


def _ceiling(item: Item) -> float | None:
    # -1 means no reservation.
    reserved = item.value("reservedConcurrentExecutions", -1)
    return item.use.hours * 3600 * reserved if isinstance(reserved, int | float) and reserved >= 0 else None


def provisioned_concurrency(item: Item) -> Iterator[Entry]:
    """Environments that are kept ready, whether they are used or not."""
    found = related(item, "functionName", FUNCTION, "name")
    if found is None:
        raise NotPriceable("its function is not in this plan")
    ready = item.number("provisionedConcurrentExecutions")
    memory_gb = Values(found.inputs, found.name).number("memorySize", DEFAULT_MIB) / 1024
    seconds = Range.of(ready * memory_gb * item.use.hours * 3600)
    words = f"{ready:g} x {memory_gb:g} GB x {item.use.hours:g} h"
    yield item.line("provisioned concurrency", "lambda", "provisioned concurrency", seconds, words)
