"""What the shipped catalogue holds: exact prices with source and date, and no number that stands out of its family."""

import csv
import hashlib
import re
import subprocess
import sys
import time
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from modelberth_policies.prices import age_days, catalogue, coverage, find, gathered

DATA = Path(catalogue.__file__).parent / "data"
ROOT = Path(__file__).parents[3] / "policies"
HOSTING = "sagemaker-hosting"


def rows(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_list_price():
    price = find("aws", "ec2", "m5.large", "eu-central-1")
    assert (price.usd, price.unit, price.region, price.derived, price.stale) == (
        0.115,
        "hour",
        "eu-central-1",
        None,
        False,
    )
    assert price.source.startswith("github:yeo/ec2.shop")
    assert price.as_of == "2025-04-04"


def test_a_computed_price_is_marked_with_factor_and_base():
    price = find("aws", HOSTING, "ml.g5.xlarge", "eu-central-1")
    assert (price.usd, price.derived) == (1.7612, "ec2 g5.xlarge 1.258 x 1.4")
    assert price.source.startswith("computed: EC2 on-demand times 1.40; measured at 4 prices")


def test_a_listed_price_goes_before_a_computed_one():
    assert find("aws", HOSTING, "ml.g5.xlarge", "us-east-1").usd == 1.4084


@pytest.mark.parametrize(
    ("cloud", "service", "sku", "region"),
    [
        ("aws", "ec2", "m5.large", "mars-1"),
        ("aws", "ec2", "m5.large", None),
        ("aws", "ec2", "m5.large", ""),
        ("aws", "ec2", "M5.large", "eu-central-1"),
        ("aws", "eks", "cluster standard support", "eu-north-1"),
        ("aws", HOSTING, "ml.p5.48xlarge", "eu-central-1"),
        ("oracle", "ec2", "m5.large", "eu-central-1"),
    ],
)
def test_exact_or_nothing(cloud, service, sku, region):
    assert find(cloud, service, sku, region) is None


def test_a_price_of_all_regions_is_a_row_that_says_so():
    everywhere = [row for row in rows("aws") if row["region"] == "*"]
    assert {row["service"] for row in everywhere} == {"wafv2", HOSTING}
    assert find("aws", "wafv2", "rule", "ap-south-1").usd == 1
    assert find("gcp", "logging", "ingestion", "europe-west4").usd == 0.5


def test_prices_from_before_a_cut_are_marked():
    assert find("aws", HOSTING, "ml.p5.48xlarge", "us-east-1").stale
    assert not find("aws", "ec2", "p5.48xlarge", "us-east-1").stale
    assert [row.region for row in coverage("aws") if row.stale] == ["us-east-1"]


def test_p_and_trn_are_never_computed():
    computed = {
        row["sku"] for name in ("aws_derived", "gcp_derived") for row in rows(name) if row["service"] == HOSTING
    }
    assert computed
    assert not [sku for sku in computed if re.match(r"ml\.(p\d|trn)", sku)]


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
def test_every_row_has_a_price_a_source_and_a_date(cloud):
    known = {row["id"]: row["text"] for row in rows("sources")}
    found = rows(cloud)
    assert len(found) > 500
    for row in found:
        assert float(row["usd"]) > 0
        assert known[row["source"]]
        assert re.fullmatch(r"20\d\d(-\d\d){0,2}", row["as_of"])
        assert row["unit"] and row["sku"] and row["region"]
    keys = [(row["service"], row["sku"], row["region"]) for row in found]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("cloud", ["aws", "gcp"])
def test_every_computed_row_has_its_base_a_factor_and_evidence(cloud):
    known = {row["id"]: row["text"] for row in rows("sources")}
    found = rows(f"{cloud}_derived")
    assert len(found) > 50
    for row in found:
        base = find(cloud, row["base_service"], row["base_sku"], row["region"])
        price = find(cloud, row["service"], row["sku"], row["region"])
        assert price.usd == pytest.approx(base.usd * float(row["factor"]), rel=1e-6)
        assert price.derived.startswith(f"{row['base_service']} {row['base_sku']} ")
        assert known[row["source"]]


CPU_FAMILIES = re.compile(r"(ml\.)?(c5|c6g|c6i|c7g|c7i|m5|m6g|m6i|m7g|m7i|r5|r6i|t3|t4g)\.(large|\d*xlarge)")
UNITS = {"large": 4, "xlarge": 8}
"""AWS's own sizes: an xlarge is two larges, an Nxlarge N xlarges, in cores, memory and price."""


def units(size):
    return UNITS.get(size) or 8 * int(size.removesuffix("xlarge"))


def unlike_their_family(prices, tolerance):
    """Skus whose price for each unit of size differs from the median of their family and region."""
    families = defaultdict(dict)
    for (service, sku, region), usd in prices.items():
        family, _, size = sku.rpartition(".")
        families[service, family, region][sku] = usd / units(size)
    found = []
    for family in families.values():
        median = sorted(family.values())[len(family) // 2]
        found += [sku for sku, usd in family.items() if abs(usd / median - 1) > tolerance]
    return found


def cpu_prices():
    found = [coverage_row for coverage_row in rows("aws") if coverage_row["service"] in ("ec2", HOSTING)]
    return {
        (row["service"], row["sku"], row["region"]): float(row["usd"])
        for row in found
        if CPU_FAMILIES.fullmatch(row["sku"])
    }


def test_a_core_costs_the_same_throughout_a_family():
    prices = cpu_prices()
    assert len(prices) > 400
    assert unlike_their_family(prices, 0.01) == []


def test_that_would_show_a_dirty_row():
    prices = cpu_prices() | {("ec2", "m5.4xlarge", "eu-central-1"): 0.92 * 2.28}
    assert unlike_their_family(prices, 0.01) == ["m5.4xlarge"]


def test_the_manifest_is_of_these_files():
    listed = {row["file"]: row for row in rows("manifest")}
    assert listed.keys() == {path.name for path in DATA.glob("*.csv")} - {"manifest.csv", "sources.csv"}
    for name, row in listed.items():
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == row["sha256"]
        assert len(rows(name.removesuffix(".csv"))) == int(row["rows"])


def test_age_and_coverage():
    assert age_days("aws", gathered("aws") + timedelta(100)) == 100
    assert gathered("aws") >= date(2026, 11, 20)
    [hosting] = [row for row in coverage("aws") if (row.service, row.region) == (HOSTING, "us-east-1")]
    assert hosting.listed > 30 and hosting.derived > 10
    assert hosting.oldest <= hosting.newest
    assert sum(row.listed for row in coverage()) == sum(len(rows(cloud)) for cloud in ("aws", "azure", "gcp"))


def test_the_first_price_is_there_at_once_without_other_packages():
    code = (
        "import sys, time; from modelberth_policies.prices import find; start = time.process_time();"
        "find('aws', 'sagemaker-hosting', 'ml.g5.xlarge', 'eu-central-1'); print((time.process_time() - start) * 1000);"
        "print(*sys.modules)"
    )
    times = []
    for _ in range(3):
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}
        )
        milliseconds, modules = run.stdout.splitlines()
        times.append(float(milliseconds))
        assert not {"pydantic", "yaml", "pulumi"} & {name.partition(".")[0] for name in modules.split()}
    assert min(times) < 30  # 5 ms on an idle machine


def test_looking_up_is_fast_once_loaded():
    start = time.perf_counter()
    for _ in range(1000):
        find("aws", "ec2", "m5.large", "eu-central-1")
    assert time.perf_counter() - start < 0.5
