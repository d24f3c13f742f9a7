"""Names follow content: the same content finds the old name again, another one never meets it."""

import pulumi
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.sagemaker import content_names
from modelberth.core.naming import RULES
from modelberth_policies.sources.program import run_in_process

CONTENT = st.dictionaries(st.text(min_size=1), st.integers() | st.text() | st.lists(st.integers()), max_size=4)


@given(CONTENT, CONTENT)
def test_another_content_is_another_name_and_the_same_the_same(first, second):
    names = content_names.logical("ranker", first), content_names.logical("ranker", second)
    assert (names[0] == names[1]) == (first == second)
    assert content_names.logical("ranker", dict(reversed(first.items()))) == names[0]


def test_what_only_the_cloud_knows_does_not_change_the_name_in_pulumi_but_the_one_in_aws():
    found = {}

    def program():
        for key in ("one", "two"):
            content = {"kms": pulumi.Output.from_input(key), "plain": [1, {"a": "b"}]}
            found[key] = content_names.logical("ranker", content)
            content_names.physical("ranker", "aws-sagemaker-model", content, found[key]).apply(
                lambda name, key=key: found.__setitem__(f"{key} in AWS", name)
            )

    run_in_process(program)
    assert found["one"] == found["two"]
    assert found["one in AWS"] != found["two in AWS"]
    assert RULES["aws-sagemaker-model"].accepts(found["one in AWS"])
