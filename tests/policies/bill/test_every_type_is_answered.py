"""What the bill of AWS names is there, and named once. That nothing of ours falls through: tests/contracts."""

import importlib.util
from pathlib import Path

from modelberth_policies.bill.aws import DECLARED, FREE, METERS


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
