"""Features as tensors: nested lists checked against the shapes of a signature, answered as numpy arrays."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from modelberth.serving.kinds import Check, UnsupportedSignature, kind_of_dtype, listed
from modelberth.serving.refusal import Wrong


class Tensor:
    """One tensor: its type, its shape (-1 is any length) and its name, if it has one."""

    def __init__(self, spec: dict[str, Any]) -> None:
        """From one entry of the signature's `inputs.to_dict()`; raises `UnsupportedSignature`."""
        self.name: str | None = spec.get("name")
        self._shape = tuple(int(length) for length in spec["tensor-spec"]["shape"])
        if not self._shape:
            raise UnsupportedSignature("the signature has a tensor without dimensions; the first one counts the rows")
        self._kind = kind_of_dtype(spec["tensor-spec"]["dtype"])

    def blank(self) -> Any:
        """A nested list that fits: unknown lengths are 1."""
        blank = self._kind.blank
        for length in reversed(self._shape):
            blank = [blank] * (1 if length < 0 else length)
        return blank

    def rows(self, value: Any) -> list[Any]:
        """The rows of a nested list: itself, or one row where it is one level short; raises `Wrong`."""
        if type(value) is not list:
            raise Wrong("must be a list of numbers or of rows")
        one = self._shape[0] in (-1, 1) and _depth(value, len(self._shape)) == len(self._shape) - 1
        return [value] if one else value

    def array(self, rows: list[Any]) -> np.ndarray:
        """The checked array, the first dimension counting the rows; raises `Wrong`."""
        checked = _nested(rows, self._shape, self._kind.check)
        try:
            return np.array(checked, self._kind.dtype)
        except ValueError:  # numpy on lists of different lengths, where the signature leaves the length open
            raise Wrong("has rows of different lengths") from None


def _depth(value: Any, most: int) -> int:
    depth = 0
    while depth < most and type(value) is list:
        depth += 1
        if not value:
            break
        value = value[0]
    return depth


def _nested(value: Any, shape: tuple[int, ...], check: Check) -> Any:
    if not shape:
        return check(value)
    if type(value) is not list:
        raise Wrong("must be a list")
    if not value:
        raise Wrong("is empty; one value or more is needed")
    if shape[0] >= 0 and len(value) != shape[0]:
        raise Wrong(f"has {len(value)} values; the model takes {shape[0]}")
    checked = []
    try:
        for item in value:
            checked.append(_nested(item, shape[1:], check))  # its length is the place of a fault
    except Wrong as wrong:
        raise wrong.inside(f"[{len(checked)}]") from None
    return checked


class Tensors:
    """The tensors of a signature: one without a name, or any number with names."""

    def __init__(self, inputs: Sequence[dict[str, Any]]) -> None:
        """From the signature's `inputs.to_dict()`; raises `UnsupportedSignature`."""
        self._tensors = [Tensor(spec) for spec in inputs]
        self._only = self._tensors[0] if len(self._tensors) == 1 else None
        self._named = {tensor.name: tensor for tensor in self._tensors if tensor.name is not None}
        if self._only is None and len(self._named) != len(self._tensors):
            raise UnsupportedSignature("the signature has several tensors and not each of them has a name of its own")

    def blank(self) -> Any:
        """Features that fit the signature, for a first prediction."""
        if self._named:
            return {name: tensor.blank() for name, tensor in self._named.items()}
        return self._tensors[0].blank()

    def rows(self, features: Any) -> dict[str | None, list[Any]]:
        """The rows of each tensor, unchecked; raises `Wrong`."""
        if type(features) is list and features and type(features[0]) is dict:
            return self._transposed(features)
        if type(features) is dict:
            self._check_names(features)
            return {name: _at(name, tensor.rows, features[name]) for name, tensor in self._named.items()}
        if self._only is None:
            raise Wrong(f"must be an object with {listed([str(name) for name in self._named])}")
        return {self._only.name: self._only.rows(features)}

    def arrays(self, rows: dict[str | None, list[Any]]) -> np.ndarray | dict[str, np.ndarray]:
        """What the model is given: the array, or the arrays by name; raises `Wrong`."""
        if not self._named:
            return self._tensors[0].array(rows[None])
        arrays = {str(name): _at(name, tensor.array, rows[name]) for name, tensor in self._named.items()}
        if len({len(array) for array in arrays.values()}) > 1:
            raise Wrong("has tensors with different numbers of rows")
        return arrays

    def _transposed(self, features: list[Any]) -> dict[str | None, list[Any]]:
        for at, row in enumerate(features):
            try:
                self._check_names(row)
            except Wrong as wrong:
                raise wrong.inside(f"[{at}]") from None
        return {name: [row[name] for row in features] for name in self._named}

    def _check_names(self, row: Any) -> None:
        if type(row) is not dict:
            raise Wrong("must be an object of named features, like the first row")
        names = [str(name) for name in self._named]
        if not names:
            raise Wrong("must be a list, as this model does not name its features")
        if row.keys() - self._named.keys():
            raise Wrong(f"has a feature that the model does not know; it takes {listed(names)}")
        if absent := [name for name in names if name not in row]:
            raise Wrong(f"lacks {listed(absent)}")


def _at(name: str | None, read: Check, value: Any) -> Any:
    try:
        return read(value)
    except Wrong as wrong:
        raise wrong.inside("" if name is None else f".{name}") from None
