"""Every AWS product of `every_product.py`, priced by hand."""

import pytest
from every_product import program

from modelberth_policies.bill import Assumptions, Profile, estimate
from modelberth_policies.sources.program import run_in_process

USE = Assumptions(
    busy_share=0.5,
    requests=2_000_000,
    mean_ms=100,
    log_gb=10,
    s3_gb=100,
    s3_requests=10_000,
    ecr_gb=20,
    processed_gb=40,
    capacity_units=2,
    api_calls=100_000,
    quiet=0.5,
    surge=2,
)


@pytest.fixture(scope="module")
def bill():
    return estimate(run_in_process(program, "p", "prod"), Profile("prod", USE))


HOURS = 730
MONTH_SECONDS = HOURS * 3600
USED = 2_000_000 * 0.1
"""Seconds in which functions run."""
PRICED = {
    # name, what → low, expected, worst, in dollars at the list prices of us-east-1
    ("fn", "requests"): (0.20, 0.40, 0.80),
    ("fn", "duration"): tuple(USED * 0.5 * share * 0.0000133334 for share in (0.5, 1, 2)),
    ("warm", "provisioned"): (2 * 0.5 * MONTH_SECONDS * 0.0000041667,) * 3,
    ("fenced", "duration"): tuple(part * 0.0000166667 for part in (USED / 2, USED, MONTH_SECONDS)),
    ("service", "vCPU"): tuple(count * 0.5 * HOURS * 0.04048 for count in (2, 3, 4)),
    ("service", "memory"): tuple(count * 1 * HOURS * 0.004445 for count in (2, 3, 4)),
    ("old", "control plane"): (HOURS * 0.6,) * 3,
    ("new", "control plane"): (HOURS * 0.1,) * 3,
    ("renewed", "control plane"): (HOURS * 0.1,) * 3,
    ("nodes", "g5.xlarge on demand"): tuple(count * HOURS * 1.006 for count in (1, 2, 3)),
    ("nodes", "volumes"): tuple(count * 50 * 0.08 for count in (1, 2, 3)),
    ("machine", "m5.large on demand"): (HOURS * 0.096,) * 3,
    ("machine", "root volume"): (0.8,) * 3,
    ("group", "c5.large on demand"): tuple(count * HOURS * 0.085 for count in (1, 3, 5)),
    ("disk", "gp3 volume"): (8.0,) * 3,
    ("disk", "IOPS"): (5.0,) * 3,
    ("nat", "gateway"): (32.85,) * 3,
    ("nat", "data"): (0.9, 1.8, 3.6),
    ("alb", "balancer"): (HOURS * 0.0225,) * 3,
    ("alb", "units"): tuple(share * 2 * HOURS * 0.008 for share in (0.5, 1, 2)),
    ("nlb", "units"): tuple(share * 2 * HOURS * 0.006 for share in (0.5, 1, 2)),
    ("rest", "requests"): (3.5, 7.0, 14.0),
    ("http", "requests"): (1.0, 2.0, 4.0),
    ("wall", "web ACL"): (5.0,) * 3,
    ("wall", "rules"): (2.0,) * 3,
    ("wall", "requests"): (0.6, 1.2, 2.4),
    ("logs", "ingestion"): (2.5, 5.0, 10.0),
    ("logs", "storage"): tuple(share * 10 * 12 * 0.03 for share in (0.5, 1, 2)),
    ("for-ever", "storage"): tuple(share * 10 * 12 * 0.03 for share in (0.5, 1, 2)),
    ("plain", "alarm"): (0.1,) * 3,
    ("quick", "alarm"): (0.3,) * 3,
    ("two", "alarm"): (0.2,) * 3,
    ("board", "dashboard"): (3.0,) * 3,
    ("key", "key"): (1.0, 1.0, 3.0),
    ("key", "calls"): (0.15, 0.3, 0.6),
    ("bucket", "storage"): (1.15, 2.3, 4.6),
    ("bucket", "writing"): (0.025, 0.05, 0.1),
    ("bucket", "reading"): (0.002, 0.004, 0.008),
    ("images", "storage"): (1.0, 2.0, 4.0),
    ("secret", "secret"): (0.8,) * 3,
    ("secret", "calls"): (0.25, 0.5, 1.0),
    ("cache", "valkey"): (2 * HOURS * 0.0256,) * 3,
    ("replicated", "redis"): (4 * HOURS * 0.158,) * 3,
}


@pytest.mark.parametrize(("name", "what"), PRICED)
def test_it_costs_what_the_list_says(bill, name, what):
    [line] = [line for line in bill.lines if line.urn.endswith(f"::{name}") and what in line.what]
    assert line.usd.triple == pytest.approx(PRICED[name, what])
    assert line.unit_price.region == "us-east-1"


def test_spot_costs_less_and_says_how_often_it_is_taken_away(bill):
    spot, usual = (
        next(line for line in bill.lines if line.urn.endswith(f"::{name}") and "g5.xlarge" in line.what)
        for name in ("spot-nodes", "nodes")
    )
    assert 0.1 < spot.unit_price.usd / usual.unit_price.usd < 0.9
    assert "interrupted >20% of the time" in spot.unit_price.derived


UNPRICED = {
    "address": "the catalogue has no price of public-ipv4 'in-use address' in us-east-1",
    "cached": "the catalogue has no price of a cache",
    "wall": "the catalogue has no price of this group of rules",
    "sum": "the catalogue has no price of cloudwatch 'composite alarm' in us-east-1",
    "table": "the catalogue has no prices of DynamoDB",
    "queue": "the catalogue has no price of SQS requests",
}


def test_what_has_no_price_is_listed_with_the_reason(bill):
    assert {found.urn.rpartition("::")[2]: found.reason for found in bill.unpriced} == UNPRICED


def test_what_is_free_says_why(bill):
    free = {found.urn.rpartition("::")[2]: found.reason for found in bill.free}
    assert free.keys() >= {"gateway", "stage", "on-instances", "topic", "template", "cluster", "task", "tasks"}
    assert free["gateway"] == "a gateway endpoint costs nothing"
    assert all(free.values())


def test_each_resource_is_priced_free_or_unpriced(bill):
    plan = run_in_process(program, "p", "prod")
    seen = {found.urn for group in (bill.lines, bill.free, bill.unpriced) for found in group}
    assert {resource.urn for resource in plan if resource.custom} == seen
