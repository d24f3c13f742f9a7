"""`tools/prices/import_prices.py`: a new list in, a catalogue out, and one message for a list that it cannot use."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from modelberth_policies.prices import catalogue

SCRIPT = Path(__file__).parents[3] / "tools/prices/import_prices.py"
HEADER = "cloud,service,sku,region,unit,usd,source,as_of\n"
LIST = HEADER + (
    "aws,ec2,m5.large,eu-west-1,hour,0.107,list A,2025-04-04\n"
    "aws,ec2,g5.xlarge,eu-west-1,hour,1.123,list A,2025-04-04\n"
    "aws,sagemaker-hosting,ml.m5.large,eu-west-1,hour,0.13,list B,2026-01\n"
    "aws,ebs,Storage General Purpose gp2 GB Mo,eu-west-1,GB-month,0.11,list A,undated\n"
    "gcp,logging,ingestion,global,GiB,0.5,list C [treat as stale],2024-07-01\n"
    "gcp,cloud-run,requests,a-1/b-2 (tier 1),1M requests,0.4,list C,2025\n"
)


def run(tmp_path, *texts, spot=""):
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"list{number}.csv")
        paths[-1].write_text(text)
    extra = []
    if spot:
        (tmp_path / "spot.csv").write_text(spot)
        extra = ["--spot", str(tmp_path / "spot.csv")]
    command = [sys.executable, str(SCRIPT), "--gathered", "2026-11-20", "--into", str(tmp_path / "data"), *extra]
    return subprocess.run([*command, *map(str, paths)], capture_output=True, text=True)


@pytest.fixture
def imported(tmp_path, monkeypatch):
    """The catalogue of some lists, in place of the shipped one."""

    def build(*texts, **others):
        done = run(tmp_path, *texts, **others)
        assert done.returncode == 0, done.stderr
        monkeypatch.setattr(catalogue, "_DATA", tmp_path / "data")
        for cached in (catalogue._listed, catalogue._derived, catalogue._sources):
            cached.cache_clear()
        return catalogue

    yield build
    for cached in (catalogue._listed, catalogue._derived, catalogue._sources):
        cached.cache_clear()


def test_rows_names_regions_dates_and_factors(imported):
    found = imported(LIST)
    assert found.find("aws", "ebs", "gp2 storage", "eu-west-1").as_of == "2026-11-20"
    assert found.find("gcp", "cloud-run", "requests", "b-2").usd == 0.4
    assert found.find("gcp", "logging", "ingestion", "anywhere").stale
    assert found.find("aws", "sagemaker-hosting", "ml.g5.xlarge", "eu-west-1").usd == 1.5722
    assert found.find("aws", "sagemaker-hosting", "endpoint storage", "eu-west-1").usd == 0.154
    assert found.find("aws", "sagemaker-hosting", "ml.m5.large", "eu-west-1").derived is None


def test_the_younger_of_two_rows_wins_then_the_later(imported):
    newer = (
        HEADER + "aws,ec2,m5.large,eu-west-1,hour,0.2,list D,2026-05\naws,ec2,g5.xlarge,eu-west-1,hour,9,list D,2024\n"
    )
    found = imported(LIST, newer)
    assert found.find("aws", "ec2", "m5.large", "eu-west-1").usd == 0.2
    assert found.find("aws", "ec2", "g5.xlarge", "eu-west-1").usd == 1.123


def test_spot_is_computed_from_what_is_listed(imported):
    spot = (
        "region,instance_type,os,savings_over_on_demand_pct,interruption_frequency,source,as_of\n"
        "eu-west-1,g5.xlarge,Linux,60,>20%,advisor,2025-07-28\neu-west-1,p9.big,Linux,60,>20%,advisor,2025-07-28\n"
    )
    found = imported(LIST, spot=spot)
    price = found.find("aws", "ec2-spot", "g5.xlarge", "eu-west-1")
    assert (price.usd, price.derived) == (0.4492, "ec2 g5.xlarge 1.123 x 0.4 (interrupted >20% of the time)")
    assert found.find("aws", "ec2-spot", "p9.big", "eu-west-1") is None


def test_one_change_is_a_diff_of_one_line(tmp_path):
    run(tmp_path, LIST)
    before = (tmp_path / "data/aws.csv").read_text().splitlines()
    run(tmp_path, LIST.replace("0.107", "0.108"))
    after = (tmp_path / "data/aws.csv").read_text().splitlines()
    assert len(set(after) - set(before)) == len(set(before) - set(after)) == 1
    with (tmp_path / "data/aws_derived.csv").open() as file:
        assert [row["base_sku"] for row in csv.DictReader(file)].count("m5.large") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cloud,service\naws,ec2\n", "list0.csv: lacks the columns as_of, region, sku, source, unit, usd"),
        (HEADER + "aws,ec2,m5.large,eu-west-1,hour,free,list,2026\n", "list0.csv:2: 'm5.large' needs a source, a unit"),
        (HEADER + "aws,ec2,m5.large,eu-west-1,hour,0,list,2026\n", "a price above 0"),
        (HEADER + "aws,ec2,m5.large,eu-west-1,hour,0.1,,2026\n", "needs a source"),
    ],
)
def test_a_list_that_cannot_be_used_gets_one_message(tmp_path, text, message):
    done = run(tmp_path, text)
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()
