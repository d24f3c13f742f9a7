"""Serverless endpoints that cannot be meant: each with its exact message."""

import pytest
from components.aws.sagemaker.samples import ECR, IMAGE, SERVERLESS, faults, planned

from modelberth.aws.sagemaker.serverless.config import ServerlessEndpointArgs
from modelberth.aws.sagemaker.serverless.endpoint import ServerlessEndpoint
from modelberth.core.errors import ConfigError

ARTEFACT = SERVERLESS["artefact"]
CONTAINER = ARTEFACT["containers"][0]
NIGHT = {"cron": "0 8 * * *", "min": 1, "max": 3}


def container(**fields):
    return {"artefact": {**ARTEFACT, "containers": [{**CONTAINER, **fields}]}}


REFUSED = {
    "memory of 1500 MB": (
        {"memory_size_mb": 1500}, "memory_size_mb: got 1500; allowed: 1024, 2048, 3072, 4096, 5120, 6144; write 2048",
    ),
    "memory of 8192 MB": (
        {"memory_size_mb": 8192}, "memory_size_mb: got 8192; allowed: 1024, 2048, 3072, 4096, 5120, 6144; write 6144",
    ),
    "memory of a text": (
        {"memory_size_mb": "2 GB"},
        "memory_size_mb: input should be a valid integer, unable to parse string as an integer",
    ),
    "concurrency of 201": (
        {"max_concurrency": 201}, "max_concurrency: got 201, input should be less than or equal to 200",
    ),
    "no concurrency": ({"max_concurrency": 0}, "max_concurrency: got 0, input should be greater than or equal to 1"),
    "provisioned above the most": (
        {"max_concurrency": 2, "provisioned_concurrency": {"min_capacity": 1, "max_capacity": 4,
         "utilization": {"target": 0.7}}},
        "provisioned concurrency goes up to 4, above max_concurrency 2; raise max_concurrency or lower it",
    ),
    "provisioned above the most by the clock": (
        {"max_concurrency": 2, "provisioned_concurrency": {"min_capacity": 1, "max_capacity": 1, "schedule": [NIGHT]}},
        "provisioned concurrency goes up to 3, above max_concurrency 2; raise max_concurrency or lower it",
    ),
    "nothing warm": (
        {"provisioned_concurrency": {"min_capacity": 0, "max_capacity": 4}},
        "provisioned_concurrency.min_capacity: got 0, input should be greater than or equal to 1",
    ),
    "two containers": (
        {"artefact": {**ARTEFACT, "containers": [CONTAINER, CONTAINER]}},
        "artefact: a serverless endpoint takes one container with one model; take realtime",
    ),
    "many models": (
        {"artefact": {**ARTEFACT, "many": True}},
        "artefact: a serverless endpoint takes one container with one model; take realtime",
    ),
    "a folder": (
        container(model_data="s3://models/ranker/1.4.0/"),
        "artefact: model_data is a folder, and SageMaker loads one .tar.gz here; pack it",
    ),
    "an image with a tag": (
        container(image=f"{ECR}/serving:latest"),
        "artefact.containers.0.image: has a tag, and a tag can be moved to another image; write "
        "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>",
    ),
    "an image of another region": (
        container(image=IMAGE.replace("eu-central-1", "eu-west-1")),
        "version 1.4.0: an image is in eu-west-1, and SageMaker pulls from the region of the endpoint only, "
        "eu-central-1; copy it there",
    ),
    "a rollout": (
        {"rollout": {"canary": {"percent": 10}}},
        "rollout: no such field; allowed: foundation, artefact, memory_size_mb, max_concurrency, "
        "provisioned_concurrency, slo, traffic_expected, labels",
    ),
    "a capture": (
        {"capture": {"sample": "5%"}},
        "capture: no such field; allowed: foundation, artefact, memory_size_mb, max_concurrency, "
        "provisioned_concurrency, slo, traffic_expected, labels",
    ),
    "instances": (
        {"instance_type": "ml.m7i.large"},
        "instance_type: no such field; allowed: foundation, artefact, memory_size_mb, max_concurrency, "
        "provisioned_concurrency, slo, traffic_expected, labels",
    ),
    "a misspelt field": (
        {"max_concurency": 3},
        "max_concurency: no such field; allowed: foundation, artefact, memory_size_mb, max_concurrency, "
        "provisioned_concurrency, slo, traffic_expected, labels; did you mean 'max_concurrency'?",
    ),
    "a version that is none": (
        {"artefact": {**ARTEFACT, "version": "v1"}},
        "artefact.version: 'v1' is no semantic version; write three numbers: 1.4.0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case):
    fields, message = REFUSED[case]
    assert faults(lambda: ServerlessEndpointArgs.parse({**SERVERLESS, **fields})) == [message]


def test_a_latency_of_0_is_refused():
    with pytest.raises(ConfigError) as error:
        planned(ServerlessEndpoint, {**SERVERLESS, "slo": {"p99": 0}})
    told = "prod-ranker: slo.p99 is 0, and no answer takes no time; write a time above 0"
    assert [str(fault) for fault in error.value.faults] == [told]
