"""Features as a table: checked against the columns of a signature, answered as a pandas DataFrame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from modelberth.serving.kinds import Kind, kind_of, listed
from modelberth.serving.refusal import Wrong


@dataclass(frozen=True)
class Column:
    """One feature."""

    label: str
    """Its name, or its position from 0 where the signature names none."""
    kind: Kind
    required: bool


class Columns:
    """Checks rows, by name or by position, and turns them into the frame that the model expects."""

    def __init__(self, inputs: Sequence[dict[str, Any]]) -> None:
        """From the signature's `inputs.to_dict()`; raises `UnsupportedSignature`."""
        self._named = all(spec.get("name") is not None for spec in inputs)
        self._columns = [
            Column(str(spec.get("name", at)), kind_of(spec), spec.get("required", True))
            for at, spec in enumerate(inputs)
        ]
        self._names = [column.label for column in self._columns]
        self._required = {column.label for column in self._columns if column.required}
        self._known = set(self._names)
        self._index = pd.Index(self._names if self._named else range(len(inputs)))
        self._nested = any(column.kind.nested for column in self._columns)
        dtypes = {column.kind.dtype for column in self._columns}
        self._one_dtype = dtypes.pop() if len(dtypes) == 1 and dtypes.isdisjoint({"object"}) else None

    def blank(self) -> list[Any]:
        """One row that fits the signature, for a first prediction."""
        return [[column.kind.blank for column in self._columns]]

    def rows(self, features: Any) -> list[Any]:
        """The rows of a request, unchecked: what is one row, and what is several; raises `Wrong`."""
        if type(features) is dict:
            return [features]
        if type(features) is not list:
            raise Wrong("must be a list of numbers, a list of rows, or an object of named features")
        if not features:
            raise Wrong("is empty; one row or more is needed")
        several = type(features[0]) in (list, dict)
        if self._nested and not several:
            raise Wrong("must be a list of rows or of objects, as this model has features that are lists or objects")
        return features if several else [features]

    def batch(self, rows: list[Any], several: bool) -> pd.DataFrame:
        """The checked frame; `several` says whether a fault names its row."""
        checked = []
        for at, row in enumerate(rows):
            try:
                checked.append(self._row(row))
            except Wrong as wrong:
                raise wrong.inside(f"[{at}]" if several else "") from None
        return self._frame(checked)

    def _row(self, row: Any) -> list[Any]:
        if type(row) is dict:
            row = self._by_position(row)
        elif type(row) is not list:
            raise Wrong("must be a row: a list, or an object of named features")
        elif len(row) != len(self._columns):
            raise Wrong(f"has {len(row)} values; the model takes {len(self._columns)}")
        checked = []
        for column, value in zip(self._columns, row, strict=True):
            if value is None and not column.required:
                checked.append(None)
                continue
            try:
                checked.append(column.kind.check(value))
            except Wrong as wrong:
                raise wrong.inside(f".{column.label}" if self._named else f"[{column.label}]") from None
        return checked

    def _by_position(self, row: dict[str, Any]) -> list[Any]:
        if not self._named:
            raise Wrong(f"must be a list of {len(self._columns)} values, as this model does not name its features")
        if row.keys() - self._known:
            raise Wrong(f"has a feature that the model does not know; it takes {listed(self._names)}")
        if not row.keys() >= self._required:
            raise Wrong(f"lacks {listed([name for name in self._names if name in self._required - row.keys()])}")
        return [row.get(name) for name in self._names]

    def _frame(self, rows: list[list[Any]]) -> pd.DataFrame:
        if self._one_dtype and not any(None in row for row in rows if len(self._required) < len(self._names)):
            return pd.DataFrame(np.array(rows, self._one_dtype), columns=self._index, copy=False)
        values = zip(*rows, strict=True)
        series = {
            name: _series(column, list(cells))
            for name, column, cells in zip(self._index, self._columns, values, strict=True)
        }
        return pd.DataFrame({name: cells for name, cells in series.items() if cells is not None})


def _series(column: Column, cells: list[Any]) -> pd.Series | None:
    """One column; nothing where it is optional, absent throughout, and of a type that cannot say "missing"."""
    kind = column.kind
    absent = [cell is None for cell in cells] if not column.required else []
    if any(absent) and not kind.may_miss:
        if all(absent):
            return None
        raise Wrong(f"must have {column.label} in every row or in none, as its type cannot be missing")
    if any(absent):
        cells = [kind.missing if gone else cell for cell, gone in zip(cells, absent, strict=True)]
    return pd.Series(cells, dtype=kind.dtype)
