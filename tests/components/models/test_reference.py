"""Addresses of models: what is read from them, what is refused, and that writing one down reads back the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.core.errors import ModelberthError
from modelberth.models.reference import Reference, parse

STEADY = settings(derandomize=True, deadline=None)
NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}", fullmatch=True)
VERSION = st.from_regex(r"(0|[1-9][0-9]{0,4})(\.(0|[1-9][0-9]{0,4})){2}(-[0-9A-Za-z]{1,6})?", fullmatch=True)
WRITE = "no address in a registry; write models:/<name>/<version>"


@STEADY
@given(NAME, VERSION)
def test_a_written_address_reads_back_the_same(name, version):
    assert parse(Reference(name, None).at(version)) == Reference(name, version)
    assert parse(f"models:/{name}") == Reference(name, None)


@STEADY
@given(st.text(max_size=30))
def test_any_other_text_is_refused_or_reads_back_as_itself(text):
    try:
        reference = parse(text)
    except ModelberthError:
        return
    assert text == (reference.at(reference.version) if reference.version else f"models:/{reference.name}")


@pytest.mark.parametrize(
    ("uri", "name", "version"),
    [
        ("models:/ranker/1.4.0", "ranker", "1.4.0"),
        ("models:/ranker", "ranker", None),
        ("models:/Fraud_v2.en-GB/0.0.1-rc.1", "Fraud_v2.en-GB", "0.0.1-rc.1"),
    ],
)
def test_read(uri, name, version):
    assert parse(uri) == Reference(name, version)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("", WRITE),
        ("ranker", WRITE),
        ("models:ranker", WRITE),
        ("models://ranker/1.0.0", WRITE),
        ("models:/", WRITE),
        ("models:/ranker/", WRITE),
        ("models:/ranker@champion", WRITE),
        ("models:/ranker/1.0.0/x", WRITE),
        ("models:/../1.0.0", WRITE),
        ("models:/a b/1.0.0", WRITE),
        ("models:/ranker' or '1'='1/1.0.0", WRITE),
        ("s3://bucket/ranker", WRITE),
        ("models:/ranker/1.0.0\n", "'1.0.0\\n' is no semantic version; write three numbers: models:/ranker/1.4.0"),
        ("models:/ranker/latest", "'latest' is no semantic version; write three numbers: models:/ranker/1.4.0"),
        ("models:/ranker/1", "'1' is no semantic version; write three numbers: models:/ranker/1.4.0"),
        ("models:/ranker/01.0.0", "'01.0.0' is no semantic version; write three numbers: models:/ranker/1.4.0"),
        ("models:/ranker/v1.0.0", "'v1.0.0' is no semantic version; write three numbers: models:/ranker/1.4.0"),
    ],
)
def test_refused(uri, message):
    with pytest.raises(ModelberthError) as error:
        parse(uri)
    assert str(error.value) == message
