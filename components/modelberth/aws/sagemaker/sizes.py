"""A service's size as an instance type: exactly that size, or a refusal with the nearest ones."""

from collections.abc import Iterator

from modelberth.aws.sagemaker.instances import InstanceType, exact, nearest
from modelberth.core.errors import ModelberthError
from modelberth.core.service import Size

Limit = tuple[bool, str, str, str]
"""Whether a limit is met, for which field, why, and what to write instead."""


def chosen(size: Size) -> InstanceType | None:
    """The type that has exactly this size. None: there is none."""
    return exact(*_asked(size))


def instance_type(size: Size) -> str:
    """The name of the type that has exactly this size. Raises `ModelberthError` where `limits` would refuse it."""
    found = chosen(size)
    if found is None:
        raise ModelberthError(f"no instance type has {size.cpu:g} cores and {size.memory_gib:g} GiB")
    return found.name


def limits(size: Size) -> Iterator[Limit]:
    """The fields in which a size differs from the nearest type, where no type has exactly this size."""
    near = nearest(*_asked(size))
    if exact(*_asked(size)) is not None or not near:
        return
    listed = ", ".join(map(_described, near))
    for field, got in _unlike(size, near[0]):
        yield True, f"size.{field}", f"no instance type has exactly this size ({got})", f"near it: {listed}; write one"


def _asked(size: Size) -> tuple[float, float, str | None, int]:
    gpu = size.gpu
    return size.cpu, size.memory_gib, None if gpu is None else gpu.type, 0 if gpu is None else gpu.count


def _described(type_: InstanceType) -> str:
    gpus = f", {type_.gpus} {type_.gpu_type}" if type_.gpus else ""
    return f"{type_.name} ({type_.vcpus} cores, {type_.memory_gib:g} GiB{gpus})"


def _unlike(size: Size, near: InstanceType) -> Iterator[tuple[str, str]]:
    if size.cpu != near.vcpus:
        yield "cpu", f"{size.cpu:g} cores"
    if size.memory_gib != near.memory_gib:
        yield "memory_gib", f"{size.memory_gib:g} GiB"
    if size.gpu is not None and size.gpu.type.lower() != near.gpu_type:
        yield "gpu.type", size.gpu.type
    if size.gpu is not None and size.gpu.count != near.gpus:
        yield "gpu.count", f"{size.gpu.count} accelerators"
