"""The pods of KServe, and whom they run as."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.kubernetes.hardening import is_soft, parts_to_harden
from modelberth_policies.rules.kubernetes.identity import ACCOUNT, accounts_of, has_own_account
from modelberth_policies.rules.kubernetes.kserve.components import INFERENCE_SERVICE, components_of
from modelberth_policies.rules.kubernetes.pods import KSERVE, containers_of, role_of
from modelberth_policies.subject import Stack, Subject


@resource_rule(
    "kserve-podspec-hardened",
    Severity.HIGH,
    Category.SECURITY,
    *KSERVE,
    frameworks=("PSS restricted",),
    why="A pod inside an InferenceService is a pod: what it may do to its node is the same, only nobody looks.",
    fix="Set securityContext on each component (runAsNonRoot, seccompProfile) and container (drop ALL, no escalation).",
    over=parts_to_harden,
)
def kserve_podspec_hardened(part: Subject) -> Iterator[str]:
    return is_soft(part)


@graph_rule(
    "kserve-dedicated-service-account",
    Severity.MEDIUM,
    Category.SECURITY,
    INFERENCE_SERVICE,
    frameworks=("NIST AC-6",),
    why="The account that fetches a model may fetch every model if all share it, and a static key outlives who leaves.",
    fix="Set serviceAccountName to an account of the service's own that a cloud role trusts; leave out storage.key.",
    over=components_of,
)
def kserve_dedicated_service_account(component: Subject, stack: Stack) -> Iterator[str]:
    """That the account is trusted by a role may stand outside the cluster, so only static keys are held against it."""
    if not has_own_account(component):
        shown = component.show(ACCOUNT)
        yield f"runs its {role_of(component)} as the account of the whole namespace ({ACCOUNT} is {shown})"
    for account in accounts_of(component, stack):
        if account.present("secrets"):
            yield f"runs its {role_of(component)} as {account.name}, which holds static keys (secrets)"
    for container in containers_of(component.root):
        if container.path.startswith(f"{component.path}.") and container.present("storage.key"):
            yield f"fetches its model with a static key ({container.path}.storage.key)"


RULES = (kserve_podspec_hardened, kserve_dedicated_service_account)
