"""Published checks of containers."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from components.kubernetes.published_checks.check import Check, Subject, containers, inits, serving
from components.kubernetes.published_checks.pods import found

DIGEST = re.compile(r"[^@]+@sha256:[0-9a-f]{64}")
SECRET_NAME = re.compile(r"password|token|bearer|secret|_key$|^google_application_credentials$", re.IGNORECASE)
PRIVATE_KEY = "PRIVATE KEY-"
PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")
"""Source: https://www.rfc-editor.org/rfc/rfc6335#section-5.1"""
LAST_PRIVILEGED = 1024
SSH = 22


def at(subject: Subject, path: str) -> Any:
    """What a container says at a path; None where it says nothing."""
    return next(found(subject.part, path), None)


def says(path: str, value: Any) -> Callable[[Subject], bool]:
    """It says just this, itself."""
    return lambda subject: at(subject, path) == value


def stated(path: str) -> Callable[[Subject], bool]:
    """It says something, itself."""
    return lambda subject: at(subject, path) is not None


def never(path: str, *values: Any) -> Callable[[Subject], bool]:
    """It does not say any of these; without values: it says nothing."""
    return lambda subject: at(subject, path) not in values if values else at(subject, path) is None


def hardened(subject: Subject) -> bool:
    """It runs under a seccomp profile, or gives up capabilities and asks for none."""
    pod = {} if subject.pod is None else subject.pod.spec.get("securityContext", {})
    profile = at(subject, "securityContext/seccompProfile/type") or pod.get("seccompProfile", {}).get("type")
    dropped = at(subject, "securityContext/capabilities/drop")
    return profile not in (None, "Unconfined") or bool(dropped)


def keeps_no_capability(subject: Subject) -> bool:
    """It drops every capability, so NET_RAW too."""
    return "ALL" in (at(subject, "securityContext/capabilities/drop") or ())


def variables(subject: Subject) -> list[dict[str, Any]]:
    """Its environment."""
    return at(subject, "env") or []


def tells_no_secret(subject: Subject) -> bool:
    """No variable with the name of a secret has a text."""
    told = [(each["name"], str(each.get("value", ""))) for each in variables(subject)]
    return not any((SECRET_NAME.search(name) and value) or PRIVATE_KEY in value for name, value in told)


def takes_no_secret(subject: Subject) -> bool:
    """No variable is filled from a Secret."""
    whole = at(subject, "envFrom") or []
    return not any("secretKeyRef" in each.get("valueFrom", {}) for each in variables(subject)) and not any(
        "secretRef" in each for each in whole
    )


def refers_to_nothing_missing(subject: Subject) -> bool:
    """No variable is filled from an object that is made elsewhere."""
    here = {(each["kind"], each["metadata"]["name"]) for each in subject.others}
    sources = [each.get("valueFrom", {}) for each in variables(subject)]
    wanted = {(kind, source[key]["name"]) for source in sources for key, kind in REFERENCES.items() if key in source}
    return wanted <= here


REFERENCES = {"secretKeyRef": "Secret", "configMapKeyRef": "ConfigMap"}


def ports(subject: Subject) -> Iterator[tuple[Any, Any]]:
    """Name and number of each port."""
    yield from ((each.get("name"), each["containerPort"]) for each in at(subject, "ports") or ())


def asks_an_open_port(probe: str) -> Callable[[Subject], bool]:
    """A probe asks a port that the container names."""

    def holds(subject: Subject) -> bool:
        asked = at(subject, probe) or {}
        wanted = {asked[way]["port"] for way in ("httpGet", "tcpSocket", "grpc") if way in asked}
        return wanted <= {each for pair in ports(subject) for each in pair}

    return holds


def refused(**fields: Any) -> dict[str, Any]:
    """A breach within the security context."""
    return {"securityContext": fields}


