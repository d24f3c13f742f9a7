"""A pod as Knative accepts it: it knows a part of a pod's fields only, some of them where a flag is set.

Source: knative.dev/serving@v0.47.0:pkg/apis/serving/fieldmask.go and k8s_validation.go.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modelberth.kubernetes.kserve.modes import Feature, Knative
from modelberth.kubernetes.kserve.ports import knative_name
from modelberth.kubernetes.manifest import Manifest

if TYPE_CHECKING:
    from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs

ALWAYS = ("serviceAccountName", "automountServiceAccountToken", "enableServiceLinks", "imagePullSecrets", "volumes")
FLAGGED: Mapping[str, Feature] = {
    "affinity": "podspec-affinity",
    "initContainers": "podspec-init-containers",
    "nodeSelector": "podspec-nodeselector",
    "priorityClassName": "podspec-priorityclassname",
    "tolerations": "podspec-tolerations",
    "topologySpreadConstraints": "podspec-topologyspreadconstraints",
}
"""Field of a pod to the flag that it needs."""
PROGRESS = "serving.knative.dev/progress-deadline"
"""How long a revision may take to be ready. Source: knative.dev/serving@v0.47.0:pkg/apis/serving/register.go."""


def needed_features(args: "InferenceServiceEndpointArgs") -> set[Feature]:
    """The flags without which the pods that these arguments ask for cannot be. Pure."""
    store, of = args.foundation.models, args.server or args.runtime
    devices = None if of is None else of.devices
    fetched = args.server is not None and store.oci is None
    spot = devices is not None and bool(devices.accelerator.spot)
    needed: dict[Feature, bool] = {
        "podspec-affinity": spot,
        "podspec-init-containers": fetched,
        "podspec-nodeselector": devices is not None,
        "podspec-priorityclassname": args.server is not None and args.server.priority_class is not None,
        # A file of a secret belongs to root and to the pod's own group: without that group nobody else reads it.
        "podspec-securitycontext": fetched and store.credentials is not None,
        "podspec-tolerations": devices is not None,
        "podspec-volumes-image": args.server is not None and store.oci is not None,
    }
    return {feature for feature, is_needed in needed.items() if is_needed}


def knative_pod(pod: Manifest, mode: Knative, port: tuple[str, int]) -> Manifest:
    """The same pod, without what Knative sets itself: how long it has to end, and what happens before that. Pure.

    Who a container runs as stands on the container: the pod's own security context needs a flag. The time in which a
    pod ends is the revision's timeout. `port` is the one that takes requests.
    """
    flagged = {field for field, feature in FLAGGED.items() if feature in mode.features}
    kept = {field: value for field, value in pod.items() if field in flagged or field in ALWAYS}
    context = _container_context(pod["securityContext"])
    if "podspec-securitycontext" in mode.features:
        kept["securityContext"] = {"fsGroup": pod["securityContext"]["fsGroup"], **context}
    for field in ("initContainers", "containers"):
        if field in pod and (field in flagged or field == "containers"):
            kept[field] = [_container(each, context, port) for each in pod[field]]
    if "model" in pod:
        kept["model"] = _container(pod["model"], context, port)
    return kept


def _container_context(pod: Mapping[str, Any]) -> dict[str, Any]:
    return {field: pod[field] for field in ("runAsUser", "runAsGroup", "seccompProfile")}


def _container(container: Manifest, context: Mapping[str, Any], port: tuple[str, int]) -> Manifest:
    known = {field: value for field, value in container.items() if field != "lifecycle"}
    hardened = {**known, "securityContext": {**container["securityContext"], **context}}
    if "ports" not in container:
        return hardened
    name, number = port
    named = {each["name"]: each["containerPort"] for each in container["ports"]}
    probes = {field: _probe(container[field], named) for field in container if field.endswith("Probe")}
    return {**hardened, **probes, "ports": [{"name": knative_name(name), "containerPort": number}]}


def _probe(probe: Manifest, ports: Mapping[str, int]) -> Manifest:
    """Ports by their numbers: Knative gives the one that is left another name."""
    return {field: _numbered(value, ports) if isinstance(value, dict) else value for field, value in probe.items()}


def _numbered(ask: Manifest, ports: Mapping[str, int]) -> Manifest:
    return {**ask, "port": ports.get(ask["port"], ask["port"])}
