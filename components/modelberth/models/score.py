"""Predicts for tables, a shard of them: `python -m modelberth.models.score --model DIR --from URI --to URI`.

A shard is every n-th file of the input, in the order of their names. For each file `day/a.csv` there is, when it is
done, `day/a.csv.predictions.jsonl` in the output, a line for each row, and beside it an empty `….done`. A shard that
starts again skips what is done and does the rest anew: however often it is killed, the output is the same.

Inputs: .csv, .parquet (with pyarrow in the image), .jsonl. The model is an MLflow model in a folder. URIs are what
MLflow reads: s3://, gs://, abfss://, or a path as file://.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from modelberth.core.errors import ModelberthError

if TYPE_CHECKING:
    from mlflow.store.artifact.artifact_repo import ArtifactRepository
    from pandas import DataFrame

READ = (".csv", ".parquet", ".jsonl")
"""Ends of the names of files that are read."""
PREDICTIONS, DONE = ".predictions.jsonl", ".done"


def shard_of(names: Sequence[str], shard: int, shards: int) -> list[str]:
    """The files of one of several shards: each file is in exactly one. Pure."""
    return [name for index, name in enumerate(sorted(names)) if index % shards == shard]


def score(model: Any, source: "ArtifactRepository", target: "ArtifactRepository", shard: int, shards: int) -> int:
    """Predict for one shard; returns how many files were done now. Raises `ModelberthError` for one it cannot read."""
    mine = shard_of([name for name in files_in(source) if name.endswith(READ)], shard, shards)
    finished = {name.removesuffix(DONE) for name in files_in(target) if name.endswith(DONE)}
    left = [name for name in mine if name not in finished]
    for name in left:
        with tempfile.TemporaryDirectory() as folder:
            _one(model, source, target, name, Path(folder))
    print(f"shard {shard + 1} of {shards}: {len(left)} files done, {len(mine) - len(left)} were done before")
    return len(left)


def files_in(repository: "ArtifactRepository", folder: str = "") -> Iterator[str]:
    """The paths of all files below a folder, from the repository's root."""
    for entry in repository.list_artifacts(folder or None):
        if entry.is_dir:
            yield from files_in(repository, entry.path)
        else:
            yield entry.path


def _one(model: Any, source: "ArtifactRepository", target: "ArtifactRepository", name: str, folder: Path) -> None:
    from mlflow.exceptions import MlflowException

    table = _table(Path(source.download_artifacts(name, str(folder))), name)
    try:
        predicted = model.predict(_as_doubles(table, model))
    except (MlflowException, ValueError, TypeError, KeyError):
        # What they say repeats the table.
        columns = ", ".join(f"{column} ({kind})" for column, kind in table.dtypes.items())
        wanted = ", ".join(f"{column} ({kind})" for column, kind in _columns(model).items()) or "none of its own"
        raise ModelberthError(
            f"{name}: the model refuses it; got the columns {columns}; its signature has {wanted}"
        ) from None
    place = PurePosixPath(name)
    written = folder / f"{place.name}{PREDICTIONS}"
    _lines(predicted, len(table)).to_json(written, orient="records", lines=True)
    parent = "" if str(place.parent) == "." else str(place.parent)
    target.log_artifact(str(written), parent or None)
    # Last, so that what is half written is never taken for done.
    marker = folder / f"{place.name}{DONE}"
    marker.touch()
    target.log_artifact(str(marker), parent or None)


def _table(path: Path, name: str) -> "DataFrame":
    import pandas

    lines: Any = pandas.read_json  # its types know no False, which leaves numbers as they are written
    readers = {
        ".csv": pandas.read_csv,
        ".parquet": pandas.read_parquet,
        ".jsonl": partial(lines, lines=True, dtype=False, convert_dates=False),
    }
    try:
        return readers[path.suffix](path)
    except (ValueError, OSError, ImportError) as error:
        raise ModelberthError(f"{name}: {_first_line(error)}; it must be a table with a head") from None


def _as_doubles(table: "DataFrame", model: Any) -> "DataFrame":
    """Whole numbers as doubles where the signature has doubles: a file tells no 2 from 2.0, and MLflow refuses."""
    doubles = {name for name, kind in _columns(model).items() if kind in ("double", "float")}
    whole = [name for name in table.columns if name in doubles and table[name].dtype.kind in "iu"]
    return table.astype(dict.fromkeys(whole, "float64")) if whole else table


def _columns(model: Any) -> dict[str, str]:
    """Name to type of the columns in a model's signature. Empty where it names none."""
    inputs = None if model.metadata.signature is None else model.metadata.signature.inputs
    named = [] if inputs is None else [column for column in inputs.to_dict() if "name" in column]
    return {column["name"]: column["type"] for column in named}


def _lines(predicted: Any, rows: int) -> "DataFrame":
    """A table of predictions: a model's own columns, or one called `prediction`."""
    import pandas

    table = predicted if isinstance(predicted, pandas.DataFrame) else pandas.DataFrame({"prediction": list(predicted)})
    if len(table) != rows:
        raise ModelberthError(f"the model gave {len(table)} predictions for {rows} rows; it must give one for each")
    return table


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """0: the whole shard is done. 1: it is not, and one line says why; what was done stays done."""
    given = _parser().parse_args(arguments)
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from mlflow import pyfunc  # seconds; a bad command line is answered before
    from mlflow.exceptions import MlflowException
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    try:
        if not 0 <= given.shard < given.shards:
            raise ModelberthError(f"--shard is {given.shard}; of {given.shards} shards the last is {given.shards - 1}")
        model = pyfunc.load_model(str(given.model))
        score(
            model,
            get_artifact_repository(given.source),
            get_artifact_repository(given.target),
            given.shard,
            given.shards,
        )
    except (ModelberthError, MlflowException, OSError) as error:
        print(_first_line(error), file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="modelberth.models.score", description="Predict for tables.")
    parser.add_argument("--model", required=True, type=Path, help="folder of an MLflow model")
    parser.add_argument("--from", dest="source", required=True, help="where the tables are: s3://…, gs://…, file://…")
    parser.add_argument("--to", dest="target", required=True, help="where the predictions go; never into the tables")
    # A Job of Kubernetes tells each of its pods which one it is.
    parser.add_argument("--shard", type=int, default=int(os.environ.get("JOB_COMPLETION_INDEX", "0")))
    parser.add_argument("--shards", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
