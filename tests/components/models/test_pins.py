"""The pins file: what was resolved once stays written down, and only a change is reported."""

import os

import pytest
import yaml

from modelberth.core.errors import ModelberthError
from modelberth.models import pins


@pytest.fixture
def file(tmp_path):
    return tmp_path / "pins.dev.yaml"


@pytest.fixture(scope="session")
def pinned(shelf):
    return {model.uri: model.digest for model in (shelf.add("pinned", "1.0.0"), shelf.add("pinned", "1.1.0"))}


def test_no_file_pins_nothing(file):
    assert pins.read(file) == {}
    file.write_text("# nothing yet\n")
    assert pins.read(file) == {}


def test_what_was_pinned_is_read_back(file, shelf, pinned):
    assert pins.write(file, shelf.registry, pinned) == pinned
    assert pins.read(file) == pinned
    assert file.read_text().startswith("# Written by `modelberth pin`")


def test_pinning_again_changes_nothing(file, shelf, pinned):
    pins.write(file, shelf.registry, pinned)
    before = file.stat().st_mtime_ns, file.read_text()
    assert pins.write(file, shelf.registry, pinned) == {}
    assert (file.stat().st_mtime_ns, file.read_text()) == before


def test_others_keep_their_pin_and_a_wrong_one_is_put_right(file, shelf, pinned):
    first, second = pinned
    old = {"models:/other/3.0.0": "sha256:" + "1" * 64, first: "sha256:" + "2" * 64}
    file.write_text(yaml.safe_dump(old))
    assert pins.write(file, shelf.registry, [first, second]) == pinned
    assert pins.read(file) == {**old, **pinned}


def test_an_unknown_version_leaves_the_file_as_it_was(file, shelf, pinned):
    pins.write(file, shelf.registry, pinned)
    before = file.read_text()
    with pytest.raises(ModelberthError, match=r"models:/pinned/2\.0\.0: no such version .*: 1\.0\.0, 1\.1\.0$"):
        pins.write(file, shelf.registry, [*pinned, "models:/pinned/2.0.0"])
    assert file.read_text() == before
    assert list(file.parent.iterdir()) == [file]


def test_the_file_is_for_all_who_share_the_folder(file, shelf, pinned):
    before = os.umask(0o022)
    try:
        pins.write(file, shelf.registry, pinned)
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o644
