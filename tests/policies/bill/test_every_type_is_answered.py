"""No resource of our stacks and examples falls through: it is priced, free, or declared to have no price."""

import importlib.util
import sys
from pathlib import Path

import pytest
import yaml

from modelberth_policies.bill import estimate
from modelberth_policies.bill.aws import DECLARED, FREE, METERS
from modelberth_policies.sources.program import plan

ROOT = Path(__file__).parents[3]
PATHS = {"PYTHONPATH": str(ROOT / "components")}
STACKS = ("dev", "staging", "prod")
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("sagemaker-*/Pulumi.yaml"))
UNKNOWN_TYPE = "the bill does not know this type"
ACCOUNT = "123456789012"
ANSWERS = {
    "account": ACCOUNT,
    "archive": "s3://models/ranker/1.4.0/model.tar.gz",
    "baseline": "s3://models/ranker/baseline",
    "certificate": f"arn:aws:acm:eu-central-1:{ACCOUNT}:certificate/0f1e2d3c-0000-4000-8000-000000000000",
    "email": "ml@example.com",
    "image": f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/serving@sha256:{'3c' * 32}",
    "key": f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/0f1e2d3c-0000-4000-8000-000000000000",
    "model": "s3://models/ranker/1.4.0/",
    "model_group": "sg-0123456789abcdef0",
    "models": "s3://models/ranker/",
    "name": "models.example.com",
    "subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "vpc": "vpc-0123456789abcdef0",
    "zone": "Z0123456789ABCDEFGHIJ",
}


def answered(planned):
    """Resources that the bill says nothing of, or nothing but that it does not know their type."""
    bill = estimate(planned)
    seen = {found.urn for group in (bill.lines, bill.free, bill.unpriced) for found in group}
    managed = {resource.urn for resource in planned if resource.custom and not resource.external}
    strangers = sorted({found.type for found in bill.unpriced if found.reason == UNKNOWN_TYPE})
    return sorted(managed - seen), strangers


@pytest.mark.parametrize("stack", STACKS)
def test_no_resource_of_a_stack_falls_through(stack):
    planned = plan(ROOT, stack, python=sys.executable, env=PATHS)
    assert len(planned) > 50
    assert answered(planned) == ([], [])


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_no_resource_of_an_example_falls_through(folder):
    asked = yaml.safe_load((folder / "Pulumi.yaml").read_text())["config"]
    config = {key: value for key, value in ANSWERS.items() if key in asked}
    assert answered(plan(folder, "dev", config=config, python=sys.executable, env=PATHS)) == ([], [])


def test_prod_has_a_price_for_everything_and_no_worst_case_without_limit():
    bill = estimate(plan(ROOT, "prod", python=sys.executable, env=PATHS))
    assert bill.unpriced == ()
    assert 0 < bill.total.low < bill.total.expected < bill.total.worst < 5000
    assert len(bill.rollouts) == 1
    assert {"iris", "shared"} == set(bill.by_service())


def test_every_type_that_the_bill_names_exists():
    source = importlib.util.find_spec("pulumi_aws").origin
    registered = Path(source).read_text(encoding="utf-8")
    named = {*METERS, *DECLARED, *FREE}
    missing = [
        type_ for type_ in named if f'"{type_}"' not in registered and f'"mod": "{module_of(type_)}' not in registered
    ]
    assert missing == []


def module_of(type_):
    """`aws:iam` names a module; a full type is never one."""
    return type_.removeprefix("aws:") + "/" if type_.count(":") == 1 else "\0"


def test_no_type_has_two_answers():
    assert not set(METERS) & set(FREE)
    assert not set(DECLARED) & (set(METERS) | set(FREE))
