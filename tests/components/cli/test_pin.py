"""Which versions `modelberth pin` resolves, and in which registry it looks."""

import argparse

import pytest
import yaml

from modelberth.cli import pin
from modelberth.core.errors import ModelberthError
from modelberth.local.registry import tracking_uri
from modelberth.stack.files import files_of

STACK = {
    "owner": "o",
    "cost_centre": "c",
    "services": {
        "iris": {"on": "local", "model": {"uri": "models:/iris"}},
        "ranker": {"on": "local", "model": {"uri": "models:/ranker/2.0.0"}},
    },
}
ROLLOUTS = {"iris": {"generation": 1, "stable": "1.0.0", "candidate": "1.1.0"}}


@pytest.fixture
def project(tmp_path):
    """A checkout with an environment `dev`."""
    (tmp_path / "Pulumi.yaml").write_text("name: test\nruntime: python\nmain: stacks\nstackConfigDir: stacks/config\n")
    (tmp_path / "stacks/config").mkdir(parents=True)

    def write(rollouts=None, **fields):
        files = files_of(tmp_path, "dev")
        files.config.write_text(yaml.safe_dump({"config": {"modelberth:stack": {**STACK, **fields}}}))
        files.rollouts.write_text(yaml.safe_dump(ROLLOUTS if rollouts is None else rollouts))
        return tmp_path

    return write


def registry_of(place):
    return pin.own_registry(place, files_of(place, "dev"), "dev")


def test_the_stacks_own_registry_is_in_its_runtime_directory(project):
    place = project()
    assert registry_of(place) == tracking_uri(place / ".modelberth/dev")


@pytest.mark.parametrize(("directory", "where"), [("run/here", "run/here"), ("{}/else where", "else where")])
def test_a_directory_of_the_foundation_holds_the_registry(project, directory, where):
    place = project()
    project(foundation={"local": {"directory": directory.format(place)}})
    assert registry_of(place) == tracking_uri(place / where)


def test_a_registry_of_the_foundation_is_asked(project):
    both = {"local": {"registry": "https://registry.example", "directory": "run"}}
    assert registry_of(project(foundation=both)) == "https://registry.example"


def test_a_bad_foundation_is_refused_with_its_path(project):
    with pytest.raises(ModelberthError, match=r"foundation\.local\.registri: no such field; .*did you mean 'registry'"):
        registry_of(project(foundation={"local": {"registri": "x"}}))


@pytest.mark.parametrize(
    ("asked", "registry"), [(None, "https://registry.example"), ("https://other.example", "https://other.example")]
)
def test_the_command_asks_that_registry_for_all_versions(project, monkeypatch, capsys, asked, registry):
    place = project(foundation={"local": {"registry": "https://registry.example"}})
    calls = []

    def written(file, client, uris):
        calls.append((file, client, uris))
        return {uris[0]: "sha256:new"}

    monkeypatch.setattr(pin, "client", lambda address: f"client of {address}")
    monkeypatch.setattr(pin.pins, "write", written)
    pin.run(argparse.Namespace(project=place, stack="dev", uri=[], registry=asked))
    uris = ["models:/iris/1.0.0", "models:/iris/1.1.0", "models:/ranker/2.0.0"]
    assert calls == [(files_of(place, "dev").pins, f"client of {registry}", uris)]
    assert "pinned models:/iris/1.0.0 sha256:new\n" in capsys.readouterr().out


def test_a_bad_address_is_refused_with_its_service(project):
    services = {**STACK["services"], "ranker": {"on": "local", "model": {"uri": "s3://bucket"}}}
    place = project(services=services)
    with pytest.raises(ModelberthError) as error:
        pin.named_in(files_of(place, "dev"), "dev")
    assert str(error.value) == ("services.ranker.model.uri: no address in a registry; write models:/<name>/<version>")
