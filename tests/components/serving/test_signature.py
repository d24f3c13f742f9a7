"""Features are checked against the signature, and anything that does not fit is refused in words without values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth.serving.kinds import UnsupportedSignature
from modelberth.serving.refusal import Refusal
from modelberth.serving.signature import parse, reader

NUMBERS = reader([{"type": "double", "name": name} for name in "ab"])
MIXED = reader(
    [
        {"type": "long", "name": "count"},
        {"type": "integer", "name": "age", "required": False},
        {"type": "float", "name": "ratio", "required": False},
        {"type": "string", "name": "city"},
        {"type": "boolean", "name": "new"},
        {"type": "datetime", "name": "at", "required": False},
        {"type": "binary", "name": "blob", "required": False},
    ]
)
NESTED = reader(
    [
        {"type": "array", "items": {"type": "double"}, "name": "path"},
        {"type": "map", "values": {"type": "any"}, "name": "extra", "required": False},
        {"type": "object", "properties": {"x": {"type": "long"}, "y": {"type": "any", "required": False}}, "name": "o"},
    ]
)
UNNAMED = reader([{"type": "double"}, {"type": "long"}])
TENSOR = reader([{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 2, 2]}}])
OPEN = reader([{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1, -1]}}])
TWO = reader([{"type": "tensor", "name": n, "tensor-spec": {"dtype": "float64", "shape": [-1, 1]}} for n in "pq"])
ALL = [NUMBERS, MIXED, NESTED, UNNAMED, TENSOR, OPEN, TWO]


def read(reader, features, max_rows=10):
    return parse(reader, features, max_rows=max_rows)


def refusal(reader, features, max_rows=10):
    with pytest.raises(Refusal) as caught:
        read(reader, features, max_rows)
    return caught.value


@pytest.mark.parametrize("features", [[1, 2.5], [[1, 2.5]], {"b": 2.5, "a": 1}, [{"b": 2.5, "a": 1}]])
def test_one_row_by_position_or_by_name_is_the_same_row(features):
    batch = read(NUMBERS, features)
    assert batch.rows == 1
    assert batch.data.to_dict("records") == [{"a": 1.0, "b": 2.5}]
    assert [str(dtype) for dtype in batch.data.dtypes] == ["float64", "float64"]


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ([1, 2, 3], "features has 3 values; the model takes 2"),
        ([[1, 2], [1]], "features[1] has 1 values; the model takes 2"),
        ([[1, 2], [1, "secret"]], "features[1].b must be a number"),
        ([1, True], "features.b must be a number"),
        ([1, None], "features.b must be a number"),
        ([1, float("nan")], "features.b must be a finite number"),
        ([1, 10**400], "features.b is out of range"),
        ({"a": 1}, "features lacks b"),
        ({"a": 1, "b": 2, "secret": 3}, "features has a feature that the model does not know; it takes a, b"),
        ([], "features is empty; one row or more is needed"),
        ("secret", "features must be a list of numbers, a list of rows, or an object of named features"),
        ([{"a": 1, "b": 2}, 7], "features[1] must be a row: a list, or an object of named features"),
    ],
)
def test_a_fault_is_named_with_its_place_and_without_its_value(features, words):
    fault = refusal(NUMBERS, features)
    assert (fault.status, fault.message) == (422, words)


@pytest.mark.parametrize("signature", ALL)
def test_the_blank_features_of_a_signature_fit_it(signature):
    assert read(signature, signature.blank()).rows == 1


def test_absent_optional_features_become_missing_values_or_no_column():
    row = {"count": 1, "city": "x", "new": True}
    frame = read(MIXED, [row, row | {"ratio": 2}]).data
    assert list(frame.columns) == ["count", "ratio", "city", "new", "at", "blob"]
    assert np.isnan(frame.ratio[0]) and frame.ratio[1] == 2
    assert "age in every row or in none" in refusal(MIXED, [row, row | {"age": 3}]).message


def test_types_are_those_of_the_signature():
    row = {"count": 2**63 - 1, "age": 3, "ratio": 1, "city": "x", "new": False, "at": "2026-01-02T03:04:05+02:00"}
    frame = read(MIXED, row).data
    expected = ["int64", "int32", "float32", "object", "bool", "datetime64[ns]", "object"]
    assert [str(dtype) for dtype in frame.dtypes] == expected
    assert str(frame["at"][0]) == "2026-01-02 01:04:05"


@pytest.mark.parametrize(
    "change",
    [
        {"count": 2**63},
        {"count": 1.0},
        {"age": 2**31},
        {"ratio": 1e39},
        {"at": "soon"},
        {"at": "0001-01-01"},
        {"blob": "é"},
    ],
)
def test_values_beyond_their_type_are_refused(change):
    fault = refusal(MIXED, {"count": 1, "city": "x", "new": True} | change)
    assert fault.message.startswith(f"features.{next(iter(change))} ")


def test_tensors_take_one_row_or_several_and_keep_their_shape():
    assert read(TENSOR, [[1, 2], [3, 4]]).data.shape == (1, 2, 2)
    assert read(TENSOR, [[[1, 2], [3, 4]]] * 3).data.shape == (3, 2, 2)
    assert "different lengths" in refusal(OPEN, [[1, 2], [3]]).message
    assert "features[0][1] has 1 values" in refusal(TENSOR, [[[1, 2], [3]]]).message
    assert {name: a.shape for name, a in read(TWO, [{"p": [1], "q": [2]}] * 2).data.items()} == {
        "p": (2, 1),
        "q": (2, 1),
    }
    assert "different numbers of rows" in refusal(TWO, {"p": [[1]], "q": [[1], [2]]}).message


def test_too_many_rows_are_refused_with_413():
    assert refusal(NUMBERS, [[1, 2]] * 11).status == 413
    assert read(NUMBERS, [[1, 2]] * 10).rows == 10


def test_a_signature_that_cannot_be_checked_is_refused():
    for inputs in (None, [], [{"type": "sparkml_vector", "name": "v"}]):
        with pytest.raises(UnsupportedSignature):
            reader(inputs)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
keys = (
    st.sampled_from(["a", "b", "p", "q", "count", "age", "ratio", "city", "new", "at", "blob", "path", "o", "x"])
    | st.text()
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5), max_leaves=20
)


@given(st.sampled_from(ALL), anything)
def test_arbitrary_json_is_a_batch_or_a_refusal(signature, features):
    try:
        assert read(signature, features).rows >= 1
    except Refusal as fault:
        assert fault.status in (413, 422)
