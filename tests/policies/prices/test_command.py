"""`modelberth prices`: age and coverage, for people and for programs."""

import argparse
import json
from datetime import timedelta

import pytest

from modelberth.cli import prices
from modelberth.core.errors import ModelberthError
from modelberth_policies.prices import coverage, gathered


def run(capsys, *arguments):
    parser = argparse.ArgumentParser()
    prices.add_to(parser.add_subparsers())
    chosen = parser.parse_args(["prices", *arguments])
    chosen.run(chosen)
    return capsys.readouterr().out


def test_it_lists_age_services_and_regions(capsys):
    out = run(capsys, "--cloud", "aws", "--region", "eu-central-1")
    assert out.startswith(f"aws: gathered {gathered('aws')}, ")
    [line] = [line for line in out.splitlines() if " ec2 " in line]
    assert line.split() == ["aws", "ec2", "eu-central-1", "170", "0", "0", "2025-04-04", "2025-04-04"]
    assert any(line.split()[1:3] == ["wafv2", "*"] for line in out.splitlines() if "wafv2" in line)
    assert "us-east-1" not in out


def test_its_age_is_in_days():
    text = prices.as_text(coverage("gcp"), gathered("gcp") + timedelta(91))
    assert "gcp: gathered 2026-11-20, 91 days ago" in text.splitlines()[0]


def test_json_is_for_programs(capsys):
    found = json.loads(run(capsys, "--service", "sagemaker-hosting", "--format", "json"))
    assert found["gathered"].keys() == {"aws"}
    assert {row["service"] for row in found["coverage"]} == {"sagemaker-hosting"}


@pytest.mark.parametrize(("option", "name"), [("--cloud", "oracle"), ("--service", "lambada"), ("--region", "mars")])
def test_an_unknown_name_gets_one_message_with_the_known_ones(capsys, option, name):
    with pytest.raises(ModelberthError, match=f"{option}: the catalogue has no prices of '{name}'; it has .*a"):
        run(capsys, option, name)
