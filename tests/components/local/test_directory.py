"""The runtime directory takes no folder of somebody's, and takes away what a stack made: nothing else."""

import stat

import pytest

from modelberth.core.errors import ModelberthError
from modelberth.local import directory, supervisord
from modelberth.local.directory import _Provider

MADE = (
    "programs/iris.ini", "logs/iris.log", "tls/server.pem", "gateways/iris/xds/routes.json",
    "ports.json", "ports.lock", "supervisord.conf", "supervisord.log", "supervisord.log.1", "supervisord.pid",
    "supervisor.sock",
)  # fmt: skip


@pytest.fixture
def stopped(monkeypatch):
    """The directories whose supervisor was told to stop."""
    found = []
    monkeypatch.setattr(supervisord, "stop", found.append)
    return found


def laid_out(path, names):
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("x")
    return path


def create(path):
    return _Provider().create({"path": str(path), "schema_version": 1})


def test_a_new_one_is_for_this_user_only(tmp_path):
    path = tmp_path / "a" / "b"
    assert create(path).id == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_one_that_a_stack_left_is_taken_again(tmp_path):
    path = laid_out(tmp_path / "place", [*MADE, "registry/registry.db"])
    path.chmod(0o755)
    assert create(path).id == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("others", "named"),
    [(["notes.txt"], "notes.txt"), (["b/x", "a", "d", "c"], "a, b, c"), (["ports"], "ports"), ([".git/HEAD"], ".git")],
)
def test_one_that_holds_others_entries_is_refused_and_left_as_it_was(tmp_path, others, named):
    path = laid_out(tmp_path / "home", [*others, "registry/registry.db", "ports.json"])
    path.chmod(0o755)
    with pytest.raises(ModelberthError) as error:
        create(path)
    assert str(error.value) == f"runtime directory {path}: holds {named} already; choose an empty one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


def test_a_file_in_its_place_is_one_message(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelberthError, match=r"^runtime directory .*: File exists; see to it"):
        create(tmp_path / "file")


def test_its_end_takes_all_that_a_stack_made(tmp_path, stopped):
    path = laid_out(tmp_path / "place", MADE)
    _Provider().delete(str(path), {})
    assert stopped == [path]
    assert not path.exists()


def test_its_end_leaves_the_registry_and_what_is_somebodys_own(tmp_path, stopped):
    kept = {"registry/registry.db", "registry/artifacts/model.skops", "notes.txt", "programs.bak/iris.ini"}
    path = laid_out(tmp_path / "place", [*MADE, *kept])
    _Provider().delete(str(path), {})
    assert {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()} == kept


def test_its_end_follows_no_link(tmp_path, stopped):
    elsewhere = laid_out(tmp_path / "elsewhere", ["work.txt"])
    path = laid_out(tmp_path / "place", ["ports.json"])
    (path / "logs").symlink_to(elsewhere)
    _Provider().delete(str(path), {})
    assert not path.exists()
    assert (elsewhere / "work.txt").exists()


def test_its_end_is_no_fault_where_it_is_gone(tmp_path, stopped):
    _Provider().delete(str(tmp_path / "gone"), {})
    assert stopped == [tmp_path / "gone"]


def test_a_refresh_finds_it_gone(tmp_path):
    assert _Provider().read(str(tmp_path), {}).id == str(tmp_path)
    assert _Provider().read(str(tmp_path / "gone"), {}).id == ""


def test_the_registry_is_no_name_of_what_goes():
    assert directory.KEPT not in directory.OWN
