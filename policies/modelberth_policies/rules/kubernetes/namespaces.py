"""Namespaces: every workload in one of its own, which keeps pods to the restricted standard."""

from collections.abc import Iterator

from modelberth_policies.resources import MISSING, UNKNOWN, read, reveal
from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.kubernetes.pods import SERVING, WORKLOADS
from modelberth_policies.subject import Stack, Subject, Undeterminable

NAMESPACE = "kubernetes:core/v1:Namespace"
_PATCH = f"{NAMESPACE}Patch"
_ENFORCE = 'metadata.labels["pod-security.kubernetes.io/enforce"]'
_CLUSTER_WIDE = "kubernetes:serving.kserve.io/v1alpha1:ClusterServingRuntime"
_MODEL = "kubernetes:mlops.seldon.io/v1alpha1:Model"


def namespace_of(subject: Subject, stack: Stack) -> str:
    """The namespace of an object: its name, or the URN of the Namespace that will get one.

    An object that names none is in its provider's, and else in `default`.
    """
    given = subject.root
    if not given.computed("metadata.namespace"):
        return str(given.value("metadata.namespace", "") or _left_out(given, stack))
    found = [each for each in stack.of_type(NAMESPACE) if stack.refers(given, "metadata.namespace", each)]
    if len(found) != 1:
        given.value("metadata.namespace")
    name = found[0]
    return name.resource.urn if name.computed("metadata.name") else str(name.value("metadata.name", name.resource.urn))


def _left_out(given: Subject, stack: Stack) -> object:
    provider = stack.plan.get(given.resource.options.provider)
    if provider is not None:
        return Subject(provider, given.limits).value("namespace", "default")
    configured = read(stack.plan.default_providers.get("kubernetes", {}), "namespace")
    if configured is UNKNOWN:
        raise Undeterminable("metadata.namespace")
    return "default" if configured is MISSING else reveal(configured)


@resource_rule(
    "k8s-namespace-pss-enforced",
    Severity.HIGH,
    Category.SECURITY,
    NAMESPACE,
    _PATCH,
    frameworks=("CIS K8s 5.2.1",),
    why="What is checked in one repository only is undone by the next kubectl apply.",
    fix="Label the namespace pod-security.kubernetes.io/enforce: restricted.",
)
def k8s_namespace_pss_enforced(namespace: Subject) -> Iterator[str]:
    if namespace.type == _PATCH and not namespace.present(_ENFORCE):
        return
    if namespace.value(_ENFORCE) != "restricted":
        shown = namespace.show(_ENFORCE)
        yield f"does not keep its pods to the restricted standard (pod-security.kubernetes.io/enforce is {shown})"


@graph_rule(
    "k8s-no-default-namespace",
    Severity.LOW,
    Category.GOVERNANCE,
    *WORKLOADS,
    *(type_ for type_ in SERVING if type_ != _CLUSTER_WIDE),
    _MODEL,
    frameworks=("CIS K8s 5.7.4",),
    anchors=("KSV-0110", "C-0061", "kube-linter:use-namespace", "CKV_K8S_21"),
    why="Quotas, policies and rights are given to a namespace, and the default one is everybody's.",
    fix="Set metadata.namespace, or namespace on the provider.",
)
def k8s_no_default_namespace(workload: Subject, stack: Stack) -> Iterator[str]:
    if namespace_of(workload, stack) == "default":
        yield f"is in the namespace default (metadata.namespace is {workload.show('metadata.namespace')})"


RULES = (k8s_namespace_pss_enforced, k8s_no_default_namespace)
