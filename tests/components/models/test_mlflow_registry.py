"""The registry keeps semantic versions and digests, never changes one, and says what it has."""

import pytest

from modelberth.core.errors import ModelberthError
from modelberth.models.digest import digest_of, verify
from modelberth.models.mlflow_registry import VERSION_TAG, known_versions, register, resolve


def refused(action):
    with pytest.raises(ModelberthError) as error:
        action()
    return str(error.value)


def test_a_registered_version_is_resolved_to_its_files_and_digest(shelf):
    made = shelf.add("iris", "1.0.0", {"MLmodel": "one", "data/a b": "x"})
    found = resolve(shelf.registry, "models:/iris/1.0.0")
    assert found.model == made
    assert (made.uri, made.version, made.digest) == ("models:/iris/1.0.0", "1.0.0", digest_of(found.files))
    assert (found.files / "data/a b").read_text() == "x"


def test_versions_are_listed_in_the_order_of_their_registration(shelf):
    for version in ("2.0.0", "1.10.0", "1.9.0-rc.1"):
        shelf.add("ordered", version)
    assert known_versions(shelf.registry, "ordered") == ["2.0.0", "1.10.0", "1.9.0-rc.1"]


def test_the_numbers_of_mlflow_play_no_part(shelf):
    shelf.add("counted", "3.0.0")
    message = refused(lambda: resolve(shelf.registry, "models:/counted/1"))
    assert message == "model models:/counted/1: '1' is no semantic version; write three numbers: models:/counted/1.4.0"


def test_a_version_is_registered_once(shelf):
    before = shelf.add("once", "1.0.0", {"MLmodel": "first"})
    message = refused(lambda: shelf.add("once", "1.0.0", {"MLmodel": "second"}))
    assert message == "model once: version 1.0.0 is registered already; raise the version"
    assert known_versions(shelf.registry, "once") == ["1.0.0"]
    assert resolve(shelf.registry, "models:/once/1.0.0").model == before


def test_an_unknown_version_is_answered_with_the_known_ones(shelf):
    for version in ("1.0.0", "1.1.0"):
        shelf.add("known", version)
    known = {"models:/known/9.9.9": "1.0.0, 1.1.0", "models:/known": "1.0.0, 1.1.0", "models:/nobody/1.0.0": "none"}
    assert {uri: refused(lambda uri=uri: resolve(shelf.registry, uri)) for uri in known} == {
        uri: f"model {uri}: no such version in the registry; registered versions: {there}"
        for uri, there in known.items()
    }


def test_what_was_registered_without_us_is_not_seen(shelf):
    logged = shelf.log("foreign", {"MLmodel": "x"})
    shelf.registry.create_registered_model("foreign")
    shelf.registry.create_model_version("foreign", source=logged.model_uri, model_id=logged.model_id)
    shelf.registry.set_model_version_tag("foreign", "1", VERSION_TAG, "1.0.0")
    assert known_versions(shelf.registry, "foreign") == []
    assert "registered versions: none" in refused(lambda: resolve(shelf.registry, "models:/foreign/1.0.0"))


@pytest.mark.parametrize("version", ["1", "latest", "v1.0.0", ""])
def test_only_semantic_versions_are_registered(shelf, version):
    logged = shelf.log("semantic", {"MLmodel": "x"})
    assert "models:/semantic/" in refused(lambda: register(shelf.registry, "semantic", version, logged))
    assert known_versions(shelf.registry, "semantic") == []


def test_a_model_without_files_is_not_registered(shelf):
    logged = shelf.log("hollow", {})
    assert "no files there; register the model again" in refused(
        lambda: register(shelf.registry, "hollow", "1.0.0", logged)
    )
    assert shelf.registry.search_registered_models("name = 'hollow'") == []


def test_an_altered_file_is_noticed(shelf):
    made = shelf.add("altered", "1.0.0", {"MLmodel": "good"})
    found = resolve(shelf.registry, made.uri)
    verify(found.files, made.digest, made.uri)
    (found.files / "MLmodel").write_text("bad")
    message = refused(lambda: verify(found.files, made.digest, made.uri))
    assert message.startswith(f"model {made.uri}: its files have digest {digest_of(found.files)}, but {made.digest} is")
