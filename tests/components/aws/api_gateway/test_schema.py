"""Which bodies reach the model: the schema of a request, and how a version can be asked for."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from modelberth.aws.api_gateway.schema import (
    ASKED_VERSION,
    DRAFT,
    FEATURES,
    foreign_keywords,
    request_schema,
    spellings,
    targets,
)
from modelberth.serving.version import is_version, matches

STEADY = settings(derandomize=True, deadline=None)
TABLE = {"1.4.0": "stable", "1.5.0": "candidate"}
NUMBER = st.integers(0, 30)
PLAIN = st.builds(lambda *parts: ".".join(map(str, parts)), NUMBER, NUMBER, NUMBER)
RELEASE = st.builds(lambda version, name: f"{version}-{name}", PLAIN, st.sampled_from(["rc.1", "a", "0"]))
VERSIONS = st.lists(PLAIN | RELEASE, min_size=1, max_size=5, unique=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def allows(body, features=FEATURES, versions=TABLE, checked=True):
    schema = request_schema(features, versions, checked)
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema).is_valid(body)


def test_the_schema_says_that_it_is_draft_4():
    assert request_schema(FEATURES, {}, True)["$schema"] == DRAFT == Draft4Validator.META_SCHEMA["$schema"]


@pytest.mark.parametrize(
    "body",
    [
        {"features": [1, 2, 3]},
        {"features": [[1.5, "a"], [2.5, None]]},
        {"features": [{"age": 3}], "model_version": "1.4.0"},
        {"features": [1], "model_version": "v1.4"},
        {"features": [1], "model_version": "v1"},
    ],
)
def test_a_sound_body_is_let_through(body):
    assert allows(body)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        [1, 2],
        None,
        "features",
        {"features": []},
        {"features": {}},
        {"features": "1,2"},
        {"features": None},
        {"Features": [1]},
        {"features": [1], "model_version": "1.6.0"},
        {"features": [1], "model_version": "v2"},
        {"features": [1], "model_version": "1.4.0 "},
        {"features": [1], "model_version": "V1.4.0"},
        {"features": [1], "model_version": 1.4},
        {"features": [1], "model_version": None},
        {"features": [1], "model_version": ["1.4.0"]},
        {"features": [1], "variant": "candidate"},
    ],
)
def test_a_faulty_body_is_refused_before_it_reaches_the_model(body):
    assert not allows(body)


@STEADY
@given(JSON)
def test_nothing_but_an_object_with_a_list_of_features_is_let_through(body):
    sound = type(body) is dict and body.keys() == {"features"} and type(body["features"]) is list
    assert allows(body) == (sound and len(body["features"]) > 0)


@STEADY
@given(JSON)
def test_whatever_is_in_the_list_is_the_models_own_matter(item):
    assert allows({"features": [item]})


def test_without_a_table_a_version_is_let_through_only_where_the_model_server_checks_it():
    body = {"features": [1], "model_version": "v9.9"}
    assert allows(body, versions={}, checked=True)
    assert not allows(body, versions={}, checked=False)
    assert not allows({"features": [1], "model_version": '1"}'}, versions={}, checked=True)


def test_a_schema_of_ones_own_holds_for_the_features():
    rows = {"type": "array", "items": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}}}
    assert allows({"features": [[1, 2, 3, 4]]}, features=rows)
    assert not allows({"features": [[1, 2, 3]]}, features=rows)
    assert not allows({"features": [[1, 2, 3, "4"]]}, features=rows)


def test_a_version_can_be_asked_for_by_its_beginning_and_with_a_v():
    assert spellings("1.4.0") == ("1", "v1", "1.4", "v1.4", "1.4.0", "v1.4.0")


def test_a_pre_release_answers_only_to_its_whole_name():
    assert spellings("1.4.0-rc.1") == ("1.4.0-rc.1", "v1.4.0-rc.1")


@STEADY
@given(PLAIN | RELEASE, PLAIN | RELEASE)
def test_a_spelling_means_a_version_exactly_where_the_model_server_says_so(version, other):
    for word in spellings(version):
        assert is_version(word) and matches(word, version)
        assert (word in spellings(other)) == matches(word, other)


@STEADY
@given(st.from_regex(ASKED_VERSION, fullmatch=True))
def test_the_free_form_of_a_version_is_one_that_the_model_server_reads(text):
    assert is_version(text.rstrip("\n"))


def test_a_spelling_that_fits_all_versions_leaves_it_to_the_weights():
    found = targets(TABLE)
    assert "1" not in found and "v1" not in found
    assert {found[word] for word in ("1.4", "v1.4", "1.4.0", "v1.4.0")} == {"stable"}
    assert {found[word] for word in ("1.5", "v1.5", "1.5.0", "v1.5.0")} == {"candidate"}


def test_of_several_that_fit_the_newest_answers():
    table = {"1.9.0": "a", "1.10.0": "b", "2.0.0": "c", "1.10.0-rc.1": "d"}
    assert targets(table)["v1"] == "b"
    assert targets(table)["1.10.0-rc.1"] == "d"


def test_a_default_answers_where_the_weights_would():
    assert targets(TABLE, several="stable")["v1"] == "stable"


def test_a_lone_version_is_named_by_every_spelling():
    assert set(targets({"1.4.0": "stable"})) == set(spellings("1.4.0"))


@STEADY
@given(VERSIONS)
def test_what_a_spelling_is_mapped_to_fits_it(versions):
    table = {version: f"v{at}" for at, version in enumerate(versions)}
    of = {name: version for version, name in table.items()}
    found = targets(table)
    for word, name in found.items():
        assert matches(word, of[name])
    for word in {word for version in versions for word in spellings(version)} - set(found):
        assert all(word in spellings(version) for version in versions) and len(versions) > 1


@STEADY
@given(VERSIONS)
def test_the_schema_takes_every_spelling_of_the_table_and_no_other(versions):
    table = dict.fromkeys(versions, "stable")
    known = request_schema(FEATURES, table, False)["properties"]["model_version"]["enum"]
    assert set(known) == {word for version in versions for word in spellings(version)}
    assert all(re.fullmatch(ASKED_VERSION, word) for word in known)


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"type": "array", "items": {"type": "number", "minimum": 0}}, []),
        ({"type": "object", "properties": {"if": {"type": "number"}, "const": {"type": "string"}}}, []),
        ({"type": "array", "exclusiveMinimum": True}, []),
        ({"const": 1}, ["const"]),
        ({"type": "array", "items": {"exclusiveMaximum": 5}}, ["items.exclusiveMaximum"]),
        ({"type": "array", "items": [{"if": {}}]}, ["items.0.if"]),
        ({"anyOf": [{"type": "array"}, {"$ref": "#/x"}]}, ["anyOf.1.$ref"]),
        ({"properties": {"age": {"contains": 1}}}, ["properties.age.contains"]),
    ],
)
def test_what_api_gateway_would_not_check_is_found(schema, found):
    assert list(foreign_keywords(schema)) == found
