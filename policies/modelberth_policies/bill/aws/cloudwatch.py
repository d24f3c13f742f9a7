"""CloudWatch: logs, alarms, dashboards."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.bill.model import Range

KEPT_FOREVER_MONTHS = 12
DAYS_A_MONTH = 365 / 12


def log_group(item: Item) -> Iterator[Entry]:
    """What is written, and what is kept. Stored logs are compressed by an amount that nobody states: not counted."""
    if item.text("logGroupClass", "STANDARD") != "STANDARD":
        yield item.unpriced("the catalogue has no price of this class of log group")
        return
    days = item.number("retentionInDays", 0)
    months, words = (
        (days / DAYS_A_MONTH, f"{days:g} days") if days else (KEPT_FOREVER_MONTHS, "for ever, 12 months counted")
    )
    written = item.monthly(item.use.log_gb)
    yield item.line("log ingestion", "cloudwatch", "log ingestion", written, f"{item.use.log_gb:g} GB")
    kept = f"{item.use.log_gb:g} GB a month, kept {words}"
    yield item.line("log storage", "cloudwatch", "log archival storage", written * months, kept)


def metric_alarm(item: Item) -> Iterator[Entry]:
    """One alarm counts once for each metric that it looks at; an anomaly detector's counts three times."""
    queries = item.each("metricQueries")
    looked_at = max(sum(query.has("metric") for query in queries), 1)
    bands = 3 if item.has("thresholdMetricId") else 1
    periods = [query.under("metric").number("period", 60) for query in queries if query.has("metric")]
    shortest = min(periods, default=item.number("period", 60))
    resolution = "high" if shortest < 60 else "standard"
    quantity = Range.of(looked_at * bands * item.use.hours / 730)
    words = f"{looked_at} metrics{' x 3 of a band' if bands == 3 else ''}"
    yield item.line("alarm", "cloudwatch", f"alarm {resolution} resolution", quantity, words)


def composite_alarm(item: Item) -> Iterator[Entry]:
    """An alarm of alarms."""
    yield item.line("composite alarm", "cloudwatch", "composite alarm", Range.of(item.use.hours / 730), "1 alarm")


def dashboard(item: Item) -> Iterator[Entry]:
    """One dashboard."""
    yield item.line("dashboard", "cloudwatch", "dashboard", Range.of(item.use.hours / 730), "1 dashboard")


def metric_filter(item: Item) -> Iterator[Entry]:
    """A metric made of logs."""
    yield item.line("custom metric", "cloudwatch", "custom metric", Range.of(item.use.hours / 730), "1 metric")
