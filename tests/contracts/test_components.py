"""Promises about every component: how much it asks for, how much it makes, and what its type is called."""

import importlib
import inspect
from collections import defaultdict

import pytest
from contracts.component_kinds import MOST_KINDS, kinds_in
from contracts.test_imports import MODULES

from docs.answers import around, foundation_of, outcome, service_of
from modelberth.core.component import Component
from modelberth.core.config import Config
from modelberth.stack import targets
from modelberth_policies.sources.program import run_in_process

MOST_FIELDS = 12


def classes(base):
    """Every class of ours below a base, wherever it is."""
    found = {}
    for name in MODULES:
        for value in vars(importlib.import_module(name)).values():
            own = inspect.isclass(value) and value.__module__ == name
            if own and issubclass(value, base) and value is not base:
                found[value.__qualname__] = value
    return found


COMPONENTS = classes(Component)
ARGUMENTS = {name: model for name, model in classes(Config).items() if name.removesuffix("Args") in COMPONENTS}


def test_there_are_components_and_arguments():
    assert COMPONENTS.keys() >= {"LocalEndpoint", "AwsFoundation", "RealtimeEndpoint", "RestFrontDoor"}
    assert ARGUMENTS.keys() >= {"LocalEndpointArgs", "RealtimeEndpointArgs"}


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_a_component_asks_for_few_things(name):
    assert len(ARGUMENTS[name].model_fields) <= MOST_FIELDS


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_a_component_is_made_of_a_name_its_arguments_and_options(name):
    first, *others = inspect.signature(COMPONENTS[name].__init__).parameters
    assert (first, others) == ("self", ["name", "args", "opts"])


def test_no_two_components_have_the_same_type():
    homes = defaultdict(set)
    for module in MODULES:
        for value in vars(importlib.import_module(module)).values():
            if inspect.isclass(value) and issubclass(value, Component) and value is not Component:
                homes[value.__name__].add(value.__module__)
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


@pytest.mark.parametrize("on", targets.TARGETS)
def test_a_component_of_a_target_makes_few_kinds_of_things(on):
    def program():
        target, foundation = targets.load(on), foundation_of(on)
        made = outcome(service_of(on, around(on, "native")), target, foundation)
        target.create("sample", made, foundation)

    found = kinds_in(run_in_process(program))
    assert {key: kinds for key, kinds in found.items() if len(kinds) > MOST_KINDS} == {}
    assert any(key.endswith("Endpoint::sample") for key in found)
