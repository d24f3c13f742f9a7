"""The digest of a model: any change of its files is another digest, and nothing else is."""

import hashlib
import os
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelberth.core.errors import ModelberthError
from modelberth.models.digest import digest_of, is_unaltered, verify

STEADY = settings(
    derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FILES = {"MLmodel": "flavors", "model.skops": "weights", "data/schema.json": "{}"}
PATH = st.from_regex(r"([a-z]{1,3}/)?[a-z]{1,3}\.txt", fullmatch=True)


def laid_out(folder, files):
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode())
    return folder


@pytest.fixture
def model(tmp_path):
    return laid_out(tmp_path / "model", FILES)


CHANGES = {
    "a file changed": lambda model: (model / "MLmodel").write_text("flavorz"),
    "a file got longer": lambda model: (model / "MLmodel").write_text("flavors\n"),
    "a file was emptied": lambda model: (model / "MLmodel").write_text(""),
    "a file was added": lambda model: (model / "extra").write_text(""),
    "a hidden file was added": lambda model: (model / ".hidden").write_text("x"),
    "a file was removed": lambda model: (model / "MLmodel").unlink(),
    "a file was renamed": lambda model: (model / "MLmodel").rename(model / "MLmodel2"),
    "a file was moved": lambda model: (model / "data/schema.json").rename(model / "schema.json"),
    "a file deep down changed": lambda model: (model / "data/schema.json").write_text("[]"),
    "two files changed places": lambda model: laid_out(model, {"MLmodel": "weights", "model.skops": "flavors"}),
    "content went to another file": lambda model: laid_out(model, {"MLmodel": "flavorsw", "model.skops": "eights"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_the_files_is_another_digest(model, change):
    before = digest_of(model)
    change(model)
    assert digest_of(model) != before


def test_the_digest_is_known(model):
    # sha256sum of `<sha256>\0<path>\0` of each file, by hand: a change of the form would make every pin worthless.
    assert digest_of(model) == "sha256:baf91e69acaca4dcb8f2b3653847c40a5d58b9ca67e40f88c3939346234fd600"


def test_time_permission_place_and_order_of_writing_do_not_count(model, tmp_path):
    before = digest_of(model)
    os.utime(model / "MLmodel", (1, 1))
    (model / "MLmodel").chmod(0o600)
    assert digest_of(model) == before
    moved = laid_out(tmp_path / "elsewhere" / "deep", dict(reversed(FILES.items())))
    (moved / "empty folder").mkdir()
    assert digest_of(moved) == before


@STEADY
@given(st.dictionaries(PATH, st.text(max_size=5), min_size=1, max_size=5), st.data())
def test_two_models_have_one_digest_only_if_they_are_the_same(tmp_path_factory, files, data):
    other = data.draw(st.one_of(st.just(files), st.dictionaries(PATH, st.text(max_size=5), min_size=1, max_size=5)))
    first, second = (digest_of(laid_out(tmp_path_factory.mktemp("m"), given)) for given in (files, other))
    assert (first == second) == (files == other)


def test_a_linked_folder_is_refused_because_its_files_would_not_count(model, tmp_path):
    (model / "linked").symlink_to(laid_out(tmp_path / "outside", {"weights": "1"}))
    with pytest.raises(ModelberthError) as error:
        digest_of(model)
    assert str(error.value) == f"model {model}: linked is a link to a folder elsewhere; copy the folder here"


def test_a_file_behind_a_link_counts(model, tmp_path):
    (model / "linked").symlink_to(laid_out(tmp_path / "outside", {"weights": "1"}) / "weights")
    before = digest_of(model)
    (tmp_path / "outside/weights").write_text("2")
    assert digest_of(model) != before


def test_a_line_break_in_a_name_does_not_pass_for_two_files(tmp_path):
    two = laid_out(tmp_path / "two", {"a": "1", "b": "2"})
    inner = hashlib.sha256(b"2").hexdigest()
    one = laid_out(tmp_path / "other", {f"a\n{inner}  b": "1"})
    assert digest_of(one) != digest_of(two)


@pytest.mark.parametrize(
    "make", [lambda path: None, lambda path: path.mkdir(), lambda path: (path / "a").mkdir(parents=True)]
)
def test_no_file_is_no_model(tmp_path, make):
    make(tmp_path / "model")
    with pytest.raises(ModelberthError) as error:
        digest_of(tmp_path / "model")
    assert str(error.value) == f"model {tmp_path / 'model'}: no files there; register the model again"


def test_the_pinned_files_pass(model):
    verify(model, digest_of(model), "models:/iris/1.0.0")


def test_the_pinned_files_are_unaltered_and_no_others(model, tmp_path):
    pinned = digest_of(model)
    assert is_unaltered(model, pinned)
    (model / "MLmodel").write_text("other")
    assert not is_unaltered(model, pinned)
    assert not is_unaltered(tmp_path / "nowhere", pinned)


def test_a_linked_folder_is_not_what_was_pinned(model, tmp_path):
    pinned = digest_of(model)
    (model / "linked").symlink_to(laid_out(tmp_path / "outside", {"weights": "1"}))
    assert not is_unaltered(model, pinned)


def test_altered_files_are_refused_with_both_digests_and_what_to_do(model):
    pinned = digest_of(model)
    (model / "model.skops").write_text("evil")
    with pytest.raises(ModelberthError) as error:
        verify(model, pinned, "models:/iris/1.0.0")
    assert str(error.value) == (
        f"model models:/iris/1.0.0: its files have digest {digest_of(model)}, but {pinned} is pinned; it was altered: "
        "put the files back, or register them as another version"
    )
    assert "evil" not in str(error.value)
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest_of(model))
