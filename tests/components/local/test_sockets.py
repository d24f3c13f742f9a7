"""Sockets lie in their folder, or, where that path is too long for the kernel, in a private folder of a fixed place."""

import os
import socket

import pytest

from modelberth.core.errors import ModelberthError
from modelberth.local import sockets
from modelberth.local.sockets import LONGEST, forget_sockets, socket_path


@pytest.fixture
def base(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("b")
    monkeypatch.setattr(sockets, "_BASE", folder)
    return folder


@pytest.fixture
def deep(tmp_path):
    directory = tmp_path / ("d" * 100)
    directory.mkdir()
    return directory


def listen(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def test_a_socket_lies_in_its_folder(tmp_path):
    assert socket_path(tmp_path, "admin") == tmp_path / "admin.sock"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("longer", "inside"), [(0, True), (1, False)])
def test_the_limit_is_counted_in_bytes(base, longer, inside):
    stem = f"/srv/ä{'x' * (LONGEST - len('/srv/ä'.encode()) - len('/admin.sock') + longer)}"
    path = socket_path(sockets.Path(stem), "admin")
    assert (str(path) == f"{stem}/admin.sock") is inside
    assert (len(os.fsencode(path)) == LONGEST) is inside


def test_supervisords_longer_name_fits_too():
    assert len(f"{'x' * LONGEST}.{1 << 22}\0") <= 104


def test_a_long_path_has_a_private_folder_whatever_the_shell_says(base, deep, monkeypatch):
    first = socket_path(deep, "admin")
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    assert socket_path(deep, "admin") == first
    assert first.parent.parent == base
    assert first.parent.stat().st_mode & 0o777 == 0o700
    assert socket_path(deep, "supervisor").parent == first.parent
    listen(first)


def test_the_fixed_place_is_tmp(deep):
    path = socket_path(deep, "admin")
    try:
        assert path.parent.parent == sockets.Path("/tmp")
        assert len(os.fsencode(path)) <= LONGEST
    finally:
        forget_sockets(deep)
    assert not path.parent.exists()


def test_for_a_directory_that_is_gone_nothing_is_made(base, tmp_path):
    socket_path(tmp_path / ("d" * 100), "admin")
    forget_sockets(tmp_path / ("d" * 100))
    assert list(base.iterdir()) == []


def test_a_planted_link_is_refused_and_nothing_behind_it_is_removed(base, deep, tmp_path):
    place = socket_path(deep, "admin").parent
    place.rmdir()
    (tmp_path / "theirs").mkdir()
    listen(tmp_path / "theirs" / "admin.sock")
    place.symlink_to(tmp_path / "theirs")
    with pytest.raises(ModelberthError, match="not a folder of this user's"):
        socket_path(deep, "admin")
    forget_sockets(deep)
    assert (tmp_path / "theirs" / "admin.sock").exists()
    assert place.is_symlink()


def test_a_folder_that_others_may_enter_is_refused(base, deep):
    place = socket_path(deep, "admin").parent
    place.chmod(0o777)
    with pytest.raises(ModelberthError, match="not a folder of this user's"):
        socket_path(deep, "admin")


def test_only_sockets_are_forgotten(base, deep):
    paths = [socket_path(deep, name) for name in ("admin", "supervisor")]
    for path in paths:
        listen(path)
    notes = paths[0].with_name("notes")
    notes.write_text("mine")
    forget_sockets(deep)
    assert list(notes.parent.iterdir()) == [notes]
    notes.unlink()
    paths[0].write_text("no socket")
    forget_sockets(deep)
    assert paths[0].read_text() == "no socket"
    paths[0].unlink()
    forget_sockets(deep)
    forget_sockets(deep)
    assert list(base.iterdir()) == []