PROBED = {"httpGet": {"port": 9}}
CHECKS = (
    Check("its image is a digest, which no tag can move", containers,
          lambda each: "image" not in each.part or DIGEST.fullmatch(str(each.part["image"])) is not None,
          {"image": "ghcr.io/acme/serving:latest"},
          ("latest-tag", "image-not-pinned-by-digest"), ("tagNotSpecified",)),
    Check("it is not privileged", containers, never("securityContext/privileged", True), refused(privileged=True),
          ("privileged-container",), ("runAsPrivileged",)),
    Check("it can gain no privileges", containers, says("securityContext/allowPrivilegeEscalation", False),
          refused(allowPrivilegeEscalation=True), ("privilege-escalation-container",), ("privilegeEscalationAllowed",)),
    Check("its root file system is read-only", containers, says("securityContext/readOnlyRootFilesystem", True),
          refused(readOnlyRootFilesystem=None), ("no-read-only-root-fs",), ("notReadOnlyRootFilesystem",)),
    Check("it says itself that it is not root", containers, says("securityContext/runAsNonRoot", True),
          refused(runAsNonRoot=None), ("run-as-non-root",), ("runAsRootAllowed",)),
    Check("what runs before the others is not root either", inits, says("securityContext/runAsNonRoot", True),
          refused(runAsNonRoot=None), ("init-container-security-gap",)),
    Check("it gives up every capability", containers, keeps_no_capability,
          refused(capabilities={"drop": ["CHOWN"]}), ("drop-net-raw-capability",)),
    Check("it asks for no capability", containers, never("securityContext/capabilities/add"),
          refused(capabilities={"add": ["NET_ADMIN"]}), (), ("dangerousCapabilities", "insecureCapabilities")),
    Check("something restricts what it may ask of the kernel", containers, hardened,
          refused(seccompProfile={"type": "Unconfined"}, capabilities=None), (), ("linuxHardening",)),
    Check("it sees /proc as masked as others do", containers, never("securityContext/procMount", "Unmasked"),
          refused(procMount="Unmasked"), ("unsafe-proc-mount",), ("procMount",)),
    Check("it is no process of a Windows host", containers, never("securityContext/windowsOptions/hostProcess", True),
          refused(windowsOptions={"hostProcess": True}), (), ("hostProcess",)),
    Check("it asks for cores", containers, stated("resources/requests/cpu"),
          {"resources": {"requests": {"cpu": None}}}, ("unset-cpu-requirements",), ("cpuRequestsMissing",)),
    Check("it asks for memory", containers, stated("resources/requests/memory"),
          {"resources": {"requests": {"memory": None}}}, (), ("memoryRequestsMissing",)),
    Check("its memory has a limit", containers, stated("resources/limits/memory"),
          {"resources": {"limits": {"memory": None}}}, ("unset-memory-requirements",), ("memoryLimitsMissing",)),
    Check("it says when it can be asked", serving, stated("readinessProbe"), {"readinessProbe": None},
          ("no-readiness-probe",), ("readinessProbeMissing",)),
    Check("it says when it is stuck", serving, stated("livenessProbe"), {"livenessProbe": None},
          ("no-liveness-probe",), ("livenessProbeMissing",)),
    Check("it says when it has started", serving, stated("startupProbe"), {"startupProbe": None},
          ("no-startup-probe",)),
    *(
        Check(f"its {probe} asks a port that it has", serving, asks_an_open_port(f"{probe}Probe"),
              {f"{probe}Probe": PROBED}, (f"{probe}-port",))
        for probe in ("liveness", "readiness", "startup")
    ),
    Check("its ports have the names that a Service may ask for", containers,
          lambda each: all(name is None or PORT_NAME.fullmatch(name) for name, _ in ports(each)),
          {"ports": [{"name": "HTTP_port", "containerPort": 8080}]}, ("invalid-target-ports",)),
    Check("it opens no port that is root's", containers,
          lambda each: all(number > LAST_PRIVILEGED for _, number in ports(each)),
          {"ports": [{"containerPort": 80}]}, ("privileged-ports",)),
    Check("it opens no port of SSH", containers, lambda each: SSH not in dict(ports(each)).values(),
          {"ports": [{"containerPort": SSH}]}, ("ssh-port",)),
    Check("it takes no port of its node", containers,
          lambda each: all(not port.get("hostPort") for port in at(each, "ports") or ()),
          {"ports": [{"containerPort": 8080, "hostPort": 8080}]}, (), ("hostPortSet",)),
    Check("no variable is there twice", containers,
          lambda each: len({one["name"] for one in variables(each)}) == len(variables(each)),
          {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}, ("duplicate-env-var",)),
    Check("no variable tells a secret", containers, tells_no_secret,
          {"env": [{"name": "API_SECRET", "value": "s3cr3t"}]}, ("env-var-secret",), ("sensitiveContainerEnvVar",)),
    Check("no variable takes a secret", containers, takes_no_secret,
          {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}]},
          ("read-secret-from-env-var",)),
    Check("no variable takes what is not there", containers, refers_to_nothing_missing,
          {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "gone", "key": "b"}}}]},
          ("env-value-from",)),
)  # fmt: skip
"""What is asked of each container."""
