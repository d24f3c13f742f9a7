"""What a pod reserves: the requests of its containers; where one states none, its limits, as Kubernetes does."""

from collections.abc import Callable, Iterable

from modelberth_policies.bill.item import NotPriceable, Values
from modelberth_policies.bill.kubernetes.node import Asked
from modelberth_policies.bill.quantity import gib, quantity
from modelberth_policies.resources import read

GPUS = ("nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915")
_KNOWN = ("cpu", "memory", "ephemeral-storage", *GPUS)


def asked_by(pod: Values, *single: str) -> Asked:
    """What a pod reserves. `single`: fields of it that are one container each, as KServe's `model` is."""
    running = [*pod.each("containers"), *(pod.under(field) for field in single if pod.has(field))]
    initial = pod.each("initContainers")
    # One that is always restarted is a sidecar: it runs beside the others.
    running += [each for each in initial if each.value("restartPolicy") == "Always"]
    before = [each for each in initial if each.value("restartPolicy") != "Always"]
    if not running:
        raise NotPriceable(f"{pod.at or 'it'} names no containers")
    return asked_of(running, before)


def asked_of(running: Iterable[Values], before: Iterable[Values] = ()) -> Asked:
    """What containers reserve that run together, and some that run before them, one by one."""
    running, before = list(running), list(before)
    return Asked(
        cores=_most(running, before, lambda one: _request(one, "cpu", quantity)),
        gib=_most(running, before, lambda one: _request(one, "memory", gib)),
        gpus=_most(running, before, _gpus),
    )


def _most(running: Iterable[Values], before: Iterable[Values], amount: Callable[[Values], float]) -> float:
    """What those that run together take, or one of those that run before them, if that is more."""
    return max(sum(amount(each) for each in running), *(_or_nothing(each, amount) for each in before), 0.0)


def _or_nothing(container: Values, amount: Callable[[Values], float]) -> float:
    return amount(container) if container.has("resources") else 0.0


def _request(container: Values, what: str, parse: Callable[[Values, str], float]) -> float:
    for kind in ("requests", "limits"):
        path = f"resources.{kind}.{what}"
        if container.has(path):
            return parse(container, path)
    raise NotPriceable(f"{container.at or 'a container'} asks for no {what} (resources.requests.{what} is unset)")


def _gpus(container: Values) -> float:
    found = 0.0
    for kind in ("requests", "limits"):
        holder = read(container.whole, f"resources.{kind}")
        names = [name for name in holder if isinstance(name, str)] if isinstance(holder, dict) else []
        for name in names:
            if "/" in name and name not in _KNOWN:
                raise NotPriceable(f"{container.at} asks for {name}, of which nobody states a price")
        values = Values(holder, container.at)
        found = max(found, sum(quantity(values, f'["{name}"]') for name in GPUS if name in names))
    return found
