"""Image repositories: tags that stay, images that are scanned, encrypted and tidied up, and nobody else's to pull."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.aws.encryption import key_shown, own_key
from modelberth_policies.rules.aws.policy import is_everyone, named, statements_in
from modelberth_policies.subject import Stack, Subject

REPOSITORY = "aws:ecr/repository:Repository"
REGISTRY_SCANNING = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
POLICIES = ("aws:ecr/repositoryPolicy:RepositoryPolicy", "aws:ecr/registryPolicy:RegistryPolicy")


@resource_rule(
    "ecr-immutable-tags",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    REPOSITORY,
    frameworks=("FSBP ECR.2",),
    anchors=("CKV_AWS_51", "AWS-0031", "FSBP:ECR.2", "pulumi:ecr/Repository/disallowMutableImage"),
    why="A tag that can be moved lets another image serve under the name of the one that was approved.",
    fix='Set image_tag_mutability to "IMMUTABLE".',
)
def ecr_immutable_tags(repository: Subject) -> Iterator[str]:
    if repository.value("imageTagMutability") != "IMMUTABLE":
        yield f"lets tags be moved (imageTagMutability is {repository.show('imageTagMutability')})"


@graph_rule(
    "ecr-scan-on-push",
    Severity.MEDIUM,
    Category.SUPPLY_CHAIN,
    REPOSITORY,
    frameworks=("FSBP ECR.1",),
    anchors=("CKV_AWS_163", "AWS-0030", "FSBP:ECR.1", "pulumi:ecr/Repository/enableImageScan"),
    why="Known holes in a model server's image are found by others if not by a scan.",
    fix="Set image_scanning_configuration scan_on_push to true, or scan the registry with a rule that fits.",
)
def ecr_scan_on_push(repository: Subject, stack: Stack) -> Iterator[str]:
    if repository.value("imageScanningConfiguration.scanOnPush") is True:
        return
    if not any(_scans(registry, repository) for registry in stack.of_type(REGISTRY_SCANNING)):
        scan = repository.show("imageScanningConfiguration.scanOnPush")
        yield f"is not scanned (scanOnPush is {scan}, and no scan of the registry fits its name)"


def _scans(registry: Subject, repository: Subject) -> bool:
    """Pulumi names what has no name after the resource."""
    name = repository.text("name", repository.name)
    for rule in registry.each("rules"):
        often = rule.value("scanFrequency") in ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")
        if often and any(_fits(each.text("filter"), name) for each in rule.each("repositoryFilters")):
            return True
    return False


def _fits(pattern: str, name: str) -> bool:
    """A filter without a star fits every name that holds it."""
    return bool(pattern) and fnmatchcase(name, pattern if "*" in pattern else f"*{pattern}*")


@graph_rule(
    "ecr-kms-and-lifecycle",
    Severity.LOW,
    Category.COST,
    REPOSITORY,
    frameworks=("FSBP ECR.3",),
    anchors=("CKV_AWS_136", "AWS-0033", "FSBP:ECR.3"),
    why="Images without a tag are paid for and pulled by nobody, and only a key of one's own can be taken away.",
    fix='Set encryption_configurations to "KMS" with a kms_key, and expire untagged images by a LifecyclePolicy.',
)
def ecr_kms_and_lifecycle(repository: Subject, stack: Stack) -> Iterator[str]:
    tidied = stack.referring(repository, LIFECYCLE, "repository", "name")
    if not any(_expires_untagged(policy) for policy in tidied):
        yield "keeps images without a tag for ever"
    keyed = list(repository.each("encryptionConfigurations"))
    for part in keyed:
        if part.value("encryptionType") not in ("KMS", "KMS_DSSE") or not own_key(part, "kmsKey"):
            yield f"is encrypted as {part.show('encryptionType')} with {key_shown(part, 'kmsKey')}"
    if not keyed:
        yield "is encrypted with no key of its own"


def _expires_untagged(lifecycle: Subject) -> bool:
    return any(
        rule.value("selection.tagStatus") in ("untagged", "any") and rule.value("action.type") == "expire"
        for rule in lifecycle.document("policy").each("rules")
    )


@resource_rule(
    "ecr-no-public-policy",
    Severity.CRITICAL,
    Category.SECURITY,
    *POLICIES,
    frameworks=("NIST AC-3",),
    anchors=("CKV_AWS_32", "AWS-0032"),
    over=lambda policy: statements_in(policy.document("policy")),
    why="Whoever may pull an image has the model server and all that was built into it.",
    fix="Name the accounts or roles that pull as principals of the policy.",
)
def ecr_no_public_policy(statement: Subject) -> Iterator[str]:
    if is_everyone(statement):
        yield f"lets everyone in (statement {named(statement)})"


RULES = (ecr_immutable_tags, ecr_scan_on_push, ecr_kms_and_lifecycle, ecr_no_public_policy)
