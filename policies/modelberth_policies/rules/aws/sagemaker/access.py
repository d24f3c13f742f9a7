"""Execution roles: no more than a model needs, and one for each."""

from collections.abc import Iterator, Mapping
from re import compile as pattern

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.aws.sagemaker.hosting import CONFIGURATIONS, MODEL, configurations, variants_of
from modelberth_policies.rules.aws.sagemaker.linking import indexed, keys_of, looked_up, own_keys, per_stack
from modelberth_policies.rules.aws.unlinked import no_unlinked, not_unlinked
from modelberth_policies.subject import Stack, Subject, Undeterminable
from modelberth_policies.tags import tags_of

ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
SHARED_ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"
EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
ATTACHED_AT = {ATTACHMENT: "role", SHARED_ATTACHMENT: "roles", EXCLUSIVE: "roleName"}
"""Attachment → the input that names its role, or its roles."""
ARN = "executionRoleArn"
_BROAD = pattern(r":iam::aws:policy/(?:.*/)?(?:AdministratorAccess|PowerUserAccess|\w*FullAccess)$")
"""Policies that AWS keeps, for whole services or for all."""
_MODEL_TAGS = ("model", "Model", "model-name", "ModelName")


def _holders(subject: Subject) -> Iterator[Subject]:
    """What names an execution role: a model, and a configuration for inference components."""
    if subject.type == MODEL:
        yield subject
    yield from configurations(subject)


@graph_rule(
    "sagemaker-execution-role-scoped",
    Severity.HIGH,
    Category.SECURITY,
    MODEL,
    *CONFIGURATIONS,
    over=_holders,
    frameworks=("NIST AC-6", "FSBP IAM.1"),
    anchors=("CKV2_AWS_68", "CKV_AWS_274"),
    why="What runs in the container may do all that its role may: read every bucket, start and delete endpoints.",
    fix="Attach a policy of the model's own: its files, its image, its log group.",
)
def sagemaker_execution_role_scoped(holder: Subject, stack: Stack) -> Iterator[str]:
    if not holder.present(ARN):
        return
    roles = roles_of(holder, stack)
    attached = [(policy, "") for role in roles for policy in role.each("managedPolicyArns")]
    attached += [policy for found in _attached(holder, roles, stack) for policy in _policies_in(found)]
    unknown: Undeterminable | None = None if roles or attached else Undeterminable(ARN)
    for owner, path in attached:
        if owner.computed(path):
            continue  # a policy of the customer's own, still to be made; rules on IAM read what it says
        try:
            name = owner.text(path)
        except Undeterminable as found:
            unknown = unknown or Undeterminable(f"{owner.name}.{found.path}")
            continue
        if _BROAD.search(name):
            yield f"runs with a role that has {name.rpartition('/')[2]}"
    if unknown is not None:
        raise unknown
    _none_overlooked(roles, stack)


def _none_overlooked(roles: list[Subject], stack: Stack) -> None:
    """Raises `Undeterminable` where a role whose name nobody knows, or an attachment to one, may be the holder's."""
    if not roles:
        no_unlinked(stack, ROLE, "name")
    for role in roles:
        not_unlinked(role, "name")
    for type_, path in ATTACHED_AT.items():
        no_unlinked(stack, type_, path)


def roles_of(holder: Subject, stack: Stack) -> list[Subject]:
    """The execution role, if this stack makes it."""
    return looked_up(_roles(stack), _role_keys(holder))


def _role_keys(holder: Subject) -> tuple[str, ...]:
    return keys_of(holder, ARN, lambda arn: arn.rpartition("/")[2])


def _attached(holder: Subject, roles: list[Subject], stack: Stack) -> list[Subject]:
    keys = [*_role_keys(holder), *(key for role in roles for key in own_keys(role))]
    return looked_up(_attachments(stack), keys)


def _policies_in(attachment: Subject) -> Iterator[tuple[Subject, str]]:
    if attachment.type == EXCLUSIVE:
        yield from ((policy, "") for policy in attachment.each("policyArns"))
    else:
        yield attachment, "policyArn"


@per_stack
def _roles(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(ROLE), own_keys)


@per_stack
def _attachments(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(*ATTACHED_AT), _attached_to)


def _attached_to(attachment: Subject) -> Iterator[str]:
    if attachment.type != SHARED_ATTACHMENT:
        yield from keys_of(attachment, ATTACHED_AT[attachment.type])
        return
    try:
        for role in attachment.each("roles"):
            yield from keys_of(role, "")
    except Undeterminable:
        yield from attachment.resource.property_dependencies.get("roles", ())


@graph_rule(
    "sagemaker-execution-role-not-shared",
    Severity.MEDIUM,
    Category.SECURITY,
    MODEL,
    frameworks=("NIST AC-6",),
    why="A role of several models may do what any of them needs, so that each can read the others' files.",
    fix="Make a role for each model; versions of one model, which may share it, are told by the tag `model`.",
)
def sagemaker_execution_role_not_shared(model: Subject, stack: Stack) -> Iterator[str]:
    others = [other for other in looked_up(_models(stack), _one_role(model, stack)) if other.name != model.name]
    different = [other.name for other in others if not _is_version(model, other, stack)]
    if different:
        yield f"runs with the role of {', '.join(sorted(different))} too"
    elif not roles_of(model, stack) and _is_beside_another(model, stack) and model.present(ARN):
        no_unlinked(stack, ROLE, "name")


def _is_beside_another(model: Subject, stack: Stack) -> bool:
    others = (other for other in stack.of_type(MODEL) if other.resource.urn != model.resource.urn)
    return any(not _is_version(model, other, stack) for other in others)


def _one_role(model: Subject, stack: Stack) -> tuple[str, ...]:
    """By what the role is known, one key for one role. Raises `Undeterminable` where another model may have it too."""
    roles = roles_of(model, stack)
    if roles:
        return (roles[0].resource.urn,)
    keys = keys_of(model, ARN)
    if not keys and len(stack.of_type(MODEL)) > 1 and model.present(ARN):
        raise Undeterminable(ARN)
    return keys


@per_stack
def _models(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(MODEL), lambda model: _known_role(model, stack))


def _known_role(model: Subject, stack: Stack) -> tuple[str, ...]:
    try:
        return _one_role(model, stack)
    except Undeterminable:  # said of that model, when the rule comes to it
        return ()


def _is_version(model: Subject, other: Subject, stack: Stack) -> bool:
    """Whether both are versions of one model: by their tags, or because one endpoint serves both as variants."""
    names = [next((tags[key] for key in _MODEL_TAGS if key in tags), None) for tags in _tags(stack, model, other)]
    if names[0] is not None and names[0] == names[1]:
        return True
    return bool(_serving(model, stack) & _serving(other, stack))


def _tags(stack: Stack, *models: Subject) -> Iterator[Mapping[str, object]]:
    return (tags_of(model, stack) for model in models)


def _serving(model: Subject, stack: Stack) -> set[str]:
    return {variant.resource.urn for variant in variants_of(model, stack)}


RULES = (sagemaker_execution_role_scoped, sagemaker_execution_role_not_shared)
