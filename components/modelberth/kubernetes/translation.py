"""What the kinds of serving share when they translate a `Service`: its model server, and what no cluster can do."""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

from modelberth.core.labels import Labels
from modelberth.core.rollout import STRATEGIES
from modelberth.core.service import Refusal, Service
from modelberth.core.traffic import WHOLE, Traffic, versions_of, weights_of
from modelberth.kubernetes.foundation import (
    Foundation,
    KubernetesFoundation,
    KubernetesFoundationArgs,
    devices_of,
    needs,
)
from modelberth.kubernetes.manifest import unnameable
from modelberth.kubernetes.monitoring import series_of, unmeasured
from modelberth.kubernetes.pods import FETCHER_RUNTIME
from modelberth.kubernetes.server import PORTLESS, UNSTARTED, startable
from modelberth.runtimes import load

Limit = tuple[bool, str, str, str]
"""Whether a limit is met, the field that it is about, why, and what to write instead."""

LEAST_MEMORY_MIB = 128
"""Below it no model server starts."""
MOST_CORES = 896
MOST_MEMORY_GIB = 32768
MOST_DEVICES = 16
"""What the largest nodes have that a cloud rents out: https://aws.amazon.com/ec2/instance-types/high-memory/ (u7in)."""


def foundation(
    name: str, args: Mapping[str, Any], labels: Labels, opts: pulumi.ResourceOptions | None = None
) -> KubernetesFoundation:
    """Provider, namespace and gateway that all services of the stack share."""
    given = KubernetesFoundationArgs.parse({"labels": labels, **args}, f"foundation.{name}")
    return KubernetesFoundation(name, given, opts)


