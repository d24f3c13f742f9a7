"""A size is exactly one instance type, or refused in the fields in which the nearest one differs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.aws.sagemaker.instances import instance, load
from modelberth.aws.sagemaker.sizes import instance_type, limits
from modelberth.core.errors import ModelberthError
from modelberth.core.service import Size

NEAR_3 = (
    "near it: ml.c7i.xlarge (4 cores, 8 GiB), ml.c6i.xlarge (4 cores, 8 GiB), ml.c5.xlarge (4 cores, 8 GiB); write one"
)


def met(**size):
    return [(field, why, fix) for applies, field, why, fix in limits(Size.parse(size)) if applies]


@pytest.mark.parametrize(
    ("size", "name"),
    [
        ({"cpu": 2, "memory_gib": 8}, "ml.m7i.large"),
        ({"cpu": 4, "memory_gib": 8}, "ml.c7i.xlarge"),
        ({"cpu": 4, "memory_gib": 16, "gpu": {"type": "L4"}}, "ml.g6.xlarge"),
        ({"cpu": 48, "memory_gib": 192, "gpu": {"type": "a10g", "count": 4}}, "ml.g5.12xlarge"),
    ],
)
def test_a_size_is_the_type_that_has_it(size, name):
    assert instance_type(Size.parse(size)) == name
    assert met(**size) == []


REFUSED = {
    "other cores": (
        {"cpu": 3, "memory_gib": 8},
        [("size.cpu", "no instance type has exactly this size (3 cores)", NEAR_3)],
    ),
    "other cores and other memory": (
        {"cpu": 3, "memory_gib": 7},
        [
            ("size.cpu", "no instance type has exactly this size (3 cores)", NEAR_3),
            ("size.memory_gib", "no instance type has exactly this size (7 GiB)", NEAR_3),
        ],
    ),
    "an accelerator that none has": (
        {"cpu": 4, "memory_gib": 16, "gpu": {"type": "tpu"}},
        [
            (
                "size.gpu.type",
                "no instance type has exactly this size (tpu)",
                "near it: ml.g4dn.xlarge (4 cores, 16 GiB, 1 t4), ml.g5.xlarge (4 cores, 16 GiB, 1 a10g), "
                "ml.g6.xlarge (4 cores, 16 GiB, 1 l4); write one",
            )
        ],
    ),
    "more accelerators than one has": (
        {"cpu": 4, "memory_gib": 16, "gpu": {"type": "l4", "count": 2}},
        [
            (
                "size.gpu.count",
                "no instance type has exactly this size (2 accelerators)",
                "near it: ml.g6.xlarge (4 cores, 16 GiB, 1 l4), ml.g6.2xlarge (8 cores, 32 GiB, 1 l4), "
                "ml.g6.4xlarge (16 cores, 64 GiB, 1 l4); write one",
            )
        ],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_another_size_is_refused_with_the_nearest_types(case):
    size, refused = REFUSED[case]
    assert met(**size) == refused
    with pytest.raises(ModelberthError, match=r"^no instance type has \d+ cores and \d+ GiB$"):
        instance_type(Size.parse(size))


@given(
    st.sampled_from([1, 2, 3, 4, 8, 48, 96]),
    st.sampled_from([1, 4, 8, 16, 17, 192, 384]),
    st.sampled_from([None, "l4", "a10g", "t4", "tpu"]),
    st.integers(1, 4),
)
@settings(derandomize=True, deadline=None)
def test_a_size_is_either_a_type_of_that_size_or_refused(cpu, memory_gib, gpu, count):
    size = Size.parse(
        {"cpu": cpu, "memory_gib": memory_gib, **({} if gpu is None else {"gpu": {"type": gpu, "count": count}})}
    )
    refused = [limit for limit in limits(size) if limit[0]]
    if refused:
        with pytest.raises(ModelberthError):
            instance_type(size)
        return
    found = instance(instance_type(size))
    assert (found.vcpus, found.memory_gib) == (cpu, memory_gib)
    assert (found.gpu_type, found.gpus) == ((None, 0) if gpu is None else (gpu, count))


def test_what_is_near_exists():
    names = {word for word in NEAR_3.replace(":", " ").split() if word.startswith("ml.")}
    assert names <= load().keys()
    assert len(names) == 3
