"""A `Service` as a serverless endpoint: what each field becomes."""

import pytest
from components.aws.sagemaker.portables import AT_8, Portable
from components.aws.sagemaker.samples import CONFIGURATION, only

from modelberth.aws.sagemaker.serverless import portable

KIND = Portable(portable, "aws:sagemaker/serverless", {})


def test_a_minimal_service_keeps_nothing_warm():
    args = KIND.endpoint()
    assert args.artefact.version == "1.4.0"
    assert (args.memory_size_mb, args.max_concurrency, args.provisioned_concurrency) == (2048, 20, None)
    assert (args.slo, KIND.translated().front_door) == (None, None)


@pytest.mark.parametrize(("memory_gib", "memory_size_mb"), [(1, 1024), (3, 3072), (6, 6144)])
def test_memory_is_in_steps_of_a_gigabyte(memory_gib, memory_size_mb):
    assert KIND.endpoint(size={"memory_gib": memory_gib}).memory_size_mb == memory_size_mb


@pytest.mark.parametrize(
    ("scale", "most", "warm"),
    [
        ({"max": 50}, 50, None),
        ({"min": 0, "max": 50}, 50, None),
        ({"min": 2, "max": 50}, 50, 2),
        ({"min": 1}, 20, 1),
    ],
)
def test_an_instance_answers_one_request_at_a_time(scale, most, warm):
    args = KIND.endpoint(scale=scale)
    provisioned = args.provisioned_concurrency
    assert args.max_concurrency == most
    assert (provisioned and provisioned.min_capacity, provisioned and provisioned.max_capacity) == (warm, warm)


def test_the_clock_moves_what_is_kept_warm():
    provisioned = KIND.endpoint(scale={"min": 1, "max": 8, "schedule": [AT_8]}).provisioned_concurrency
    assert [(entry.min, entry.max) for entry in provisioned.schedule] == [(2, 4)]


def test_callers_come_through_an_api():
    made, plan = KIND.deployed({"access": {"keys": ["web"]}}, create=True)
    assert made.front_door.versions == {"1.4.0": "stable"}
    assert only(plan, "modelberth:index:RestFrontDoor").name == "ranker"
    [variant] = only(plan, CONFIGURATION).get("productionVariants")
    assert variant["serverlessConfig"] == {"memorySizeInMb": 2048, "maxConcurrency": 20}
