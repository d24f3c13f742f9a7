"""Instance types as data: what EC2 and SageMaker say of them, and which one a portable size becomes."""

import math

import botocore.loaders
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.ec2.models.instance_types import INSTANCE_TYPES

from modelberth.aws.sagemaker.instances import (
    InstanceTypeName,
    catalogue,
    exact,
    instance,
    load,
    nearest,
)
from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, ModelberthError

NOT_OF_EC2 = {"p3"}
"""Families that EC2 no longer lists; their rows are checked below."""

PREFERRED = [type_ for type_ in load().values() if type_.family in catalogue().preference]


def hosted():
    model = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")
    return model["shapes"]["ProductionVariantInstanceType"]["enum"]


def test_sagemaker_hosts_on_every_type_that_is_listed():
    assert load().keys() <= set(hosted())


def test_types_are_left_out_for_want_of_facts_only():
    missing = {name for name in hosted() if name not in load()}
    assert {name.split(".")[1] for name in missing} == {"p2", "dl1", "p6e-gb200"}
    assert not {name.removeprefix("ml.") for name in missing} & INSTANCE_TYPES.keys()


def said_by_ec2(name):
    """What DescribeInstanceTypes says, in our words."""
    said = INSTANCE_TYPES[name.removeprefix("ml.")]
    devices = [*said.get("GpuInfo", {}).get("Gpus", ()), *said.get("NeuronInfo", {}).get("NeuronDevices", ())]
    return {
        "vcpus": said["VCpuInfo"]["DefaultVCpus"],
        "memory_gib": said["MemoryInfo"]["SizeInMiB"] / 1024,
        "gpus": sum(device["Count"] for device in devices),
        "neuron": "NeuronInfo" in said,
        "nvme_gb": said.get("InstanceStorageInfo", {}).get("TotalSizeInGB", 0),
        "nvme": said["InstanceStorageSupported"],
        "architecture": "arm64" if "arm64" in said["ProcessorInfo"]["SupportedArchitectures"] else "x86_64",
        "burstable": said["BurstablePerformanceSupported"],
        "memory_mib": {device["MemoryInfo"]["SizeInMiB"] for device in devices},
    }


def test_types_have_what_ec2_says():
    for name, type_ in load().items():
        if type_.family in NOT_OF_EC2:
            continue
        said = said_by_ec2(name)
        memory = said.pop("memory_mib")
        assert {word: getattr(type_, word) for word in said} == said, name
        # EC2 says 512 GiB for each of the 16 devices of trn2, the Neuron documentation 1,536 GiB for all of them.
        if type_.family != "trn2":
            assert ({type_.gpu.memory_mib} if type_.gpu else set()) == memory, name


def test_trn2_has_the_device_memory_that_neuron_documents():
    type_ = instance("ml.trn2.48xlarge")
    assert type_.gpu is not None
    assert type_.gpus * type_.gpu.memory_mib / 1024 == 1536


@pytest.mark.parametrize(
    ("name", "vcpus", "memory_gib", "gpus"),
    [("ml.p3.2xlarge", 8, 61, 1), ("ml.p3.8xlarge", 32, 244, 4), ("ml.p3.16xlarge", 64, 488, 8)],
)
def test_p3_is_as_the_ec2_guide_had_it(name, vcpus, memory_gib, gpus):
    type_ = instance(name)
    assert (type_.vcpus, type_.memory_gib, type_.gpus, type_.gpu_type, type_.nvme) == (
        vcpus,
        memory_gib,
        gpus,
        "v100",
        False,
    )


def test_what_rules_depend_on():
    assert [instance(name).nvme for name in ("ml.m5d.large", "ml.g5.xlarge", "ml.m6i.large")] == [True, True, False]
    assert [instance(name).inf1 for name in ("ml.inf1.xlarge", "ml.inf2.xlarge")] == [True, False]
    assert [instance(name).burstable for name in ("ml.t2.medium", "ml.m5.large")] == [True, False]
    assert [instance(name).neuron for name in ("ml.inf2.xlarge", "ml.g5.xlarge")] == [True, False]
    assert [instance(name).gpu_type for name in ("ml.g6.xlarge", "ml.p5.48xlarge", "ml.m5.large")] == [
        "l4",
        "h100",
        None,
    ]


def test_a_portable_size_never_becomes_burstable_or_arm():
    assert set(catalogue().preference) <= catalogue().families.keys()
    assert not [type_.name for type_ in PREFERRED if type_.burstable or type_.architecture == "arm64"]


