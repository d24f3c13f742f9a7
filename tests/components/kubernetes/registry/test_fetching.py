"""How a service's pods fetch models of a registry: as a user of it, whose password is a file of one container."""

import configparser

import pytest
from components.kubernetes.deployment.samples import EVERYTHING
from components.kubernetes.deployment.samples import objects as service

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.model_files import ModelStore
from modelberth.kubernetes.registry.files import CLIENT_FILE, DATABASE_URI, auth_file, client_file

URL = "http://registry.models.svc:80"
STORE = {"mlflow": URL, "credentials": {"secret": "registry-credentials", "key": CLIENT_FILE}}


def fetching_pod(store=STORE):
    made = service(foundation={**EVERYTHING, "models": store})
    return made["ranker--1-4-0"]["spec"]["template"]["spec"]


def test_the_user_is_where_mlflow_looks_for_it_below_home():
    pod = fetching_pod()
    [fetcher] = pod["initContainers"]
    environment = {each["name"]: each["value"] for each in fetcher["env"]}
    assert environment == {"HOME": "/tmp", "MLFLOW_TRACKING_URI": URL}
    mounts = {each["name"]: each["mountPath"] for each in fetcher["volumeMounts"]}
    [volume] = [each for each in pod["volumes"] if each["name"] == "model-credentials"]
    [item] = volume["secret"]["items"]
    assert f"{mounts['model-credentials']}/{item['path']}" == f"{environment['HOME']}/.mlflow/credentials"
    assert "model-credentials" not in {each["name"] for each in pod["containers"][0]["volumeMounts"]}


def test_mlflow_itself_reads_that_file(tmp_path, monkeypatch):
    from mlflow.utils.credentials import read_mlflow_creds

    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / CLIENT_FILE).write_text(client_file("reader", "100%-secret"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_USERNAME", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_PASSWORD", raising=False)
    assert tuple(read_mlflow_creds()) == ("reader", "100%-secret")


def test_the_file_of_its_users_has_what_mlflow_reads():
    parser = configparser.ConfigParser()
    parser.read_string(auth_file("NO_PERMISSIONS", "100%-secret"))
    told = parser["mlflow"]
    assert (told["default_permission"], told["database_uri"], told["admin_username"], told["admin_password"]) == (
        "NO_PERMISSIONS", DATABASE_URI, "admin", "100%-secret",
    )  # fmt: skip


def test_a_file_that_no_variable_names_is_refused_where_only_a_variable_could():
    with pytest.raises(ConfigError, match="credentials has no variable, and only MLflow finds its file without"):
        ModelStore.parse({"prefix": "s3://models/prod", "credentials": STORE["credentials"]})
