"""Where an environment is rehearsed: a stand-in AWS, or a Kubernetes cluster whose machines and add-ons are played."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_workspace import AwsWorkspace
from clouds.aws.http import serving
from clouds.aws.standin import StandIn
from clouds.aws.store import Store
from clouds.kubernetes.contents import contents
from clouds.kubernetes.controllers import played
from kubernetes_workspace import KubernetesWorkspace
from stand_in_workspace import StandInWorkspace

from cluster import crds
from cluster.api import Api, Refused
from cluster.control_plane import running
from modelberth.stack.files import read_yaml

ROOT = Path(__file__).parents[2]
DEFINITIONS = {"knative": "knative-serving", "leader-worker-set": "lws", "ray": "kuberay"}
"""Add-on, as a foundation names it, to the name of its definitions, where it is another."""


@dataclass(frozen=True)
class Place:
    """One place with one stack."""

    name: str
    played: str
    """What is real and what is played, for whoever reads the output."""

    work: StandInWorkspace
    left: Callable[[], Any]
    """What is still there after `destroy`; empty is right."""

    later: Callable[[], None] = lambda: None
    """What happens once the stack is up. Ends the program where it does not end as it should."""


def done(what: str, work: StandInWorkspace, *command: str) -> str:
    """One run of the engine, with its time. Ends the program with what the engine said where it fails."""
    began = time.monotonic()
    ran = work.pulumi(command[0], "--stack", work.stack, *command[1:], check=False, timeout=900)
    if ran.returncode != 0:
        sys.exit(f"rehearse: {what} failed\n{ran.stdout}{ran.stderr}")
    print(f"rehearse: {what}: {time.monotonic() - began:.1f} s", flush=True)
    return ran.stdout


@contextmanager
def in_aws(folder: Path, engine: Mapping[str, str], stack: str) -> Iterator[Place]:
    """A stand-in AWS, empty."""
    for name in ("checkout", "cloud"):
        (folder / name).mkdir()
    store = Store(folder / "cloud")
    with serving(store) as url:
        work = AwsWorkspace(folder / "checkout", engine, StandIn(store.folder, url), stack)
        yield Place(
            "the stand-in cloud", "the stand-in AWS; no account is touched", work, lambda: dict(work.cloud.count())
        )


@contextmanager
def in_kubernetes(folder: Path, engine: Mapping[str, str], stack: str) -> Iterator[Place]:
    """A control plane of its own, or the cluster of MODELBERTH_TEST_KUBECONFIG, with the add-ons' definitions."""
    (folder / "checkout").mkdir()
    with running(folder / "plane", lambda line: print(f"rehearse: {line}", flush=True)) as cluster:
        api, namespace = cluster.api(), f"rehearsal-{os.getpid()}"
        work = KubernetesWorkspace(folder / "checkout", engine, cluster.kubeconfig, namespace)
        crds.install(api, *definitions_of(ROOT / f"stacks/config/Pulumi.{stack}.yaml"))
        what = "a real Kubernetes API server with its own controllers; nodes and the controllers of add-ons are played"
        try:
            with played(api, namespace):
                yield Place("the cluster", what, work, lambda: _left(api, namespace), lambda: _later(work, api))
        finally:
            with suppress(Refused):
                api.delete("v1", "Namespace", namespace)
            api.close()


def definitions_of(config: Path) -> list[str]:
    """The names of the definitions that a stack's add-ons bring; what brings none is left out."""
    named = read_yaml(config)["config"]["modelberth:stack"]["foundation"]["kubernetes"]["addons"]
    wanted = (DEFINITIONS.get(addon, addon) for addon in named)
    return [name for name in wanted if name in crds.ADDONS]


def _later(work: KubernetesWorkspace, api: Api) -> None:
    """A canary's next step, drift by another hand, and an end that leaves the namespace, to look into it."""
    work.roll("iris", weight=50)
    changed = {what for what in work.planned() if what.startswith("kubernetes:")}
    print(f"rehearse: iris from 10 % to 50 % changes {', '.join(sorted(changed))}", flush=True)
    if {what.split()[0].rpartition(":")[2] for what in changed} != {"HTTPRoute"}:
        sys.exit("rehearse: a step of a canary must change routes only")
    done("the step", work, "up", "--yes", "--skip-preview")
    _drift(work, api)
    work.unprotect()
    work.protect(work.namespace_urn())
    done("destroy of all but the namespace", work, "destroy", "--yes", "--exclude-protected")
    if left := contents(api, work.namespace):
        sys.exit(f"rehearse: destroy left {', '.join(left)}")
    print("rehearse: the namespace is empty", flush=True)


def _drift(work: KubernetesWorkspace, api: Api) -> None:
    name = f"{work.namespace}/iris"
    api.delete("v1", "Service", "iris", work.namespace)
    done(f"another hand removes the Service {name}; a refresh sees it", work, "refresh", "--yes")
    done("up makes it anew", work, "up", "--yes", "--skip-preview")
    if api.found("v1", "Service", "iris", work.namespace) is None:
        sys.exit(f"rehearse: the Service {name} is not there again")
    done("nothing is left to do", work, "preview", "--expect-no-changes")


def _left(api: Api, namespace: str) -> list[str]:
    """What is in the namespace, and the namespace itself."""
    return [*contents(api, namespace), *([] if api.found("v1", "Namespace", namespace) is None else [namespace])]
