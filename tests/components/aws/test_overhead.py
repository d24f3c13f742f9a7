"""What a component costs in resources: itself. The programs are those that `benchmarks/bench_aws.py` times."""

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SERVICES = 2


@pytest.fixture(scope="module")
def aws_plans():
    spec = importlib.util.spec_from_file_location("aws_plans", ROOT / "benchmarks" / "aws_plans.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def plans(aws_plans, tmp_path_factory):
    folder = tmp_path_factory.mktemp("overhead")
    return [aws_plans.planned(folder, program, SERVICES) for program in aws_plans.CONTENDERS]


def test_components_make_exactly_the_resources_that_are_written_by_hand(aws_plans, plans):
    # That their inputs are the same, too, is the benchmark's to check: here each change of a text would fail.
    ours, by_hand = plans
    components = {each.urn for each in aws_plans.components(ours)}
    made = [(each.type, each.name) for each in ours.resources if each.urn not in components]
    assert sorted(made) == sorted((each.type, each.name) for each in by_hand.resources)
    assert len(set(made)) == len(made)


def test_each_component_adds_one_resource_nested_ones_included(aws_plans, plans):
    ours, by_hand = plans
    components = aws_plans.components(ours)
    assert len(ours.resources) - len(by_hand.resources) == len(components)
    assert Counter(each.type.rpartition(":")[2] for each in components) == dict.fromkeys(
        ["Autoscaling", "EndpointMonitoring", "ExecutionRole", "RealtimeEndpoint"], SERVICES
    )


def test_each_component_holds_resources_of_its_own(aws_plans, plans):
    ours, _ = plans
    components = {each.urn for each in aws_plans.components(ours)}
    holding = {each.parent for each in ours.resources if each.urn not in components}
    assert holding == components
