"""What services in a cluster cost: their translation alone, and whole processes against pulumi_kubernetes by hand."""

import dataclasses
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import aws_plans
from aws_plans import planned
from measure import Spent, heading, in_turn, line, paired_ratio, spent
from programs.kubernetes_component import FOUNDATION, endpoint_args

from modelberth.kubernetes.deployment.config import DeploymentEndpointArgs
from modelberth.kubernetes.deployment.endpoint import objects_of
from modelberth.kubernetes.foundation import Foundation
from modelberth_policies.resources import Plan

COMPONENT, BY_HAND = CONTENDERS = "kubernetes_component", "kubernetes_by_hand"
SERVICES = (1, 20, 200)
TRANSLATED = (20, 200, 1000)
ROUNDS, TRANSLATIONS = 3, 5


def translate(services: int) -> int:
    """Checks the arguments of as many services and makes their objects, without an engine. Gives how many objects."""
    shared = Foundation.parse(FOUNDATION, "foundation")
    made = 0
    for number in range(services):
        args = DeploymentEndpointArgs.parse(endpoint_args(shared, number), f"ranker-{number}")
        made += len(objects_of(args, f"ranker-{number}"))
    return made


def translation() -> None:
    """Pure translation, and what an object of it costs."""
    line(f"translation, best of {TRANSLATIONS}", "objects", "ms", "µs an object")
    translate(1)
    for services in TRANSLATED:
        best, made = min(_timed(services) for _ in range(TRANSLATIONS))
        line(f"{services} services", str(made), f"{best * 1000:.0f}", f"{best / made * 1e6:.0f}")


def _timed(services: int) -> tuple[float, int]:
    began = time.perf_counter()
    made = translate(services)
    return time.perf_counter() - began, made


def without_aliases(found: Plan) -> Plan:
    """The typed classes name the older versions of their kinds as aliases; nothing here ever was of one."""
    bare = (
        dataclasses.replace(each, options=dataclasses.replace(each.options, aliases=())) for each in found.resources
    )
    return dataclasses.replace(found, resources=tuple(bare))


def check_alike(folder: Path) -> None:
    """Raises where the two programs do not make the same objects: the ratio would mean nothing."""
    ours, by_hand = (without_aliases(planned(folder, program, 2)) for program in CONTENDERS)
    if found := aws_plans.differing(ours, by_hand):
        raise RuntimeError(f"programs/{BY_HAND}.py must make what the component makes; it differs in {found}")
    if ours.outputs != by_hand.outputs:
        raise RuntimeError(f"programs/{BY_HAND}.py exports {by_hand.outputs}, the component {ours.outputs}")


def plans(folder: Path) -> None:
    """Plans in process, in processes of their own."""
    line(f"whole process, {ROUNDS} rounds", "wall s", "CPU s", "wall / by hand", "CPU / by hand")
    for services in SERVICES:
        work: dict[str, Callable[[], Spent]] = {
            name: partial(spent, partial(planned, folder, name, services)) for name in CONTENDERS
        }
        found = in_turn(work, ROUNDS)
        for name in CONTENDERS:
            _row(f"{name}, {services}", found, name)


def _row(title: str, found: Mapping[str, Sequence[Spent]], name: str) -> None:
    seconds, ratios = [], []
    for clock in ("wall", "cpu"):
        values, peers = ([getattr(each, clock) for each in found[one]] for one in (name, BY_HAND))
        seconds.append(f"{statistics.median(values):.2f}")
        ratios.append(f"{paired_ratio(values, peers):.2f}")
    line(title, *seconds, *ratios)


def main() -> None:
    """Measures and prints."""
    heading("Kubernetes: in process, without engine and cluster")
    translation()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        check_alike(folder)
        plans(folder)


if __name__ == "__main__":
    main()
