"""A model is fetched from where it is, and is there only if it is the one that was pinned."""

import os

import boto3
import pytest
from moto import mock_aws

from modelberth.models.digest import digest_of
from modelberth.models.fetch import fetch, main

FILES = {"MLmodel": "flavors: {}", "data/weights.bin": "0101"}
OTHER = f"sha256:{'0' * 64}"


@pytest.fixture
def model(tmp_path):
    """A folder with a model, and its digest."""
    folder = tmp_path / "there"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder, digest_of(folder)


def fetched(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def refused(capsys, *arguments):
    assert main(arguments) == 1
    return capsys.readouterr().err.strip()


def test_a_model_in_a_folder_is_fetched_whole(model, tmp_path):
    there, digest = model
    here = tmp_path / "here"
    fetch(there.as_uri(), digest, here)
    assert fetched(here) == FILES


def test_a_model_in_an_object_store_is_fetched_whole(model, tmp_path, monkeypatch):
    _, digest = model
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        store = boto3.client("s3", region_name="eu-central-1")
        store.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        for name, text in FILES.items():
            store.put_object(Bucket="models", Key=f"prod/iris/1.0.0/sha256-1/{name}", Body=text.encode())
        fetch("s3://models/prod/iris/1.0.0/sha256-1", digest, tmp_path / "here")
    assert fetched(tmp_path / "here") == FILES


def test_a_registered_model_is_fetched_by_its_semantic_version(shelf, tmp_path, monkeypatch):
    made = shelf.add("fetched", "1.0.0", FILES)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", shelf.registry.tracking_uri)
    fetch("models:/fetched/1.0.0", made.digest, tmp_path / "here")
    assert fetched(tmp_path / "here") == FILES


def test_another_model_than_the_pinned_one_is_refused_and_nothing_of_it_stays(model, tmp_path, capsys):
    there, digest = model
    here = tmp_path / "here"
    said = refused(capsys, "--from", there.as_uri(), "--digest", OTHER, "--to", str(here))
    assert said == (
        f"model {there.as_uri()}: its files have digest {digest}, but {OTHER} is pinned; "
        "it was altered: put the files back, or register them as another version"
    )
    assert list(here.iterdir()) == []


def test_half_a_model_of_an_earlier_attempt_is_removed_first(model, tmp_path):
    there, digest = model
    here = tmp_path / "here"
    (here / "data").mkdir(parents=True)
    (here / "data/half.bin").write_text("half")
    (here / "linked").symlink_to(there)
    fetch(there.as_uri(), digest, here)
    assert fetched(here) == FILES
    assert fetched(there) == FILES, "what a link leads to is not ours"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("models:/iris/1.0.0", "MLFLOW_TRACKING_URI is not set; set it to the registry's address"),
        ("s3://nobody-s/iris", "The specified bucket does not exist; look whether it is there"),
        ("no-such-scheme://iris", "look whether it is there"),
    ],
)
def test_what_is_not_there_is_one_line(address, why, tmp_path, capsys, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("MLFLOW_", "AWS_"))]:
        monkeypatch.delenv(name)
    with mock_aws():
        said = refused(capsys, "--from", address, "--digest", OTHER, "--to", str(tmp_path / "here"))
    assert said.startswith(f"model {address}: ")
    assert said.endswith(why)
    assert "\n" not in said


def test_a_bad_command_line_is_answered_at_once(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--from", "s3://models/iris"])
    assert ended.value.code == 2
    assert "--digest" in capsys.readouterr().err
