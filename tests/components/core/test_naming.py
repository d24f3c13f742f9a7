"""Physical names are valid where they go, the same every time, and different for different things."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelberth.core import naming
from modelberth.core.errors import ConfigError
from modelberth.core.naming import RULES, physical_name, validate_logical_name

# The same samples at every run, and no clock: other people's work may slow the machine.
STEADY = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LOGICAL = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True)
STACK = st.from_regex(r"[A-Za-z0-9_.-]{1,30}", fullmatch=True)
SUFFIX = st.from_regex(r"[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,2}", fullmatch=True)
RULE = st.sampled_from(sorted(RULES))
PARTS = st.tuples(LOGICAL, STACK, SUFFIX)

# The providers' own patterns, written down apart from the rules: where both agree, neither has slipped.
PROVIDER_PATTERNS = {
    "aws-ecr-repository": r"(?=.{2,205}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*",
    "aws-iam-role": r"[\w+=,.@-]{1,64}",
    "aws-s3-bucket": r"(?!xn--|sthree-|amzn-s3-demo-)(?=.{3,63}$)[a-z0-9][a-z0-9.-]+[a-z0-9](?<!-s3alias)(?<!--ol-s3)",
    "aws-sagemaker-endpoint": r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    "aws-sagemaker-endpoint-config": r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    "aws-sagemaker-model": r"(?=.{1,63}$)[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?",
    "azure-container-app": r"(?=.{2,32}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
    "azure-container-registry": r"[a-zA-Z0-9]{5,50}",
    "azure-key-vault": r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]",
    "azure-ml-deployment": r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]",
    "azure-ml-endpoint": r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]",
    "azure-ml-workspace": r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}",
    "azure-storage-account": r"[a-z0-9]{3,24}",
    "gcp-cloud-run-service": r"[a-z]([a-z0-9-]{0,47}[a-z0-9])?",
    "gcp-service-account": r"(?=.{6,30}$)[a-z]([-a-z0-9]*[a-z0-9])",
    "gcp-storage-bucket": r"(?!goog)[a-z0-9][a-z0-9_.-]{1,61}[a-z0-9]",
    "kubernetes-object": r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
    "kubernetes-service": r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?",
    "local": r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
}


def test_every_rule_has_a_provider_pattern_and_a_source() -> None:
    assert PROVIDER_PATTERNS.keys() == RULES.keys()
    assert all(rule.source for rule in RULES.values())


@STEADY
@given(PARTS, RULE)
def test_a_name_is_always_valid_for_its_target(parts: tuple[str, str, str], rule: str) -> None:
    logical, stack, suffix = parts
    for name in [physical_name(logical, stack, rule, suffix), *_without_suffix(logical, stack, rule)]:
        assert RULES[rule].accepts(name)
        assert re.fullmatch(PROVIDER_PATTERNS[rule], name)


def _without_suffix(logical: str, stack: str, rule: str) -> list[str]:
    return [] if RULES[rule].shared_with else [physical_name(logical, stack, rule)]


@STEADY
@given(st.lists(PARTS, min_size=2, max_size=20, unique=True), RULE)
def test_different_words_give_different_names(triples: list[tuple[str, str, str]], rule: str) -> None:
    assert len({physical_name(logical, stack, rule, suffix) for logical, stack, suffix in triples}) == len(triples)


# Few letters and many hyphens: where joining alone would make one name of two triples.
@STEADY
@given(
    st.lists(
        st.tuples(
            st.from_regex(r"a(-[ab]){0,2}", fullmatch=True),
            st.from_regex(r"[aAb](-a|_a){0,2}", fullmatch=True),
            st.none() | st.from_regex(r"[ab](-[ab])?", fullmatch=True),
        ),
        min_size=2,
        max_size=40,
        unique=True,
    ),
    st.sampled_from(sorted(name for name, rule in RULES.items() if not rule.shared_with)),
)
def test_hyphens_do_not_make_one_name_of_two(triples: list[tuple[str, str, str | None]], rule: str) -> None:
    assert len({physical_name(logical, stack, rule, suffix) for logical, stack, suffix in triples}) == len(triples)


@STEADY
@given(LOGICAL, st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True), SUFFIX)
def test_a_name_that_fits_stays_readable(logical: str, stack: str, suffix: str) -> None:
    assert physical_name(logical, stack, "kubernetes-object") == f"{stack}-{logical}"
    assert (
        physical_name(logical[:8].rstrip("-"), stack, "local", suffix) == f"{stack}-{logical[:8].rstrip('-')}--{suffix}"
    )


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("ranker", "prod", "aws-sagemaker-endpoint"), "prod-ranker"),
        (("ranker", "prod", "aws-iam-role", "runtime"), "prod-ranker--runtime"),
        (("ranker", "prod-eu", "aws-iam-role"), "prod-eu-ranker-xoqdm4tl"),
        (("ranker", "prod", "azure-storage-account", "capture"), "prodrankercapturnopqikzb"),
    ],
)
def test_names_do_not_change_between_releases(arguments: tuple[str, ...], name: str) -> None:
    # A changed name replaces a live resource: whoever changes this table writes an alias and a line in CHANGELOG.md.
    assert physical_name(*arguments) == name


def test_a_long_name_keeps_its_beginning_and_ends_in_a_hash() -> None:
    name = physical_name("fraud-detection-for-card-payments", "production", "azure-ml-deployment")
    assert name.startswith("production-fraud-detect")
    assert len(name) == 32


@pytest.mark.parametrize("name", ["", "Ranker", "1ranker", "-ranker", "ranker-", "a--b", "a_b", "é", "a" * 41, "a\n"])
def test_what_is_no_logical_name_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case letters") as caught:
        validate_logical_name(name)
    assert len(name) < 3 or name not in str(caught.value)


@STEADY
@given(LOGICAL)
def test_a_logical_name_is_given_back(name: str) -> None:
    assert validate_logical_name(name) == name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Ranker", "dev", "local"), "logical: got 6 characters"),
        (("ranker", "org/project/dev", "local"), "stack: got 'org/project/dev'.*pass pulumi.get_stack"),
        (("ranker", "dev", "local", "A"), "suffix: got 'A'"),
        (("ranker", "dev", "aws-s3-buckt"), "rule: got 'aws-s3-buckt'.*did you mean 'aws-s3-bucket'"),
        (("ranker", "dev", "aws-s3-bucket"), "suffix: got none.*account or project"),
    ],
)
def test_an_error_says_what_is_wrong_and_what_to_do(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        physical_name(*arguments)


def test_a_service_rule_is_data_that_refuses_unknown_fields() -> None:
    with pytest.raises(ValueError, match="Extra inputs"):
        naming.NameRule.model_validate({"max_length": 20, "source": "x", "maximum": 1})
