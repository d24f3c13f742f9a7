"""Names of what a version has: valid, one for each, and refused where Kubernetes would not take them."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from modelberth.core.errors import ConfigError
from modelberth.core.model import SEMANTIC_VERSION
from modelberth.kubernetes.manifest import Place, slug, unnameable, version_name

DNS_LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
PLACE = Place("models", "ranker")
versions = st.from_regex(SEMANTIC_VERSION, fullmatch=True)

STEADY = settings(derandomize=True, deadline=None)


@STEADY
@given(versions)
def test_a_name_is_a_host_name_or_there_is_a_reason(version):
    why = unnameable("ranker", version)
    if why is None:
        assert DNS_LABEL.fullmatch(version_name(PLACE, version))
    else:
        assert all(why)


@STEADY
@given(versions, versions)
def test_two_versions_have_two_names(one, other):
    assume(one != other and "-" in one and "-" in other)
    assert slug(one) != slug(other)


@STEADY
@given(st.tuples(*[st.integers(0, 10**6)] * 3))
def test_a_release_has_its_numbers_and_nothing_else(numbers):
    assert slug(".".join(map(str, numbers))) == "-".join(map(str, numbers))


@pytest.mark.parametrize(
    ("instance", "version", "fault"),
    [
        ("ranker", "1.0.0-" + "x" * 60, "'1.0.0-" + "x" * 60 + "' cannot be a label, allowed are 63 letters, digits, "
         "'.', '_' and '-', a letter or digit at both ends; give it another version"),
        ("ranker", "1.0.0-rc.", "'1.0.0-rc.' cannot be a label, allowed are 63 letters, digits, '.', '_' and '-', "
         "a letter or digit at both ends; give it another version"),
        ("r" * 40, "1.0.0-a-very-long-prerelease", f"the name {'r' * 40}--{slug('1.0.0-a-very-long-prerelease')} has "
         "75 characters, allowed are 63; shorten the service's name or the version"),
    ],
)  # fmt: skip
def test_a_version_that_can_have_no_name_is_refused(instance, version, fault):
    with pytest.raises(ConfigError) as error:
        version_name(Place("models", instance), version)
    assert [str(each) for each in error.value.faults] == [f"version: {fault}"]
