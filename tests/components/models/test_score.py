"""A shard of tables is predicted once, wholly, however often it is started."""

import json

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow import pyfunc
from mlflow.models import ModelSignature
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.types import ColSpec, Schema

from modelberth.core.errors import ModelberthError
from modelberth.models.score import main, score, shard_of


class Doubler(pyfunc.PythonModel):
    """Doubles a column, and counts how often it is asked."""

    def predict(self, context, model_input, params=None):
        return model_input["x"] * 2


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "doubler"
    signature = ModelSignature(inputs=Schema([ColSpec("double", "x")]))
    pyfunc.save_model(str(folder), python_model=Doubler(), signature=signature, pip_requirements=[])
    return folder


@pytest.fixture
def stores(tmp_path):
    """Tables of one, two and three rows in two folders, and an empty store for predictions."""
    tables, predictions = tmp_path / "tables", tmp_path / "predictions"
    (tables / "day").mkdir(parents=True)
    predictions.mkdir()
    pandas.DataFrame({"x": [1.0]}).to_csv(tables / "day/a.csv", index=False)
    pandas.DataFrame({"x": [2.0, 3.0]}).to_json(tables / "day/b.jsonl", orient="records", lines=True)
    # Whole numbers, where the signature has doubles.
    pandas.DataFrame({"x": [4, 5, 6]}).to_csv(tables / "c.csv", index=False)
    (tables / "README.txt").write_text("no table")
    return tables, predictions


def predicted(folder):
    return {
        str(path.relative_to(folder)): [json.loads(line)["prediction"] for line in path.read_text().splitlines()]
        for path in folder.rglob("*.predictions.jsonl")
    }


WHOLE = {
    "day/a.csv.predictions.jsonl": [2.0],
    "day/b.jsonl.predictions.jsonl": [4.0, 6.0],
    "c.csv.predictions.jsonl": [8.0, 10.0, 12.0],
}


def run(model, stores, *more):
    tables, predictions = stores
    return main(["--model", str(model), "--from", tables.as_uri(), "--to", predictions.as_uri(), *more])


def test_each_table_has_its_predictions_under_its_own_name(model, stores):
    assert run(model, stores) == 0
    assert predicted(stores[1]) == WHOLE


def test_shards_share_the_tables_and_together_do_them_all(model, stores, monkeypatch):
    for index in range(2):
        monkeypatch.setenv("JOB_COMPLETION_INDEX", str(index))
        assert run(model, stores, "--shards", "2") == 0
    assert predicted(stores[1]) == WHOLE


def test_a_shard_that_was_killed_between_two_files_does_the_rest_and_nothing_twice(model, stores, capsys):
    predictions = stores[1]
    loaded = pyfunc.load_model(str(model))

    class Dies:
        """Predicts once, then its pod is killed."""

        metadata = loaded.metadata

        def __init__(self):
            self.left = 1

        def predict(self, table):
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            return loaded.predict(table)

    source, target = (get_artifact_repository(folder.as_uri()) for folder in stores)
    with pytest.raises(KeyboardInterrupt):
        score(Dies(), source, target, 0, 1)
    assert len(predicted(predictions)) == 1
    assert score(loaded, source, target, 0, 1) == 2
    assert capsys.readouterr().out.strip() == "shard 1 of 1: 2 files done, 1 were done before"
    assert predicted(predictions) == WHOLE


def test_what_is_half_written_is_done_anew(model, stores):
    _, predictions = stores
    (predictions / "c.csv.predictions.jsonl").write_text('{"prediction":8.0}\n')
    assert run(model, stores) == 0
    assert predicted(predictions) == WHOLE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("y\n1\n", "day/a.csv: the model refuses it; got the columns y (int64); its signature has x (double)"),
        ("", "day/a.csv: No columns to parse from file; it must be a table with a head"),
    ],
)
def test_a_table_that_does_not_fit_is_named_in_one_line(model, stores, capsys, text, said):
    (stores[0] / "day/a.csv").write_text(text)
    assert run(model, stores) == 1
    error = capsys.readouterr().err.strip()
    assert error == said


def test_a_shard_that_there_is_not_is_refused(model, stores, capsys):
    assert run(model, stores, "--shard", "3", "--shards", "3") == 1
    assert capsys.readouterr().err.strip() == "--shard is 3; of 3 shards the last is 2"


def test_a_model_that_loses_rows_is_refused(model, stores):
    class Loses:
        metadata = pyfunc.load_model(str(model)).metadata

        def predict(self, table):
            return [0.0] * (len(table) - 1)

    source, target = (get_artifact_repository(folder.as_uri()) for folder in stores)
    with pytest.raises(ModelberthError, match="the model gave 2 predictions for 3 rows; it must give one for each"):
        score(Loses(), source, target, 0, 1)


@given(st.sets(st.text(min_size=1)), st.integers(1, 9))
def test_every_file_is_in_exactly_one_shard(names, shards):
    parts = [shard_of(list(names), shard, shards) for shard in range(shards)]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
