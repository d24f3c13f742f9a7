"""What the component costs in resources: itself. The programs are those that `benchmarks/bench_kubernetes.py` times."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
SERVICES = 2
PROGRAMS = ("kubernetes_component", "kubernetes_by_hand")


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("aws_plans", ROOT / "benchmarks" / "aws_plans.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("overhead")
    return [module.planned(folder, program, SERVICES) for program in PROGRAMS]


def test_the_component_makes_exactly_the_objects_that_are_written_by_hand(plans):
    ours, by_hand = ({(each.type, each.name) for each in plan if each.custom} for plan in plans)
    assert ours == by_hand
    assert len(ours) == 11 * SERVICES


def test_it_adds_one_resource_for_each_service(plans):
    ours, by_hand = plans
    assert len(ours.resources) - len(by_hand.resources) == SERVICES
