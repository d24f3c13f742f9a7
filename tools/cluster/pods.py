"""What a kubelet would report of a pod, played: it comes up, runs to its end, or fails as its annotation wants."""

import datetime
import zlib

from .api import Manifest

FAIL = "test.modelberth.dev/fail"
"""Annotation of a pod in which something goes wrong.

A reason such as ImagePullBackOff or CrashLoopBackOff keeps its containers waiting for ever; `Error` makes a pod that
would run to completion end with exit code 1.
"""


def next_status(pod: Manifest) -> Manifest | None:
    """The status to report of a pod that is on its machine, or None where nothing is to be said.

    Pure but for the time. A pod that restarts always becomes ready; any other one runs and then ends.
    """
    phase = pod["status"].get("phase", "Pending")
    fault = pod["metadata"].get("annotations", {}).get(FAIL)
    if phase == "Pending":
        waits = fault is not None and fault != "Error"
        return _waiting(pod, fault) if waits else _running(pod)
    if phase == "Running" and pod["spec"].get("restartPolicy", "Always") != "Always":
        return _ended(pod, 1 if fault == "Error" else 0)
    return None


def _waiting(pod: Manifest, reason: str | None) -> Manifest | None:
    if pod["status"].get("containerStatuses"):
        return None  # said before: a status of its own would call this again
    state = {"waiting": {"reason": reason, "message": f"played by a test: {reason}"}}
    conditions = [condition(kind, "False", "ContainersNotReady") for kind in ("ContainersReady", "Ready")]
    return {"phase": "Pending", "conditions": conditions, "containerStatuses": _containers(pod, state, ready=False)}


def _running(pod: Manifest) -> Manifest:
    at = now()
    conditions = [condition(kind) for kind in ("Initialized", "ContainersReady", "Ready")]
    address = _address(pod["metadata"]["uid"])
    return {
        "phase": "Running",
        "startTime": at,
        "podIP": address,
        "podIPs": [{"ip": address}],
        "conditions": conditions,
        "initContainerStatuses": [_initial(item, at) for item in pod["spec"].get("initContainers", [])],
        "containerStatuses": _containers(pod, {"running": {"startedAt": at}}, ready=True),
    }


def _ended(pod: Manifest, code: int) -> Manifest:
    reason, phase = ("Error", "Failed") if code else ("Completed", "Succeeded")
    conditions = [condition(kind, "False", f"Pod{phase}") for kind in ("ContainersReady", "Ready")]
    state = {"terminated": {"exitCode": code, "reason": reason, "startedAt": now(), "finishedAt": now()}}
    return {"phase": phase, "conditions": conditions, "containerStatuses": _containers(pod, state, ready=False)}


def _containers(pod: Manifest, state: Manifest, ready: bool) -> list[Manifest]:
    return [_status(item, state, ready) for item in pod["spec"]["containers"]]


def _initial(container: Manifest, at: str) -> Manifest:
    if container.get("restartPolicy") == "Always":  # a sidecar
        return _status(container, {"running": {"startedAt": at}}, ready=True)
    done = {"exitCode": 0, "reason": "Completed", "startedAt": at, "finishedAt": at}
    return _status(container, {"terminated": done}, ready=True)


def _status(container: Manifest, state: Manifest, ready: bool) -> Manifest:
    names = {word: container[word] for word in ("name", "image")}
    return {**names, "imageID": "", "restartCount": 0, "ready": ready, "started": "running" in state, "state": state}


def condition(kind: str, status: str = "True", reason: str = "Played") -> Manifest:
    """A condition of a pod or a node as of now."""
    return {"type": kind, "status": status, "reason": reason, "lastTransitionTime": now()}


def now(precision: str = "seconds") -> str:
    """The time as Kubernetes writes it; leases want `microseconds`."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _address(uid: str) -> str:
    number = zlib.crc32(uid.encode())
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
