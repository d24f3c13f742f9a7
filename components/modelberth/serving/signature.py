"""Features of a request, checked against the model's own signature: `parse(reader(inputs), features, max_rows=…)`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modelberth.serving.columns import Columns
from modelberth.serving.kinds import UnsupportedSignature
from modelberth.serving.refusal import Refusal, Wrong
from modelberth.serving.tensors import Tensors


@dataclass(frozen=True)
class Batch:
    """Checked features."""

    data: Any
    """What `predict` is given: a DataFrame, an array, or arrays by name."""
    rows: int


def reader(inputs: Sequence[dict[str, Any]] | None) -> Columns | Tensors:
    """What checks features for a signature, given as MLflow's `signature.inputs.to_dict()`.

    Raises `UnsupportedSignature` where there is none or where it cannot be checked.
    """
    if not inputs:
        raise UnsupportedSignature(
            "the model has no signature; save it with signature=mlflow.models.infer_signature(…)"
        )
    return Tensors(inputs) if inputs[0].get("type") == "tensor" else Columns(inputs)


def parse(reader: Columns | Tensors, features: Any, *, max_rows: int) -> Batch:
    """Features, as they came out of JSON, as what the model predicts from; raises `Refusal` and nothing else."""
    try:
        if isinstance(reader, Columns):
            rows = reader.rows(features)
            _count(len(rows), max_rows)
            return Batch(reader.batch(rows, several=rows is features), len(rows))
        tensors = reader.rows(features)
        count = max(len(rows) for rows in tensors.values())
        _count(count, max_rows)
        return Batch(reader.arrays(tensors), count)
    except Wrong as wrong:
        raise wrong.refusal("features") from None


def _count(rows: int, max_rows: int) -> None:
    if rows > max_rows:
        raise Refusal(413, "too_many_rows", f"features has {rows} rows; at most {max_rows} are taken at once")
