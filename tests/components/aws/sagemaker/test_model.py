"""Containers, and what SageMaker's model is made of."""

import pytest

from modelberth.aws.sagemaker.model import Artefact, content_of
from modelberth.core.errors import ConfigError

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving@sha256:" + "0" * 64
FOLDER = "s3://models/ranker/1.4.0/"


def content(*containers, **fields):
    artefact = Artefact.parse({"version": "1.4.0", "containers": containers, **fields})
    return content_of(artefact, isolated=True)


def test_one_container_with_a_folder_of_files():
    assert content({"image": IMAGE, "model_data": FOLDER}) == {
        "enable_network_isolation": True,
        "primary_container": {
            "image": IMAGE,
            "model_data_source": {
                "s3_data_sources": [{"s3_uri": FOLDER, "s3_data_type": "S3Prefix", "compression_type": "None"}]
            },
        },
    }


def test_an_archive_is_given_by_its_address():
    container = content({"image": IMAGE, "model_data": f"{FOLDER}model.tar.gz"})["primary_container"]
    assert container == {"image": IMAGE, "model_data_url": f"{FOLDER}model.tar.gz"}


def test_several_containers_stand_in_series_or_side_by_side():
    first, second = {"image": IMAGE, "hostname": "scale"}, {"image": IMAGE, "hostname": "rank"}
    assert content(first, second)["inference_execution_config"] == {"mode": "Serial"}
    assert content(first, second, execution="direct")["inference_execution_config"] == {"mode": "Direct"}
    assert [item["container_hostname"] for item in content(first, second)["containers"]] == ["scale", "rank"]


def test_many_models_in_one_container():
    container = content({"image": IMAGE, "model_data": FOLDER}, many=True)["primary_container"]
    assert (container["mode"], container["model_data_url"]) == ("MultiModel", FOLDER)


@pytest.mark.parametrize(
    ("containers", "fields", "message"),
    [
        ([], {}, "containers: got 0 containers; SageMaker takes 1 to 15"),
        (
            [{"image": IMAGE}] * 16,
            {},
            "containers: got 16 containers; SageMaker takes 1 to 15",
        ),
        (
            [{"image": IMAGE}] * 2,
            {"many": True},
            "many models in 2 containers; SageMaker loads them in one; leave one",
        ),
        (
            [{"image": IMAGE}],
            {"many": True},
            "many is set, but there is no model_data; give the folder in which the models lie",
        ),
        (
            [{"image": IMAGE, "hostname": "a"}],
            {"execution": "direct"},
            "execution is direct, but there is one container; write serial, or add containers",
        ),
        (
            [{"image": IMAGE}, {"image": IMAGE, "hostname": "b"}],
            {"execution": "direct"},
            "execution is direct, and a container has no hostname; give each one",
        ),
    ],
)
def test_what_cannot_run_is_refused(containers, fields, message):
    with pytest.raises(ConfigError) as error:
        content(*containers, **fields)
    assert [str(fault) for fault in error.value.faults] == [message]
