"""What lies somewhere: buckets, images, logs, keys and secrets. How much is an assumption."""

import re
from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item, Values
from modelberth_policies.bill.model import Range
from modelberth_policies.bill.related import related
from modelberth_policies.resources import read_text

KEY_RING = "gcp:kms/keyRing:KeyRing"
FREE_LOG_DAYS = 30
SECONDS_A_YEAR = 365 * 86_400
_LOCATION = re.compile(r"/locations/([^/]+)/")


def bucket(item: Item) -> Iterator[Entry]:
    """Storage of the bucket's class; the catalogue has no price of the requests to it."""
    kind = item.text("storageClass", "STANDARD").lower()
    stored = item.monthly(item.use.s3_gb)
    yield item.line("storage", "cloud-storage", f"{kind} storage", stored, f"{item.use.s3_gb:g} GiB")
    yield item.unpriced("the catalogue has no price of requests to buckets", "requests")


def repository(item: Item) -> Iterator[Entry]:
    """Images in a repository; one that only joins others holds nothing."""
    if item.text("mode", "STANDARD_REPOSITORY") == "VIRTUAL_REPOSITORY":
        yield item.free("a virtual repository holds nothing itself")
        return
    stored = item.monthly(item.use.ecr_gb)
    yield item.line("storage", "artifact-registry", "storage", stored, f"{item.use.ecr_gb:g} GB")


def log_bucket(item: Item) -> Iterator[Entry]:
    """What is written. Keeping it for 30 days costs nothing more."""
    item.region = item.text("location", "global")  # one price everywhere, so `global` is a region here
    yield item.line("log ingestion", "logging", "ingestion", item.monthly(item.use.log_gb), f"{item.use.log_gb:g} GiB")
    days = item.number("retentionDays", FREE_LOG_DAYS)
    if days > FREE_LOG_DAYS:
        yield item.unpriced(f"the catalogue has no price of keeping logs over {FREE_LOG_DAYS} days", "log storage")


def key(item: Item) -> Iterator[Entry]:
    """The versions of a key by the month, and the calls to it. A rotation adds a version that stays."""
    item.region = _region_of_key(item)
    share = item.use.hours / 730
    rotated = _rotations(item)
    level = item.text("versionTemplate.protectionLevel", "SOFTWARE").lower()
    versions = Range(share, share, share * (1 + rotated))
    shown = f"1 version, at worst those of a year's {rotated} rotations too" if rotated else "1 version"
    yield item.line("key versions", "kms", f"{level} key version", versions, shown)
    if level == "software":
        calls = item.monthly(item.use.api_calls / 10_000)
        yield item.line("calls", "kms", "operations", calls, f"{item.use.api_calls:g} calls")


def _rotations(item: Item) -> int:
    if not item.has("rotationPeriod"):
        return 0
    seconds = Values({"rotationPeriod": item.text("rotationPeriod").removesuffix("s")}).number("rotationPeriod")
    return int(SECONDS_A_YEAR // seconds) if seconds else 0


def _region_of_key(item: Item) -> str | None:
    """A key is where its ring is: nowhere else does it say so."""
    found = _LOCATION.search(str(read_text(item.whole, "keyRing")[0]))
    if found is not None:
        return found.group(1)
    ring = related(item, "keyRing", KEY_RING, "name")
    return None if ring is None else Values(ring.inputs, "the key ring's").text("location").lower()


def secret(item: Item) -> Iterator[Entry]:
    """One active version in each place that holds it, and the calls to it."""
    for place in _places(item):
        item.region = place
        where = f" in {place}" if item.has("replication.userManaged") else ""
        share = Range.of(item.use.hours / 730)
        yield item.line(f"active version{where}", "secret-manager", "active version", share, "1 version")
    calls = item.monthly(item.use.api_calls / 10_000)
    yield item.line("calls", "secret-manager", "access operations", calls, f"{item.use.api_calls:g} calls")


def _places(item: Item) -> list[str | None]:
    if item.has("replication.userManaged"):
        return [each.text("location").lower() for each in item.each("replication.userManaged.replicas")]
    return [item.region]
