"""What may refer to anything: a rule that looks for who refers to a resource must not overlook it."""

from modelberth_policies.rules.aws.sagemaker.linking import per_stack
from modelberth_policies.subject import Stack, Subject, Undeterminable


def no_unlinked(stack: Stack, type_: str, path: str) -> None:
    """Raises `Undeterminable` if the input at `path` of a resource of the type is unknown, and no resource gives it."""
    found = _kept(stack)
    if (type_, path) not in found:
        found[type_, path] = next((each for each in stack.of_type(type_) if _is_unlinked(each, path)), None)
    unlinked = found[type_, path]
    if unlinked is not None:
        raise Undeterminable(f"{path} of {unlinked.name}")


@per_stack
def _kept(stack: Stack) -> dict[tuple[str, str], Subject | None]:
    return {}


def _is_unlinked(subject: Subject, path: str) -> bool:
    try:
        subject.value(path)
    except Undeterminable:
        return not subject.resource.property_dependencies.get(path)
    return False
