"""Every cloud gets labels that it accepts, and nothing is lost without a word."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelberth.core.errors import ConfigError
from modelberth.core.labels import KUBERNETES_PREFIX, REQUIRED, RULES, Labels, render

# The same samples at every run, and no clock: other people's work may slow the machine.
STEADY = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ONE_LINE = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]), min_size=1)
VALUE = ONE_LINE.map(lambda text: text[:256]).filter(lambda text: not text.lower().startswith("aws:"))
# No key that some cloud keeps for itself.
KEY = st.from_regex(r"x(-[a-z0-9]{1,20}|[._][A-Z0-9]{1,20}){0,5}", fullmatch=True)
LONG_KEY = st.from_regex(r"x[a-z]{40,119}", fullmatch=True)
DATA = st.sampled_from(["public", "internal", "confidential", "restricted"])

LABELS = st.builds(
    Labels,
    owner=VALUE,
    environment=VALUE,
    cost_centre=VALUE,
    service=VALUE,
    model=VALUE,
    version=VALUE,
    data_classification=DATA,
    extra=st.dictionaries(KEY | LONG_KEY, VALUE, max_size=5),
)

# The clouds' own patterns, written down apart from the rules.
DOMAIN = r"(?=[^/]{1,253}/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/"
KUBERNETES_NAME = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])"
PATTERNS = {
    "aws": (r"(?!aws:)[A-Za-z0-9 _.:/=+@-]{1,127}", r"(?!aws:)[A-Za-z0-9 _.:/=+@-]{0,256}"),
    "azure": (r"(?!microsoft|azure|windows)[^<>%&\\?/]{1,512}", r".{0,256}"),
    "docker": (r"[A-Za-z0-9._/-]+", r".*"),
    "gcp": (r"[a-z][a-z0-9_-]{0,62}", r"[a-z0-9_-]{0,63}"),
    "kubernetes": (rf"(?=([^/]*/)?.{{1,63}}$)({DOMAIN})?{KUBERNETES_NAME}", rf"(?=.{{0,63}}$){KUBERNETES_NAME}?"),
    "local": (r".+", r".*"),
}


def labels(**changes: object) -> Labels:
    plain = {"owner": "ranking", "environment": "prod", "cost_centre": "cc-17", "service": "ranker", "model": "ranker"}
    return Labels.model_validate({**plain, "version": "1.4.0", "data_classification": "internal", **changes})


def test_every_rule_has_a_pattern_of_its_cloud_and_a_source() -> None:
    assert PATTERNS.keys() == RULES.keys()
    assert all(rule.source for rule in RULES.values())


@pytest.mark.parametrize("target", sorted(RULES))
@STEADY
@given(given_labels=LABELS)
def test_a_cloud_accepts_what_is_rendered_for_it(given_labels: Labels, target: str) -> None:
    key_pattern, value_pattern = PATTERNS[target]
    try:
        rendered = render(given_labels, target)
    except ConfigError as error:
        assert "as another key does" in str(error)
        return
    assert len(rendered) == len(REQUIRED) + len(given_labels.extra)
    for key, value in rendered.items():
        assert re.fullmatch(key_pattern, key), key
        assert re.fullmatch(value_pattern, value, re.DOTALL), value


@STEADY
@given(LABELS)
def test_a_plain_machine_gets_them_as_they_are(given_labels: Labels) -> None:
    rendered = render(given_labels, "local")
    assert rendered["cost-centre"] == given_labels.cost_centre
    assert given_labels.extra.items() <= rendered.items()


@pytest.mark.parametrize(
    ("target", "version"), [("aws", "1.4.0"), ("gcp", "1-4-0"), ("azure", "1.4.0"), ("local", "1.4.0")]
)
def test_a_version_in_each_cloud(target: str, version: str) -> None:
    rendered = render(labels(), target)
    assert rendered["version"] == version
    assert set(rendered) == set(REQUIRED)


def test_kubernetes_keys_have_our_prefix_unless_they_bring_their_own() -> None:
    rendered = render(labels(extra={"team": "a", "example.com/tier": "b"}), "kubernetes")
    assert rendered[f"{KUBERNETES_PREFIX}data-classification"] == "internal"
    assert rendered[f"{KUBERNETES_PREFIX}team"] == "a"
    assert rendered["example.com/tier"] == "b"


@STEADY
@given(st.text("ab", min_size=64, max_size=256), st.text("ab", min_size=64, max_size=256))
def test_two_long_values_stay_two(first: str, second: str) -> None:
    one, other = (render(labels(owner=owner), "gcp")["owner"] for owner in (first, second))
    assert (one == other) == (first == second)
    assert len(one) == 63


@pytest.mark.parametrize(
    ("extra", "target", "message"),
    [
        ({"azure-team": "a"}, "azure", "extra.azure-team: azure keeps keys.*choose another key"),
        ({"app.kubernetes.io/name": "a"}, "kubernetes", "kubernetes keeps keys"),
        ({"com.docker.x": "a"}, "docker", "docker keeps keys"),
        ({"team": "AWS:a"}, "aws", "aws keeps values"),
        ({"a.b": "x", "a-b": "y"}, "gcp", "extra.a.b: on gcp it becomes 'a-b'.*rename"),
        ({"Owner": "x"}, "azure", "extra.Owner: on azure it becomes 'owner'"),
        ({f"{KUBERNETES_PREFIX}owner": "x"}, "kubernetes", "as another key does"),
        ({f"k{n}": "x" for n in range(44)}, "aws", "51 labels with the required 7, allowed on aws are 50"),
        ({}, "gpc", "target: got 'gpc', allowed are aws.*did you mean 'gcp'"),
    ],
)
def test_what_a_cloud_refuses_is_said_before_it_does(extra: dict[str, str], target: str, message: str) -> None:
    with pytest.raises(ConfigError, match=f"(?s){message}"):
        render(labels(extra=extra), target)


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": ""},
        {"owner": "two\nlines"},
        {"owner": "x" * 257},
        {"data_classification": "secret"},
        {"extra": {"owner": "someone else"}},
        {"extra": {"-a": "x"}},
        {"extra": {"a b": "x"}},
        {"extra": {"under_score.example/a": "x"}},
    ],
)
def test_labels_that_are_none_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="1 validation error"):
        labels(**changes)


@pytest.mark.parametrize("key", REQUIRED)
def test_each_required_label_is_required(key: str) -> None:
    field = key.replace("-", "_")
    plain = labels().model_dump(exclude={field})
    with pytest.raises(ValueError, match=f"{field}\n  Field required"):
        Labels.model_validate(plain)
