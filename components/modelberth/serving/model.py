"""Loads one MLflow model from a directory and predicts with it."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from modelberth.serving.refusal import Refusal
from modelberth.serving.version import is_version, matches

QUIET_MLFLOW = {
    "MLFLOW_CONFIGURE_LOGGING": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_TRACKING_URI": "file:/nonexistent",
}
"""Keeps MLflow from the network and from making a store of its own in the working directory."""


class LoadError(Exception):
    """The model cannot be served; the message is for the operator."""


@dataclass(frozen=True)
class Prediction:
    """One answer."""

    body: bytes
    """JSON: predictions, the model's version and its name."""
    rows: int


class ServedModel:
    """A model that is loaded: JSON in, JSON out."""

    def __init__(self, pyfunc: Any, name: str, version: str, max_rows: int) -> None:
        """Raises `LoadError` where the model's signature is absent or of a form that cannot be checked."""
        from modelberth.serving import signature  # pandas and numpy, half a second: after the socket is open

        self._parse = signature.parse
        self._pyfunc = pyfunc
        self._name, self._version, self._max_rows = name, version, max_rows
        declared = pyfunc.metadata.signature
        inputs = declared.inputs if declared is not None else None
        try:
            self._reader = signature.reader(inputs.to_dict() if inputs is not None else None)
        except signature.UnsupportedSignature as fault:
            raise LoadError(str(fault)) from None

    def answer(self, body: bytes) -> Prediction:
        """Predict for the body of a request; raises `Refusal` for a faulty one, and what the model raises."""
        features = self._features(body)
        batch = self._parse(self._reader, features, max_rows=self._max_rows)
        answer = {
            "predictions": plain(self._pyfunc.predict(batch.data)),
            "model_version": self._version,
            "model": self._name,
        }
        return Prediction(to_json(answer, bytes_mode="base64", inf_nan_mode="null", fallback=plain), batch.rows)

    def warm_up(self) -> type[Exception] | None:
        """Predict once, so that the first request finds everything loaded.

        With the example saved beside the model, where a failure is raised; else with blank features, which a sound
        model may reject: the type of that exception is given back.
        """
        if self._pyfunc.input_example is not None:
            self._pyfunc.predict(self._pyfunc.input_example)
        batch = self._parse(self._reader, self._reader.blank(), max_rows=2**31)
        try:
            self._pyfunc.predict(batch.data)
        except MemoryError:
            raise
        except Exception as fault:  # noqa: BLE001  a model may raise anything
            return type(fault)
        return None

    def _features(self, body: bytes) -> Any:
        try:
            # Nesting is bounded by the parser; the cache of strings would keep feature values after the answer.
            request = from_json(body, allow_inf_nan=False, cache_strings="keys")
        except ValueError:
            raise Refusal(
                400,
                "malformed_json",
                "the body is not JSON that can be read; NaN and Infinity are no JSON, and nesting ends at 200",
            ) from None
        if type(request) is not dict:
            raise Refusal(
                422, "invalid_request", "the body must be an object with features, and model_version if need be"
            )
        if request.keys() - {"features", "model_version"}:
            raise Refusal(422, "unknown_field", "the body has an unknown field; known are features and model_version")
        if "features" not in request:
            raise Refusal(422, "missing_field", "features is missing")
        self._check_version(request)
        return request["features"]

    def _check_version(self, request: Mapping[str, Any]) -> None:
        asked = request.get("model_version", self._version)
        if type(asked) is not str or not is_version(asked):
            raise Refusal(422, "invalid_model_version", "model_version must be a version such as v1, v1.0 or 1.0.0")
        if not matches(asked, self._version):
            raise Refusal(
                409, "model_version_not_served", f"model_version does not match {self._version}, which is served here"
            )


def plain(value: Any) -> Any:
    """A prediction of any MLflow flavour in terms of lists, dicts and scalars that JSON has."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return value.to_dict(orient="records")
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, list | tuple | dict | str | int | float | bytes | None):
        return value
    raise TypeError(f"a prediction of type {type(value).__name__} cannot be put into JSON")


def load(path: Path, name: str, version: str, max_rows: int) -> ServedModel:
    """The model in a directory; raises `LoadError` for one that is absent, incomplete or cannot be loaded."""
    check_directory(path)
    os.environ.update({key: value for key, value in QUIET_MLFLOW.items() if key not in os.environ})
    try:
        import mlflow.pyfunc  # a second of imports: after the socket is open

        pyfunc = mlflow.pyfunc.load_model(str(path.resolve()))
    except Exception as fault:  # noqa: BLE001  so may the code that unpickles it
        raise LoadError(f"the model in {path} cannot be loaded: {_in_one_line(fault)}") from None
    return ServedModel(pyfunc, name, version, max_rows)


def check_directory(path: Path) -> None:
    """Raise `LoadError` unless this is a directory with an MLmodel file."""
    if not path.is_dir():
        raise LoadError(f"there is no model directory {path}; --model takes the directory that holds the MLmodel file")
    if not (path / "MLmodel").is_file():
        raise LoadError(f"{path} holds no MLmodel file, so it is no MLflow model or an incomplete one")


def _in_one_line(fault: Exception) -> str:
    words = ""
    with suppress(Exception):
        words = " ".join(str(fault).split())[:500]
    return f"{type(fault).__name__}: {words}" if words else type(fault).__name__
