"""Artefacts that no endpoint can serve: each with its exact message."""

import pytest
from components.aws.sagemaker.samples import CONTAINER, ECR, IMAGE, REALTIME, VARIANT, faults

from modelberth.aws.sagemaker.realtime.config import RealtimeEndpointArgs

ELSEWHERE = IMAGE.replace("eu-central-1", "us-east-1")
ARCHIVE = "s3://models/ranker/1.4.0/model.tar.gz"


def variant(**fields):
    return {"variants": {"stable": {**VARIANT, **fields}}}


def container(**fields):
    return variant(containers=[{**CONTAINER, **fields}])


REFUSED = {
    "an image with a tag": (
        container(image=f"{ECR}/serving:1.4.0"),
        "variants.stable.containers.0.image: has a tag, and a tag can be moved to another image; write "
        "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>",
    ),
    "an image without a digest": (
        container(image=f"{ECR}/serving"),
        "variants.stable.containers.0.image: has no digest, so that it could change under the model; write "
        "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>",
    ),
    "an image outside ECR": (
        container(image="docker.io/library/nginx@sha256:" + "0" * 64),
        "variants.stable.containers.0.image: not in an ECR registry, and SageMaker pulls from no other; write "
        "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>",
    ),
    "an image of another region": (
        container(image=ELSEWHERE),
        "version 1.4.0: an image is in us-east-1, and SageMaker pulls from the region of the endpoint only, "
        "eu-central-1; copy it there",
    ),
    "a model outside S3": (
        container(model_data="https://example.com/model.tar.gz"),
        "variants.stable.containers.0.model_data: not a model's files; write s3://<bucket>/<model>/<version>/ for a"
        " folder, or the address of a .tar.gz",
    ),
    "a folder without its slash": (
        container(model_data="s3://models/ranker/1.4.0"),
        "variants.stable.containers.0.model_data: not a model's files; write s3://<bucket>/<model>/<version>/ for a"
        " folder, or the address of a .tar.gz",
    ),
    "a folder that is said to be an archive": (
        container(archive=True),
        "variants.stable.containers.0: archive is true, but model_data is a folder; name the .tar.gz in it",
    ),
    "an archive that is said to be a folder": (
        container(model_data=ARCHIVE, archive=False),
        "variants.stable.containers.0: archive is false, but model_data is one; leave archive out",
    ),
    "an environment name with a dash": (
        container(environment={"MAX-BATCH": "8"}),
        "variants.stable.containers.0.environment.MAX-BATCH.[key]: not a name; write letters, digits and "
        "underscores, no digit first",
    ),
    "no container": (variant(containers=[]), "variants.stable.containers: got 0 containers; SageMaker takes 1 to 15"),
    "sixteen containers": (
        variant(containers=[CONTAINER] * 16), "variants.stable.containers: got 16 containers; SageMaker takes 1 to 15",
    ),
    "many models without a folder": (
        variant(many=True, containers=[{"image": IMAGE}]),
        "variants.stable: many is set, but there is no model_data; give the folder in which the models lie",
    ),
    "a version that is none": (
        variant(version="latest"),
        "variants.stable.version: 'latest' is no semantic version; write three numbers: 1.4.0",
    ),
    "a start of ten seconds": (
        variant(startup_timeout_seconds=10),
        "variants.stable.startup_timeout_seconds: got 10, input should be greater than or equal to 60",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case):
    fields, message = REFUSED[case]
    assert faults(lambda: RealtimeEndpointArgs.parse({**REALTIME, **fields})) == [message]
