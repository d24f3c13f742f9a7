"""The numbers that the documentation shows, from the catalogue and by hand."""

import pytest
from bill_plans import amount, bill_of, endpoint, made, the_line, variant


@pytest.mark.parametrize(
    ("kind", "count", "region", "usd"),
    [
        ("ml.m5.large", 2, "us-east-1", 167.90),
        ("ml.g5.xlarge", 1, "us-east-1", 1028.13),
        ("ml.g5.xlarge", 1, "eu-central-1", 1285.68),
        ("ml.m5.large", 2, "eu-central-1", 201.48),
    ],
)
def test_a_month_of_instances(kind, count, region, usd):
    bill = bill_of(*endpoint(variant(kind, count)), region=region)
    assert amount(bill, kind) == (usd, usd, usd)


def test_a_computed_price_says_from_what():
    line = the_line(bill_of(*endpoint(variant("ml.g5.xlarge")), region="eu-central-1"), "ml.g5.xlarge")
    assert line.unit_price.derived == "ec2 g5.xlarge 1.258 x 1.4"
    assert the_line(bill_of(*endpoint(variant("ml.g5.xlarge"))), "ml.g5.xlarge").unit_price.derived is None


def test_a_nat_gateway():
    assert amount(bill_of(made("aws:ec2/natGateway:NatGateway")), "gateway") == (32.85, 32.85, 32.85)


def test_three_interface_endpoints_in_two_zones():
    endpoints = [
        made("aws:ec2/vpcEndpoint:VpcEndpoint", name, vpcEndpointType="Interface", subnetIds=["a", "b"])
        for name in ("ecr", "logs", "sts")
    ]
    lines = [line for line in bill_of(*endpoints).lines if line.what == "endpoint"]
    assert round(sum(line.usd.expected for line in lines), 2) == 43.80
