"""What lies somewhere, and what is written and asked: storage, registries, vaults, logs, APIs, alerts."""

from collections.abc import Iterator, Mapping

from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.bill.model import Range

FREE_LOG_DAYS = 31
INCLUDED_GB: Mapping[str, float] = {"Basic": 10.0, "Standard": 100.0, "Premium": 500.0}
"""Images that a registry holds without extra cost: https://learn.microsoft.com/azure/container-registry/container-registry-skus"""
_MINUTES = {"PT1M": 1, "PT5M": 5, "PT10M": 10, "PT15M": 15}


def storage_account(item: Item) -> Iterator[Entry]:
    """What lies in it, by redundancy and tier."""
    kind = f"{item.text('sku.name')} {item.text('accessTier', 'Hot').lower()}"
    shown = f"{item.use.s3_gb:g} GB"
    yield item.line("storage", "storage", kind, item.monthly(item.use.s3_gb), shown)


def registry(item: Item) -> Iterator[Entry]:
    """The registry by the month, and what it holds beyond what its tier includes."""
    tier = item.text("sku.name", "Basic").capitalize()
    month = Range.of(item.use.hours / 730)
    yield item.line(f"{tier} registry", "container-registry", tier, month, "1 registry")
    extra = item.use.ecr_gb - INCLUDED_GB.get(tier, 0.0)
    if extra > 0:
        stored = item.monthly(extra)
        yield item.line("extra storage", "container-registry", "extra storage", stored, f"{extra:g} GB over the tier's")


def replication(item: Item) -> Iterator[Entry]:
    """A copy of a premium registry in another region, which costs as much again."""
    yield item.line("replica", "container-registry", "Premium", Range.of(item.use.hours / 730), "1 replica")


def vault(item: Item) -> Iterator[Entry]:
    """Calls to what is in a vault."""
    if item.text("properties.sku.name", "standard").lower() != "standard":
        yield item.unpriced("the catalogue has no price of premium vaults")
        return
    calls = item.monthly(item.use.api_calls / 10_000)
    yield item.line("calls", "key-vault", "secrets operations", calls, f"{item.use.api_calls:g} calls")


def key(item: Item) -> Iterator[Entry]:
    """A key costs by the call, which the vault counts, unless a hardware module keeps it."""
    if item.text("properties.kty", "RSA").upper().endswith("HSM"):
        yield item.unpriced("the catalogue has no price of keys in a hardware module")
    else:
        yield item.free("its vault bears the cost of calls")


def log_workspace(item: Item) -> Iterator[Entry]:
    """What is written; keeping it for 31 days costs nothing more."""
    if item.text("sku.name", "PerGB2018").lower() != "pergb2018":
        yield item.unpriced(f"the catalogue has no price of a {item.text('sku.name')} workspace")
        return
    written, shown = item.monthly(item.use.log_gb), f"{item.use.log_gb:g} GB"
    yield item.line("log ingestion", "log-analytics", "analytics logs ingestion", written, shown)
    if item.number("retentionInDays", FREE_LOG_DAYS) > FREE_LOG_DAYS:
        yield item.unpriced(f"the catalogue has no price of keeping logs over {FREE_LOG_DAYS} days", "log storage")


def application_insights(item: Item) -> Iterator[Entry]:
    """What an application tells of itself; with a workspace, that bears the cost."""
    if item.has("workspaceResourceId"):
        yield item.free("its Log Analytics workspace bears the cost")
        return
    written = item.monthly(item.use.log_gb)
    yield item.line("ingestion", "application-insights", "ingestion", written, f"{item.use.log_gb:g} GB")


def api_management(item: Item) -> Iterator[Entry]:
    """Calls in the consumption tier; units by the hour in the others."""
    tier = item.text("sku.name")
    if tier == "Consumption":
        calls = item.monthly(item.use.requests / 1e6)
        yield item.line("calls", "api-management", "consumption", calls, f"{item.use.requests:g} calls")
        return
    units = item.number("sku.capacity", 1)
    hours = item.hours * units
    yield item.line(f"{tier} units", "api-management", f"{tier} unit", hours, f"{units:g} units x {item.use.hours:g} h")


def metric_alert(item: Item) -> Iterator[Entry]:
    """One for each series that it looks at."""
    series = max(item.count("criteria.allOf"), 1)
    month = Range.of(series * item.use.hours / 730)
    yield item.line("metric alert", "monitor", "metric alert time series", month, f"{series} series")


def query_alert(item: Item) -> Iterator[Entry]:
    """A query over logs, dearer the more often it is asked."""
    often = item.text("evaluationFrequency")
    minutes = _MINUTES.get(often)
    sku = f"log alert {minutes if minutes is not None else often}-minute frequency"
    yield item.line("log alert", "monitor", sku, Range.of(item.use.hours / 730), f"1 rule, every {often}")
