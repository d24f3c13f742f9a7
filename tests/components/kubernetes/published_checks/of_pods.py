"""Published checks of pods, and of what must stand beside them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from components.kubernetes.published_checks.check import Check, Subject, pods, servers
from components.kubernetes.published_checks.pods import containers_of, found

from modelberth.kubernetes.manifest import Manifest

SENSITIVE = re.compile(r"/|/(boot|dev|etc|lib|proc|sys|usr)")
SOCKETS = re.compile(r"(docker|crio|containerd)\.sock$")
UNSAFE = ("kernel.msg", "kernel.sem", "kernel.shm", "fs.mqueue.", "net.")
DAY = 86_400


def selects(choice: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector chooses these labels."""
    alike = all(labels.get(key) == value for key, value in choice.get("matchLabels", {}).items())
    return alike and all(_meets(each, labels) for each in choice.get("matchExpressions", ()))


def _meets(term: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(term["key"]), term.get("values", ())
    answers = {"In": value in values, "NotIn": value not in values, "Exists": value is not None}
    return answers.get(term["operator"], value is None)


def made(subject: Subject, kind: str) -> Iterator[Manifest]:
    """The objects of a kind that are made with it, in its namespace."""
    where = subject.owner["metadata"].get("namespace")
    return (each for each in subject.others if each["kind"] == kind and each["metadata"].get("namespace") == where)


def isolated(subject: Subject) -> bool:
    """Policies together say who may ask it and whom it may ask."""
    policies = [each["spec"] for each in made(subject, "NetworkPolicy")]
    types = [each["policyTypes"] for each in policies if selects(each["podSelector"], subject.pod.labels)]
    return {"Ingress", "Egress"} <= {name for names in types for name in names}


def moved_slowly(subject: Subject) -> bool:
    """A disruption budget selects it, or its operator is told to make one."""
    told = next(found(subject.owner, "spec/predictors/*/componentSpecs/*/pdbSpec"), None)
    budgets = [each["spec"]["selector"] for each in made(subject, "PodDisruptionBudget")]
    return told is not None or any(selects(each, subject.pod.labels) for each in budgets)


def account_is_there(subject: Subject) -> bool:
    """The account that it names is made with it."""
    name = subject.part.get("serviceAccountName")
    return name is None or name in {each["metadata"]["name"] for each in made(subject, "ServiceAccount")}


def controlled(objects: Sequence[Manifest]) -> Iterator[Subject]:
    """Every pod whose controller looks for it by labels that it states."""
    return (each for each in pods(objects) if "selector" in each.owner["spec"])


def alone(subject: Subject) -> Subject:
    """A breach: nothing is made with it."""
    owner = {key: subject.owner[key] for key in ("kind", "metadata")}
    return replace(subject, others=(), owner=owner)


def unlabelled(subject: Subject) -> Subject:
    """A breach: it has no labels."""
    return replace(subject, pod=replace(subject.pod, labels={}))


def selected_by_its_owner(subject: Subject) -> bool:
    """Its labels are those that its controller looks for."""
    return all(selects(each, subject.pod.labels) for each in found(subject.owner, "spec/selector"))


def host_paths(subject: Subject) -> dict[str, str]:
    """Volume to the path of the node that it is."""
    volumes = subject.part.get("volumes", ())
    return {each["name"]: each["hostPath"]["path"] for each in volumes if "hostPath" in each}


def mounts_none_like(pattern: re.Pattern[str], matches: Callable[..., Any]) -> Callable[[Subject], bool]:
    """It has no path of the node like this one."""
    return lambda subject: not any(matches(pattern, path) for path in host_paths(subject).values())


def writes_to_no_host(subject: Subject) -> bool:
    """What it mounts of its node, it only reads."""
    mounts = [each for container in containers_of(subject.pod) for each in container.get("volumeMounts", ())]
    return all(each.get("readOnly") is True for each in mounts if each["name"] in host_paths(subject))


def tokens_end(subject: Subject) -> bool:
    """Its tokens are good for a day at most."""
    lives = found(subject.part, "volumes/*/projected/sources/*/serviceAccountToken/expirationSeconds")
    return all(seconds <= DAY for seconds in lives)


def safe_kernel(subject: Subject) -> bool:
    """It sets nothing of the kernel that its neighbours would feel."""
    names = found(subject.part, "securityContext/sysctls/*/name")
    return not any(name.startswith(UNSAFE) for name in names)


def off(field: str) -> Callable[[Subject], bool]:
    """It does not have something of its node."""
    return lambda subject: not subject.part.get(field)


def volume(path: str) -> dict[str, Any]:
    """A breach: a path of the node."""
    return {"volumes": [{"name": "host", "hostPath": {"path": path}}]}


WRITABLE = {
    **volume("/srv"), "containers": [{"name": "a", "volumeMounts": [{"name": "host", "mountPath": "/srv"}]}],
}  # fmt: skip
LONG_TOKEN = {"volumes": [{"projected": {"sources": [{"serviceAccountToken": {"expirationSeconds": DAY + 1}}]}}]}
CHECKS = (
    *(
        Check(f"it does not share the {what} of its node", pods, off(field), {field: True}, (linter,), (polaris,))
        for what, field, linter, polaris in (
            ("network", "hostNetwork", "host-network", "hostNetworkSet"),
            ("processes", "hostPID", "host-pid", "hostPIDSet"),
            ("memory between processes", "hostIPC", "host-ipc", "hostIPCSet"),
        )
    ),
    Check("it has no path of its node", pods, lambda each: not host_paths(each), volume("/srv"), (), ("hostPathSet",)),
    Check("it has no path of its node with the system in it", pods, mounts_none_like(SENSITIVE, re.fullmatch),
          volume("/etc"), ("sensitive-host-mounts",)),
    Check("it cannot talk to the runtime of containers", pods, mounts_none_like(SOCKETS, re.search),
          volume("/run/docker.sock"), ("docker-sock", "container-runtime-sock")),
    Check("it writes to no path of its node", pods, writes_to_no_host, WRITABLE, ("writable-host-mount",)),
    Check("it sets nothing of the kernel", pods, safe_kernel,
          {"securityContext": {"sysctls": [{"name": "net.core.somaxconn", "value": "1"}]}}, ("unsafe-sysctls",)),
    Check("it has an account of its own", pods,
          lambda each: each.part.get("serviceAccountName") not in (None, "", "default"), {"serviceAccountName": None},
          ("default-service-account",)),
    Check("it names its account by the field in use", pods, lambda each: "serviceAccount" not in each.part,
          {"serviceAccount": "a"}, ("deprecated-service-account-field",)),
    Check("its account is made with it", pods, account_is_there, {"serviceAccountName": "gone"},
          ("non-existent-service-account",)),
    Check("it gets no token of its account", pods, lambda each: each.part.get("automountServiceAccountToken") is False,
          {"automountServiceAccountToken": True}, (), ("automountServiceAccountToken",)),
    Check("its tokens end within a day", pods, tokens_end, LONG_TOKEN, ("projected-token-long-expiration",)),
    Check("its replicas are on several nodes, and zones", servers,
          lambda each: {one["topologyKey"] for one in each.part.get("topologySpreadConstraints", ())}
          >= {"topology.kubernetes.io/zone", "kubernetes.io/hostname"},
          {"topologySpreadConstraints": None}, (), ("topologySpreadConstraint",)),
)  # fmt: skip
"""What is asked of each pod."""

BESIDE = (
    Check("policies say who may ask it, and whom it may ask", pods, isolated, alone, ("non-isolated-pod",)),
    Check("not all replicas are moved off their nodes at once", servers, moved_slowly, alone, (),
          ("missingPodDisruptionBudget",)),
    Check("its controller finds it", controlled, selected_by_its_owner, unlabelled, ("mismatching-selector",)),
)  # fmt: skip
"""What is asked of what stands beside each pod."""
