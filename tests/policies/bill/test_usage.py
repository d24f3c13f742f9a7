"""`policies/usage.yaml`: what it may say, and what is said where it is wrong."""

import re
from dataclasses import fields

import jsonschema
import pytest
from bill_plans import made, plan_of

from modelberth_policies.bill import Assumptions, estimate
from modelberth_policies.bill.assumptions import ENVIRONMENTS
from modelberth_policies.configuration import ConfigurationError
from modelberth_policies.usage import Usage, Values, load_usage, schema

TEXT = """\
environments:
  prod: {requests: 20000000, busy_share: 0.5}
  lab: {stacks: ["lab-*"], hours: 200}
overrides:
  - {urn: "*::ranker*", requests: 80000000}
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        (tmp_path / "usage.yaml").write_text(text)
        return tmp_path / "usage.yaml"

    return write


def test_without_a_file_the_built_in_assumptions_hold():
    profile = load_usage(None).of_stack("dev")
    assert (profile.environment, profile.base) == ("dev", ENVIRONMENTS["dev"])


def test_values_of_an_environment_go_before_the_built_in_ones(file):
    usage = load_usage(file(TEXT))
    assert usage.of_stack("prod").base.requests == 20_000_000
    assert usage.of_stack("org/shop/prod").base.mean_ms == ENVIRONMENTS["prod"].mean_ms
    assert usage.of_stack("dev").base == ENVIRONMENTS["dev"]
    assert (usage.of_stack("lab-1").environment, usage.of_stack("lab-1").base.hours) == ("lab", 200)


def test_an_override_reaches_the_bill(file):
    bill = estimate(plan_of(made("aws:apigateway/restApi:RestApi", "ranker")), load_usage(file(TEXT)))
    assert bill.lines[0].quantity.expected == 80
    assert bill.unused_overrides == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("environments:\n  prod: {request: 5}\n", r":2: environments\.prod\.request: is no field"),
        (
            "environments:\n  prod:\n    busy_share: 2\n",
            r":3: environments\.prod\.busy_share: .*less than or equal to 1",
        ),
        ("overrides:\n  - {requests: 5}\n", r":2: overrides\.0\.urn: must be given"),
        ("environments:\n  prod: {surge: .inf}\n", r":2: environments\.prod\.surge: "),
        ("environments:\n  prod: {hours: 9999}\n", r":2: environments\.prod\.hours: .*744"),
        ("overrides: [\n", r":2: is no YAML"),
    ],
)
def test_a_broken_file_names_its_line_and_field(file, text, message):
    with pytest.raises(ConfigurationError) as info:
        load_usage(file(text))
    assert re.search(message, str(info.value))
    assert len(str(info.value).splitlines()) == 1


def test_every_assumption_can_be_set_and_states_its_default():
    assert set(Values.model_fields) == {field.name for field in fields(Assumptions)}
    for name, field in Values.model_fields.items():
        assert field.description, name
        stated = re.findall(r"\d[\d.,]*", field.description.partition("Left out: ")[2])
        numbers = {float(text.strip(".,").replace(",", "")) for text in stated}
        numbers |= {number * 1e6 for number in numbers}
        assert {getattr(values, name) for values in ENVIRONMENTS.values()} - {None} <= numbers, name


def test_the_schema_takes_what_the_model_takes():
    validator = jsonschema.Draft202012Validator(schema())
    assert validator.is_valid({"environments": {"prod": {"requests": 5}}, "overrides": [{"urn": "*", "hours": 1}]})
    assert not validator.is_valid({"environments": {"prod": {"request": 5}}})
    assert Usage.model_validate({}) == Usage()