def options(foundation: KubernetesFoundation, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """The options of what stands on a foundation: its provider, and whatever the stack says besides."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(provider=foundation.provider))


def refusals(*limits: Iterator[Limit]) -> tuple[Refusal, ...]:
    """What is refused of the limits that are met."""
    return tuple(Refusal(field, why, fix) for several in limits for met, field, why, fix in several if met)


def server(service: Service, shared: Foundation) -> dict[str, Any]:
    """The model server of a service, as `ModelServer` takes it."""
    size = service.size
    devices = None if size.gpu is None else devices_of(shared, size.gpu.type, size.gpu.count)
    return {
        "runtime": service.runtime,
        "resources": {"cpu": size.cpu, "memory_gib": size.memory_gib},
        **({} if devices is None else {"devices": devices}),
    }


def everywhere(service: Service, shared: Foundation, *, spread: bool = False) -> Iterator[Limit]:
    """What no kind can do; `spread` is for the kinds whose one instance may be on several nodes."""
    yield from _runtime(service, shared, spread)
    yield from _size(service, shared, spread)
    residency = service.data.residency
    places = ", ".join(shared.residency) or "nowhere that it says"
    elsewhere = f"the cluster is in {places}, not in {residency}"
    yield residency not in (None, *shared.residency), "data.residency", elsewhere, "name it in foundation.residency"


def _runtime(service: Service, shared: Foundation, spread: bool) -> Iterator[Limit]:
    runtime = load(service.runtime)
    platform = None if runtime.platform is None else runtime.platform.name
    yield platform is not None, "runtime", f"{platform} brings it along", "take one that runs in any container"
    own = platform is None and not runtime.ports.keys() & {"http", "grpc"}
    yield own, "runtime", f"{service.runtime} says of no port that requests come to it", PORTLESS
    why, _, fix = UNSTARTED.partition("; ")
    lost = platform is None and not own and not spread and not startable(service.runtime)
    yield lost, "runtime", f"{service.runtime} {why}", fix
    lacks = platform is None and service.runtime not in shared.images
    fix = f"name it: foundation.images.{service.runtime}"
    known = ", ".join(shared.images) or "none"
    yield lacks, "runtime", f"{service.runtime} has no image among {known}", fix
    fetched = platform is None and not lacks and shared.models.oci is None and FETCHER_RUNTIME not in shared.images
    why = f"its files are fetched by the image of {FETCHER_RUNTIME}, which is not among {known}"
    yield fetched, "runtime", why, f"name it: foundation.images.{FETCHER_RUNTIME}"


def _size(service: Service, shared: Foundation, spread: bool) -> Iterator[Limit]:
    size = service.size
    too_wide = f"{size.cpu:g} cores are more than any node has ({MOST_CORES})"
    yield size.cpu > MOST_CORES, "size.cpu", too_wide, "write less"
    small = f"{size.memory_gib:g} GiB are below the {LEAST_MEMORY_MIB} MiB that a model server needs to start"
    yield size.memory_gib * 1024 < LEAST_MEMORY_MIB, "size.memory_gib", small, "raise it"
    large = f"{size.memory_gib:g} GiB are more than any node has ({MOST_MEMORY_GIB})"
    yield size.memory_gib > MOST_MEMORY_GIB, "size.memory_gib", large, "write less"
    if size.gpu is not None:
        known = ", ".join(shared.accelerators) or "none"
        unknown = f"the cluster has no {size.gpu.type}, it has {known}"
        yield size.gpu.type not in shared.accelerators, "size.gpu.type", unknown, "name it in foundation.accelerators"
        most = devices_per_node(shared, size.gpu.type)
        many = f"no node has more than {most} of them"
        yield not spread and size.gpu.count > most, "size.gpu.count", many, "take kubernetes:ray, or fewer"


def devices_per_node(shared: Foundation, type_: str) -> int:
    """How many devices of a sort one node has: what the foundation says, or what the largest one has."""
    found = shared.accelerators.get(type_)
    return MOST_DEVICES if found is None or found.per_node is None else found.per_node


def stepped(service: Service, *carried: str) -> Iterator[Limit]:
    """Strategies whose steps nothing in the cluster carries out. `carried` are those that this kind does."""
    for strategy in STRATEGIES:
        wanted = strategy not in ("all_at_once", *carried) and getattr(service.rollout, strategy) is not None
        yield wanted, f"rollout.{strategy}", "nothing carries out steps here", STEPS.get(strategy, IN_FILE)
    gated = "leave them out, or take kubernetes:rollouts"
    yield bool(service.rollout.gates), "rollout.gates", "nothing watches gates here", gated


IN_FILE = "change the weight in the rollouts file"
STEPS = {"shadow": "write mirror in the rollouts file"}


def versions(service: Service, traffic: Traffic, labels: Labels, longest: int) -> Iterator[Limit]:
    """Versions of which no object could carry the name."""
    for version in versions_of(traffic):
        fault = unnameable(labels.service, version, longest)
        if fault is not None:
            why, fix = fault
            yield True, "model.uri", why, fix


def tested(service: Service, traffic: Traffic) -> Iterator[Limit]:
    """A lasting split, which is honoured where the rollouts file says the same."""
    test, field = service.rollout.ab_test, "rollout.ab_test"
    if test is None:
        return
    cookie = "the Gateway API has no word for a cookie that keeps a client on its variant"
    yield test.by == "cookie", f"{field}.by", cookie, "write header or weight"
    split = weights_of(traffic)
    other = f"the rollouts file splits {_shares(split)}"
    unlike = test.by != "cookie" and test.variants != split
    yield unlike, f"{field}.variants", other, "write the same candidate and weight there"


def _shares(split: Mapping[str, int]) -> str:
    return ", ".join(f"{version} {share} %" for version, share in sorted(split.items()))


def shadowed(service: Service, traffic: Traffic) -> Iterator[Limit]:
    """Copies of requests, which are honoured where the rollouts file says the same."""
    shadow = service.rollout.shadow
    if shadow is None:
        return
    percent = shadow.sample * WHOLE
    whole = abs(percent - round(percent)) < 1e-9
    yield not whole, "rollout.shadow.sample", f"{percent:g} % are no whole percent", "write whole percent"
    other = f"the rollouts file mirrors {traffic.mirror} % to the candidate, and not {percent:g} %"
    yield whole and round(percent) != traffic.mirror, "rollout.shadow", other, "write candidate and mirror there"


def split(service: Service, traffic: Traffic, shared: Foundation) -> Iterator[Limit]:
    """A split of requests is the gateway's, so without one there is none."""
    access = service.access
    let_in = bool(access.keys) or access.jwt is not None or access.public is not None
    why = "the gateway splits requests, and nobody is let in through it"
    yield (
        not let_in and bool(traffic.weight or traffic.mirror),
        "access",
        why,
        "give keys or jwt, or set the weight to 0",
    )


def watched(service: Service, shared: Foundation) -> Iterator[Limit]:
    """What good means can only be watched where something measures."""
    if service.slo is None:
        return
    why = needs(shared, "prometheus-operator", "an alarm") or ("" if shared.prometheus else "there is no Prometheus")
    yield bool(why), "slo", why, "name it in foundation.addons and foundation.prometheus, or leave slo out"
    if not why and load(service.runtime).platform is None:
        for field, lacks in unmeasured(series_of(service.runtime), service.slo).items():
            yield True, f"slo.{field}", f"{service.runtime} {lacks}", "leave it out"
