"""The registry of this machine: made where it is missing, left alone where it is, refused where it is damaged."""

import pytest

from modelberth.core.errors import ModelberthError
from modelberth.local.registry import artifact_location, create_registry, is_intact, tracking_uri
from modelberth.models.mlflow_registry import client, known_versions


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    directory = tmp_path_factory.mktemp("runtime")
    assert not is_intact(directory)
    create_registry(directory)
    return directory


def database(directory):
    return directory / tracking_uri(directory).removeprefix("sqlite:///")


def test_a_new_registry_is_empty_and_for_this_user_only(made):
    assert is_intact(made)
    assert known_versions(client(tracking_uri(made)), "iris") == []
    assert database(made).stat().st_mode & 0o777 == 0o600
    assert database(made).parent.stat().st_mode & 0o777 == 0o700
    assert artifact_location(made).startswith("file:///")


def test_making_it_again_touches_nothing(made):
    before = database(made).stat().st_mtime_ns
    create_registry(made)
    assert database(made).stat().st_mtime_ns == before


@pytest.mark.parametrize("content", [None, b""])
def test_a_missing_or_empty_file_is_no_registry(tmp_path, content):
    if content is not None:
        database(tmp_path).parent.mkdir()
        database(tmp_path).write_bytes(content)
    assert not is_intact(tmp_path)


@pytest.mark.parametrize("damage", [b"not a database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_registry_is_refused_and_kept(tmp_path, damage):
    database(tmp_path).parent.mkdir()
    database(tmp_path).write_bytes(damage)
    with pytest.raises(ModelberthError) as error:
        create_registry(tmp_path)
    assert str(error.value).startswith(f"model registry {database(tmp_path)}: damaged (")
    assert str(error.value).endswith("); restore it from a copy, or move it away")
    assert database(tmp_path).read_bytes() == damage


def test_a_foreign_database_is_no_registry_yet(tmp_path):
    import sqlite3

    database(tmp_path).parent.mkdir()
    with sqlite3.connect(database(tmp_path)) as foreign:
        foreign.execute("create table other (x)")
    assert not is_intact(tmp_path)
