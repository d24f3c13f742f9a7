"""The model registry of this machine: MLflow with sqlite for what is known and files for what was trained."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, Resource

from modelberth.core.errors import ModelberthError
from modelberth.local.directory import KEPT
from modelberth.local.resource import SCHEMA_VERSION, MachineProvider, explained
from modelberth.models.mlflow_registry import client


def tracking_uri(directory: Path) -> str:
    """MLflow's address of the registry in a runtime directory."""
    return f"sqlite:///{_database(directory)}"


def artifact_location(directory: Path) -> str:
    """Where runs put their files."""
    return (directory / KEPT / "artifacts").as_uri()


def create_registry(directory: Path) -> None:
    """Make the registry where it is not there yet, and check it where it is. Raises where it is damaged."""
    with explained(f"model registry in {directory}"):
        _database(directory).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not is_intact(directory):
            client(tracking_uri(directory)).search_registered_models(max_results=1)
            _database(directory).chmod(0o600)


def is_intact(directory: Path) -> bool:
    """Whether there is a registry. Raises where there is one that sqlite finds damaged."""
    file = _database(directory)
    if not file.exists() or file.stat().st_size == 0:
        return False
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            verdict = database.execute("pragma quick_check").fetchone()[0]
            tables = database.execute("select count(*) from sqlite_master where name = 'model_versions'").fetchone()[0]
    except sqlite3.DatabaseError as error:
        verdict, tables = str(error), 1
    if verdict != "ok":
        raise ModelberthError(f"model registry {file}: damaged ({verdict}); restore it from a copy, or move it away")
    return bool(tables)


def _database(directory: Path) -> Path:
    return directory / KEPT / "registry.db"


class _Provider(MachineProvider):
    replace_on = ("directory",)

    def create(self, props: dict[str, Any]) -> CreateResult:
        directory = Path(props["directory"])
        create_registry(directory)
        return CreateResult(str(directory / KEPT), {**props, "tracking_uri": tracking_uri(directory)})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(id_ if is_intact(Path(props["directory"])) else "", props)


class Registry(Resource, module="modelberth", name="Registry"):
    """An MLflow registry. The end of the stack leaves its files: models are not made again by an `up`."""

    directory: pulumi.Output[str]
    """The runtime directory in which it lies."""
    tracking_uri: pulumi.Output[str]
    """Its address in MLflow's words."""

    def __init__(self, name: str, directory: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> None:
        props = {"directory": directory, "tracking_uri": None, "schema_version": SCHEMA_VERSION}
        super().__init__(_Provider(), name, props, opts)
