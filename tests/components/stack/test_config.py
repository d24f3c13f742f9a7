"""What a stack's configuration means when it is right: its defaults, its labels, that it cannot be changed."""

import pytest

from modelberth.core.errors import ConfigError
from modelberth.stack.config import Pins, StackConfig, labels_of, parse_stack

SERVICE = {"on": "local", "model": {"uri": "models:/iris/1.0.0"}}
STACK = {"owner": "platform", "cost_centre": "0000", "services": {"iris": SERVICE}}


def test_labels_come_from_the_stack_and_the_service():
    config = parse_stack({**STACK, "services": {"iris": {**SERVICE, "data": {"classification": "restricted"}}}}, "dev")
    assert labels_of(config, "dev", "iris", "flower", "1.0.0").model_dump(exclude_defaults=True) == {
        "owner": "platform",
        "environment": "dev",
        "cost_centre": "0000",
        "service": "iris",
        "model": "flower",
        "version": "1.0.0",
        "data_classification": "restricted",
    }


def test_left_out_fields_have_the_documented_values():
    config = StackConfig.parse(STACK)
    assert (config.profile, config.edits, config.foundation) == ("dev", "numbered", {})
    assert Pins.parse({}).digests == {}


def test_a_parsed_configuration_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        parse_stack(STACK, "dev").owner = "me"


def test_a_fault_is_a_configuration_error_with_its_parts():
    with pytest.raises(ConfigError) as error:
        parse_stack({**STACK, "edits": "x"}, "dev")
    assert [(fault.path, fault.what) for fault in error.value.faults] == [
        ("modelberth:stack.edits", "input should be 'numbered' or 'free'")
    ]
