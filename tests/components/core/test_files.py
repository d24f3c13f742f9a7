"""Files appear whole or not at all, and folders are for this user alone."""

import os
import stat

import pytest

from modelberth.core import files
from modelberth.core.errors import ModelberthError


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture
def umask():
    before = os.umask(0o027)
    try:
        yield
    finally:
        os.umask(before)


def test_a_text_takes_the_place_of_a_file(tmp_path):
    for text in ("one", "zwölf\n", ""):
        files.write_atomically(tmp_path / "a.json", text)
        assert (tmp_path / "a.json").read_bytes() == text.encode()
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_a_file_is_for_this_user_unless_a_mode_is_given(tmp_path, umask):
    files.write_atomically(tmp_path / "own", "x")
    files.write_atomically(tmp_path / "shared", "x", 0o666)
    assert (mode(tmp_path / "own"), mode(tmp_path / "shared")) == (0o600, 0o640)


def test_a_link_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "target").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    files.write_atomically(tmp_path / "link", "new")
    assert ((tmp_path / "target").read_text(), (tmp_path / "link").read_text()) == ("kept", "new")


@pytest.mark.parametrize("failure", [OSError(28, "disk full"), KeyboardInterrupt()])
def test_what_fails_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path, monkeypatch, failure):
    def fail(_descriptor):
        raise failure

    (tmp_path / "a").write_text("before")
    monkeypatch.setattr(files.os, "fsync", fail)
    with pytest.raises(type(failure)):
        files.write_atomically(tmp_path / "a", "after")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a", "before")]


def test_a_private_folder_is_made_once(tmp_path):
    for _ in range(2):
        files.private_folder(tmp_path / "deep" / "own")
        assert mode(tmp_path / "deep" / "own") == 0o700


def link(path):
    path.with_name("elsewhere").mkdir(mode=0o700)
    path.symlink_to(path.with_name("elsewhere"))


def open_to_others(path):
    path.mkdir()
    path.chmod(0o770)


@pytest.mark.parametrize("plant", [link, open_to_others])
def test_a_folder_that_others_may_have_filled_is_refused(tmp_path, plant):
    plant(tmp_path / "own")
    with pytest.raises(ModelberthError, match=r"own: not a folder of this user's .*; remove it, or choose another"):
        files.private_folder(tmp_path / "own")
    assert not files.is_private(tmp_path / "own")


def test_somebody_elses_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "getuid", lambda: os.geteuid() + 1)
    with pytest.raises(ModelberthError, match="not a folder of this user's"):
        files.private_folder(tmp_path / "own")
