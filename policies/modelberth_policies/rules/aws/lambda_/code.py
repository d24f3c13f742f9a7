"""Functions: code that still gets security patches, and an image that stays the same."""

from collections.abc import Iterator

from modelberth_policies.clock import today
from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.aws.lambda_.access import FUNCTION
from modelberth_policies.rules.images import not_pinned
from modelberth_policies.subject import Subject
from modelberth_policies.support_dates import runtime_ended


def _is_image(function: Subject) -> bool:
    return function.value("packageType", "Zip") == "Image"


@resource_rule(
    "lambda-runtime-supported",
    Severity.MEDIUM,
    Category.SECURITY,
    FUNCTION,
    frameworks=("FSBP Lambda.2",),
    anchors=("CKV_AWS_363", "FSBP:Lambda.2"),
    why="A deprecated runtime gets no security patches, and soon its functions cannot be updated.",
    fix="Set runtime to one that AWS supports, such as python3.14.",
)
def lambda_runtime_supported(function: Subject) -> Iterator[str]:
    """A container image brings its own runtime."""
    if _is_image(function):
        return
    ended = runtime_ended(str(function.value("runtime", "")), today())
    if ended is not None:
        since = f"which AWS deprecated on {ended}" if ended else "which is no known runtime"
        yield f"runs on {function.show('runtime')}, {since}"


@resource_rule(
    "lambda-image-digest",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    FUNCTION,
    frameworks=("NIST SI-7",),
    why="A tag can be moved, so the next update may run another image than the one that was tested.",
    fix="Write image_uri with its digest: <repository>@sha256:<64 hex digits>.",
)
def lambda_image_digest(function: Subject) -> Iterator[str]:
    if _is_image(function):
        yield from not_pinned(function, "imageUri")


RULES = (lambda_runtime_supported, lambda_image_digest)
