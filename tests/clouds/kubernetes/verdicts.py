"""Says of a live object whether it does its work yet: one pure answer from what the API server tells.

What is awaited is what pulumi-kubernetes awaits: https://github.com/pulumi/pulumi-kubernetes,
provider/pkg/await/awaiters.go. It differs on purpose in two places. A Deployment whose Pods cannot start at all is
given up at once, where the provider waits for the deadline; and an Ingress is not awaited. A suspended Job counts as
ready; whether the provider does so too is not known.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clouds.wire import Values

from . import jsonpath
from .objects import annotation, group_of

FATAL = (
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ImageInspectError",
    "ImagePullBackOff",
    "InvalidImageName",
)
"""Why a container waits when no waiting helps. A crash is not among them: a server may need another one first."""


@dataclass(frozen=True)
class Verdict:
    """Whether an object is ready, or what it lacks, or why it never will be."""

    ready: bool
    reason: str = ""
    failed: bool = False


READY = Verdict(True)


@dataclass(frozen=True)
class Around:
    """What else is looked at: Pods of the newest revision, addresses behind a Service, a claim's storage class."""

    pods: tuple[Values, ...] = ()
    addresses: int = 0
    class_: Values | None = None


def custom(live: Values) -> Verdict | None:
    """By the annotation `pulumi.com/waitFor`; None where there is none.

    `condition=Ready`, `condition=Ready=False`, `jsonpath={.status.phase}=Running`, or a JSON list of such.
    https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ and pulumi-kubernetes #3135
    """
    text = annotation(live, "pulumi.com/waitFor")
    if not text:
        return None
    wanted = json.loads(text) if text.startswith("[") else [text]
    missing = [one for one in wanted if not _holds(one, live)]
    return Verdict(not missing, f"waiting for {', '.join(missing)}")


def _holds(wanted: str, live: Values) -> bool:
    form, _, rest = wanted.partition("=")
    if form == "condition":
        name, _, value = rest.partition("=")
        return _condition(live, name).get("status", "").lower() == (value or "True").lower()
    template, closed, value = rest.partition("}")
    found = [str(one).lower() if isinstance(one, bool) else str(one) for one in jsonpath.found(template + closed, live)]
    return bool(found) if not value else value.removeprefix("=") in found


def _condition(live: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = (live.get("status") or {}).get("conditions") or []
    return next((one for one in found if one.get("type", "").lower() == name.lower()), {})


def _behind(live: Values) -> Verdict | None:
    """Until the controller has seen the newest specification, its status is about an older one."""
    seen = (live.get("status") or {}).get("observedGeneration", 0)
    return None if seen >= live["metadata"]["generation"] else Verdict(False, "the controller has not seen it yet")


def _rolled_out(live: Values, wanted: int, counts: Iterable[str]) -> Verdict:
    status = live.get("status") or {}
    short = [f"{status.get(name, 0)} of {wanted} {name}" for name in counts if status.get(name, 0) != wanted]
    return Verdict(not short, ", ".join(short))


def deployment(live: Values, around: Around) -> Verdict:
    """All of it runs the newest Pod template. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/."""
    early = _behind(live)
    if early is not None or live["spec"].get("paused"):
        return early or READY
    broken = [reason for pod in around.pods for reason in stuck(pod)]
    progress = _condition(live, "Progressing")
    if broken or progress.get("reason") == "ProgressDeadlineExceeded":
        return Verdict(False, "; ".join(dict.fromkeys(broken)) or progress.get("message", ""), failed=True)
    return _rolled_out(live, live["spec"].get("replicas", 1), ("updatedReplicas", "availableReplicas", "replicas"))


def stuck(pod: Values) -> list[str]:
    """Why containers of a Pod cannot start at all."""
    status = pod.get("status") or {}
    states = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    waiting = [(one["name"], one.get("state", {}).get("waiting") or {}) for one in states]
    name = pod["metadata"]["name"]
    return [
        f"Pod {name}: container {container}: [{why['reason']}] {why.get('message', '')}".rstrip()
        for container, why in waiting
        if why.get("reason") in FATAL
    ]


def stateful_set(live: Values, around: Around) -> Verdict:
    """Every replica is ready, and of the newest revision unless the set waits for someone to delete Pods."""
    early = _behind(live)
    rolling = live["spec"].get("updateStrategy", {}).get("type") != "OnDelete"
    counts = ("readyReplicas", "updatedReplicas") if rolling else ("readyReplicas",)
    return early or _rolled_out(live, live["spec"].get("replicas", 1), counts)


def daemon_set(live: Values, around: Around) -> Verdict:
    """Every node that wants a Pod has a ready one of the newest revision."""
    wanted = (live.get("status") or {}).get("desiredNumberScheduled", 0)
    return _behind(live) or _rolled_out(live, wanted, ("updatedNumberScheduled", "numberReady"))


def job(live: Values, around: Around) -> Verdict:
    """It has completed; one that has failed never will."""
    failure = _condition(live, "Failed")
    if failure.get("status") == "True":
        return Verdict(False, f"[{failure.get('reason')}] {failure.get('message')}", failed=True)
    done = _condition(live, "Complete").get("status") == "True" or live["spec"].get("suspend") is True
    return Verdict(done, "the Job has not completed")


def pod(live: Values, around: Around) -> Verdict:
    """It is ready, or has done its work."""
    phase, broken = (live.get("status") or {}).get("phase"), stuck(live)
    if phase == "Failed" or broken:
        return Verdict(False, "; ".join(broken) or "the Pod has failed", failed=True)
    ready = _condition(live, "Ready").get("status") == "True"
    return Verdict(ready or phase == "Succeeded", f"the Pod is {phase}")


def service(live: Values, around: Around) -> Verdict:
    """Something answers behind it: one with a selector needs a ready Pod, a LoadBalancer an address."""
    spec = live["spec"]
    if spec.get("type") == "ExternalName":
        return READY
    if spec.get("type") == "LoadBalancer" and not (live.get("status") or {}).get("loadBalancer", {}).get("ingress"):
        return Verdict(False, "the Service was not allocated an address by a load balancer")
    headless = spec.get("clusterIP") == "None"
    if headless or not spec.get("selector") or around.addresses:
        return READY
    reason = (
        "the Service does not target any Pods: they may not be ready, or `spec.selector` may not match their labels"
    )
    return Verdict(False, reason)


def claim(live: Values, around: Around) -> Verdict:
    """It is bound, or its class binds it only when a Pod wants it."""
    waits = (around.class_ or {}).get("volumeBindingMode") == "WaitForFirstConsumer"
    bound = (live.get("status") or {}).get("phase") == "Bound"
    return Verdict(bound or waits, "the claim is not bound")


AWAITED: dict[tuple[str, str], Callable[[Values, Around], Verdict]] = {
    ("apps", "Deployment"): deployment,
    ("apps", "StatefulSet"): stateful_set,
    ("apps", "DaemonSet"): daemon_set,
    ("batch", "Job"): job,
    ("", "Pod"): pod,
    ("", "Service"): service,
    ("", "PersistentVolumeClaim"): claim,
}
"""What is awaited, by group and kind; everything else is ready when it is there."""


def verdict(live: Values, around: Around) -> Verdict:
    """What there is to say of a live object."""
    own = AWAITED.get((group_of(live), live["kind"]))
    asked = custom(live)
    if asked is not None:
        return asked
    return READY if own is None else own(live, around)
