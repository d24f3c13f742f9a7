"""Looks up list prices: `find("aws", "ec2", "m5.large", "eu-central-1")`. Exact, or nothing.

There is no default region and no multiplier between regions. Two cases go beyond a row for the region itself, and both
are rows of the data too: a price that the provider states for all its regions at once (region `*`), and a price that
follows from another one of the same region by a measured factor (`Price.derived` says which).
The files are written by `tools/prices/import_prices.py`. Standard library only.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeAlias

_DATA = Path(__file__).parent / "data"
EVERYWHERE = "*"
"""Region of a price that holds in all regions of its cloud."""
CLOUDS = ("aws", "azure", "gcp")

Key: TypeAlias = tuple[str, str, str]
"""Service, sku, region."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs, in US dollars, without tax, discount or free tier."""

    usd: float
    unit: str
    sku: str
    region: str
    source: str
    """Where it was read, or from what it was computed."""
    as_of: str
    """When it held: `2026-07-20`, or only `2026-07` or `2026`."""
    derived: str | None = None
    """How it was computed: `ec2 g5.xlarge 1.258 x 1.4`. None: it is a list price."""
    stale: bool = False
    """Whether it is known to have changed since."""
    service: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the catalogue holds of one service in one region."""

    cloud: str
    service: str
    region: str
    listed: int
    derived: int
    stale: int
    oldest: str
    newest: str


def find(cloud: str, service: str, sku: str, region: str | None) -> Price | None:
    """The price of exactly this in exactly this region. None: the catalogue has none."""
    if region is None or cloud not in CLOUDS:
        return None
    listed = _listed(cloud)
    row = listed.get((service, sku, region)) or listed.get((service, sku, EVERYWHERE))
    if row is not None:
        return _price((service, sku, region), row)
    factor = _derived(cloud).get((service, sku, region))
    return None if factor is None else _computed(cloud, (service, sku, region), factor)


def _price(key: Key, row: list[str]) -> Price:
    service, sku, region = key
    source, stale = _sources()[row[5]]
    return Price(float(row[4]), row[3], sku, region, source, row[6], stale=stale, service=service)


def _computed(cloud: str, key: Key, row: list[str]) -> Price:
    service, sku, region = key
    _, _, _, base_service, base_sku, factor, source_id, as_of, note = row
    base = _listed(cloud)[base_service, base_sku, region]
    source, stale = _sources()[source_id]
    # To 10 digits: what a factor of 1.4 adds beyond that is the noise of binary fractions.
    usd = float(f"{float(base[4]) * float(factor):.10g}")
    derived = f"{base_service} {base_sku} {base[4]} x {factor}{f' ({note})' if note else ''}"
    since = min(base[6], as_of) if as_of else base[6]
    return Price(usd, base[3], sku, region, source, since, derived, stale, service)


def gathered(cloud: str) -> date:
    """The day on which the prices of a cloud were last gathered. Its rows are older: each has its own date."""
    [row] = [row for row in _rows("manifest") if row[0] == f"{cloud}.csv"]
    return date.fromisoformat(row[1])


def age_days(cloud: str, today: date) -> int:
    """How many days ago the prices of a cloud were gathered."""
    return (today - gathered(cloud)).days


def coverage(cloud: str | None = None) -> list[Coverage]:
    """What there is, by cloud, service and region, in that order. Region `*` stands for all of them."""
    return [found for each in CLOUDS if cloud in (None, each) for found in _coverage(each)]


def _coverage(cloud: str) -> Iterator[Coverage]:
    groups: dict[tuple[str, str], list[Price]] = {}
    for key, row in _listed(cloud).items():
        groups.setdefault((key[0], key[2]), []).append(_price(key, row))
    for key, row in _derived(cloud).items():
        groups.setdefault((key[0], key[2]), []).append(_computed(cloud, key, row))
    for (service, region), prices in sorted(groups.items()):
        derived = sum(price.derived is not None for price in prices)
        stale = sum(price.stale for price in prices)
        dates = sorted(price.as_of for price in prices)
        yield Coverage(cloud, service, region, len(prices) - derived, derived, stale, dates[0], dates[-1])


@cache
def _listed(cloud: str) -> dict[Key, list[str]]:
    return {(row[0], row[1], row[2]): row for row in _rows(cloud)}


@cache
def _derived(cloud: str) -> dict[Key, list[str]]:
    return {(row[0], row[1], row[2]): row for row in _rows(f"{cloud}_derived")}


@cache
def _sources() -> dict[str, tuple[str, bool]]:
    return {row[0]: (row[2], row[1] == "yes") for row in _rows("sources")}


def _rows(name: str) -> list[list[str]]:
    path = _DATA / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]