@pytest.mark.parametrize(
    ("size", "name"),
    [
        ((2, 8), "ml.m7i.large"),
        ((4, 8), "ml.c7i.xlarge"),
        ((2, 16), "ml.r7i.large"),
        ((128, 512), "ml.m6i.32xlarge"),
        ((4, 16, "a10g", 1), "ml.g5.xlarge"),
        ((4, 16, "L4", 1), "ml.g6.xlarge"),
        ((4, 16, "inferentia2", 1), "ml.inf2.xlarge"),
        ((96, 1152, "a100", 8), "ml.p4d.24xlarge"),
        ((16, 256, "h100", 1), "ml.p5.4xlarge"),
    ],
)
def test_a_size_becomes_the_newest_type_that_has_it(size, name):
    found = exact(*size)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("size", [(1, 2), (2, 8.5), (4, 16, "t5", 1), (4, 16, "l4", 2), (2, 3.75)])
def test_a_size_that_no_type_has_becomes_none(size):
    assert exact(*size) is None


@given(st.sampled_from(PREFERRED))
def test_every_preferred_type_can_be_had_by_its_size(type_):
    found = exact(type_.vcpus, type_.memory_gib, type_.gpu_type, type_.gpus)
    assert found is not None
    same = [other for other in PREFERRED if (other.vcpus, other.memory_gib) == (type_.vcpus, type_.memory_gib)]
    rivals = [other for other in same if (other.gpu_type, other.gpus) == (type_.gpu_type, type_.gpus)]
    assert found in rivals
    order = catalogue().preference
    assert order.index(found.family) == min(order.index(other.family) for other in rivals)


sizes = st.tuples(
    st.one_of(st.sampled_from([1, 2, 4, 8, 36]), st.floats(0.1, 500)),
    st.one_of(st.sampled_from([2, 4, 8, 16, 61]), st.floats(0.1, 5000)),
)
accelerators = st.one_of(
    st.just((None, 0)),
    st.tuples(st.sampled_from(["t4", "l4", "A10G", "v100", "inferentia2", "x9"]), st.integers(0, 16)),
)


@given(sizes, accelerators)
def test_the_nearest_type_is_the_exact_one_or_differs(size, gpu):
    found, near = exact(*size, *gpu), nearest(*size, *gpu)
    assert len(near) == len(set(near)) == 3
    first = near[0]
    same = (first.vcpus, first.memory_gib, first.gpu_type, first.gpus) == (*size, gpu[0] and gpu[0].lower(), gpu[1])
    assert same == (found is not None)
    if found is not None:
        assert near[0] == found


@given(sizes, accelerators)
def test_near_means_few_doublings_away_with_the_same_accelerator(size, gpu):
    near = nearest(*size, *gpu)
    distances = [
        abs(math.log2(type_.vcpus / size[0]))
        + abs(math.log2(type_.memory_gib / size[1]))
        + (abs(math.log2(type_.gpus / gpu[1])) if gpu[1] else 0)
        for type_ in near
    ]
    assert distances == sorted(distances)
    known = gpu[0] is None or any(type_.gpu_type == gpu[0].lower() for type_ in PREFERRED)
    for type_ in near:
        assert type_.gpu_type == (gpu[0] and gpu[0].lower()) if known else type_.gpus > 0


class Chosen(Config):
    instance_type: InstanceTypeName


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "ml.m6i.larg",
            "got 'ml.m6i.larg', no known instance type for hosting; nearest: ml.m6i.large, ml.m6i.xlarge, "
            "ml.m6i.8xlarge",
        ),
        ("m6i.large", "no known instance type for hosting; nearest: ml.m6i.large"),
        (
            "ml.p2.xlarge",
            "got 'ml.p2.xlarge', no known instance type for hosting; nearest: ml.t2.xlarge, ml.t2.2xlarge, "
            "ml.p5.4xlarge",
        ),
        ("hunter2", "no known instance type for hosting; write one such as ml.m7i.large"),
    ],
)
def test_an_unknown_type_is_answered_with_the_nearest(name, message):
    with pytest.raises(ConfigError) as config_error:
        Chosen.parse({"instance_type": name})
    assert str(config_error.value) == f"configuration: 1 fault\n  instance_type: {message}"
    with pytest.raises(ModelberthError) as error:
        instance(name)
    assert str(error.value) == message


def test_a_known_type_is_taken():
    assert Chosen.parse({"instance_type": "ml.m6i.large"}).instance_type == "ml.m6i.large"
