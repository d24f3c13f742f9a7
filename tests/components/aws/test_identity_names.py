"""Names in AWS of children whose names in Pulumi may be longer than a logical one."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from modelberth.aws.identity import name_in_aws
from modelberth.core.errors import ConfigError
from modelberth_policies.sources.program import run_in_process

WORDS = st.lists(st.from_regex(r"[a-z][a-z0-9]{0,11}", fullmatch=True), min_size=1, max_size=8).map("-".join)


def named(name, suffix=None):
    found = []
    run_in_process(lambda: found.append(name_in_aws(name, "aws-iam-role", suffix)), stack="prod")
    return found[0]


@settings(max_examples=30, deadline=None)
@given(WORDS, WORDS)
def test_two_children_never_share_a_name_and_every_name_fits(one, other):
    assume(one != other)
    names = [named(one), named(other)]
    assert names[0] != names[1]
    assert all(len(name) <= 64 for name in names)


def test_a_suffix_comes_after_what_was_cut_off():
    assert named("ranker", "123456789012") == "prod-ranker--123456789012"
    assert named("ranker") == "prod-ranker"


def test_a_name_in_one_word_that_is_too_long_is_refused():
    with pytest.raises(ConfigError) as error:
        named("a" * 41)
    assert [str(fault) for fault in error.value.faults] == [
        "logical: got 41 characters that are no name; write lower-case letters, digits and single hyphens, a letter "
        "first, 40 characters at most"
    ]
