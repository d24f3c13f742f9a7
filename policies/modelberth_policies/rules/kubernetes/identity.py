"""What a pod is to the cluster, and what it is told in secret."""

from collections.abc import Iterator

from modelberth_policies.resources import MISSING
from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.credentials import credentials_in
from modelberth_policies.rules.kubernetes.asking import say_all
from modelberth_policies.rules.kubernetes.pods import PATCHES, SERVING, WORKLOADS, containers_of, items, label, pods_of
from modelberth_policies.rules.kubernetes.selection import names
from modelberth_policies.subject import Stack, Subject

SERVICE_ACCOUNT = "kubernetes:core/v1:ServiceAccount"
ACCOUNT = "serviceAccountName"
_MOUNT = "automountServiceAccountToken"


def has_own_account(pod: Subject) -> bool:
    """Whether the pod names a service account other than the one that all pods of its namespace share."""
    return pod.computed(ACCOUNT) or pod.text(ACCOUNT) not in ("", "default")


def accounts_of(pod: Subject, stack: Stack) -> list[Subject]:
    """The service accounts of the stack that the pod names."""
    return [each for each in stack.of_type(SERVICE_ACCOUNT) if names(pod, ACCOUNT, each, stack)]


@graph_rule(
    "k8s-no-automount-token",
    Severity.MEDIUM,
    Category.SECURITY,
    *WORKLOADS,
    frameworks=("CIS K8s 5.1.6",),
    anchors=("KSV-0036", "C-0034", "polaris:automountServiceAccountToken", "CKV_K8S_38"),
    why="A token that no program reads serves only whoever breaks into it.",
    fix="Set automount_service_account_token to false; where a pod calls the cluster, to true, with its own account.",
    over=pods_of,
)
def k8s_no_automount_token(pod: Subject, stack: Stack) -> Iterator[str]:
    """True is a declaration where the account is the pod's own; what a pod leaves out, its account may say."""
    told = pod.value(_MOUNT)
    if told is False:
        return
    if told is True:
        if not has_own_account(pod):
            yield "mounts the token of the service account that its whole namespace shares"
        return
    accounts = accounts_of(pod, stack) if told is MISSING else []
    if not accounts or any(account.value(_MOUNT) is not False for account in accounts):
        yield f"mounts a token of the cluster without saying so ({_MOUNT} is {pod.show(_MOUNT)})"


def _secrets_in_variables(container: Subject) -> Iterator[str]:
    for variable in items(container, "env"):
        if variable.present("valueFrom.secretKeyRef"):
            yield f"hands {label(container)} a secret in the environment variable {variable.show('name')}"


def _secrets_as_environment(container: Subject) -> Iterator[str]:
    for source in items(container, "envFrom"):
        if source.present("secretRef"):
            yield f"hands {label(container)} all of a secret as environment variables"


@resource_rule(
    "k8s-no-env-secrets",
    Severity.HIGH,
    Category.SECURITY,
    *WORKLOADS,
    *PATCHES,
    *SERVING,
    frameworks=("CIS K8s 5.4.1",),
    anchors=("C-0012", "kube-linter:env-var-secret", "polaris:sensitiveContainerEnvVar", "CKV_K8S_35"),
    why="Environment variables show up in logs, dumps and child processes, and do not change when a secret does.",
    fix="Mount the secret as a file, with a secret or csi volume, and hand the program its path.",
    over=containers_of,
)
def k8s_no_env_secrets(container: Subject) -> Iterator[str]:
    written = (f"{said}, in {label(container)}" for said in credentials_in(container, "env"))
    yield from say_all(_secrets_in_variables(container), _secrets_as_environment(container), written)


RULES = (k8s_no_automount_token, k8s_no_env_secrets)
