"""Who may talk to a workload, and whom it may talk to."""

from collections.abc import Iterator, Mapping

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.kubernetes.asking import any_known
from modelberth_policies.rules.kubernetes.pods import WORKLOADS, labels_of_pods
from modelberth_policies.rules.kubernetes.selection import in_same_namespace, selects
from modelberth_policies.subject import Stack, Subject

NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
INFERENCE_SERVICE = "kubernetes:serving.kserve.io/v1beta1:InferenceService"
_OF_SERVICE = "serving.kserve.io/inferenceservice"
_DIRECTIONS = {"Ingress": "from everywhere", "Egress": "to everywhere"}


def labels_of_service(service: Subject) -> Subject:
    """The labels of the pods of an InferenceService: its own, and one with its name."""
    own = service.value("metadata.labels", {})
    labels = dict(own) if isinstance(own, Mapping) else {}
    name = service.value("metadata.name") if not service.computed("metadata.name") else None
    return Subject(service.resource, service.limits, {**labels, _OF_SERVICE: name}, "metadata.labels")


def _labels(workload: Subject) -> Iterator[Subject]:
    if workload.type == INFERENCE_SERVICE:
        yield labels_of_service(workload)
    else:
        yield from labels_of_pods(workload)


def _is_isolated(labels: Subject, direction: str, stack: Stack) -> bool:
    def isolates(policy: Subject) -> bool:
        return (
            direction in _directions(policy)
            and in_same_namespace(policy, labels, stack)
            and selects(policy.at("spec.podSelector"), labels)
        )

    return any_known(isolates, stack.of_type(NETWORK_POLICY))


def _directions(policy: Subject) -> list[str]:
    """As the API defaults them: ingress always, egress where there are rules for it."""
    if policy.present("spec.policyTypes"):
        return [each.text("") for each in policy.each("spec.policyTypes")]
    return ["Ingress", "Egress"] if policy.present("spec.egress") else ["Ingress"]


def _holes(policy: Subject) -> Iterator[str]:
    for rule in policy.each("spec.egress"):
        everywhere = not rule.present("to") or any(
            peer.text("ipBlock.cidr") in ("0.0.0.0/0", "::/0") for peer in rule.each("to")
        )
        if everywhere and not rule.present("ports"):
            yield f"lets pods send anything to everywhere ({rule.path})"


@graph_rule(
    "k8s-network-policy",
    Severity.HIGH,
    Category.SECURITY,
    *WORKLOADS,
    INFERENCE_SERVICE,
    NETWORK_POLICY,
    frameworks=("CIS K8s 5.3.2",),
    anchors=("C-0030", "kube-linter:non-isolated-pod", "polaris:missingNetworkPolicy", "CKV2_K8S_6"),
    why="Without a policy every pod of the cluster may ask the model, and a broken server may send its data anywhere.",
    fix="Add a NetworkPolicy that selects the pods, with policy_types Ingress and Egress and rules for what they need.",
)
def k8s_network_policy(subject: Subject, stack: Stack) -> Iterator[str]:
    if subject.type == NETWORK_POLICY:
        yield from _holes(subject)
        return
    for direction, open_ in _DIRECTIONS.items():
        if not all(_is_isolated(labels, direction, stack) for labels in _labels(subject)):
            yield f"has pods that no NetworkPolicy for {direction} selects: they are open {open_}"


RULES = (k8s_network_policy,)
