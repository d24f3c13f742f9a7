"""Cloud Run services: what they run, as whom, with which secrets, and on how many instances."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.counts import above, count, never_zero
from modelberth_policies.rules.credentials import credentials_in
from modelberth_policies.rules.gcp.cloud_run_shape import SERVICE, SERVICE_V1, containers_of, shape_of, with_containers
from modelberth_policies.rules.gcp.identities import runs_as_default
from modelberth_policies.rules.images import not_pinned
from modelberth_policies.subject import Subject


@resource_rule(
    "cloudrun-dedicated-identity",
    Severity.HIGH,
    Category.SECURITY,
    SERVICE,
    SERVICE_V1,
    frameworks=("NIST AC-6",),
    why="The default account is an editor of the project, and so is whoever makes the model server run their code.",
    fix="Set template.service_account to an account of the service's own.",
)
def cloudrun_dedicated_identity(service: Subject) -> Iterator[str]:
    yield from runs_as_default(service, shape_of(service).account)


@resource_rule(
    "cloudrun-image-digest",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    SERVICE,
    SERVICE_V1,
    frameworks=("NIST SI-7",),
    anchors=("org:run.allowedBinaryAuthorizationPolicies",),
    over=with_containers,
    why="A tag is whatever was pushed last, so what was tested is not what runs tomorrow.",
    fix="Name the image by digest (image@sha256:…), and in production set binary_authorization.use_default.",
)
def cloudrun_image_digest(part: Subject) -> Iterator[str]:
    if part.path:
        yield from not_pinned(part)
    elif part.limits.production and not any(_is_on(part, path) for path in shape_of(part).attestation):
        yield "runs images that nobody vouched for in production (binary authorization is off)"


def _is_on(service: Subject, path: str) -> bool:
    """Turned on by a boolean, or by the name of a policy."""
    return service.value(path) is True or service.text(path) != ""


@resource_rule(
    "cloudrun-no-env-secrets",
    Severity.CRITICAL,
    Category.SECURITY,
    SERVICE,
    SERVICE_V1,
    frameworks=("NIST IA-5",),
    over=containers_of,
    why="Whoever may look at the service reads its environment, and so does every log of a deployment.",
    fix="Put it into Secret Manager, and refer to it by value_source.secret_key_ref.",
)
def cloudrun_no_env_secrets(container: Subject) -> Iterator[str]:
    yield from credentials_in(container, "envs")


@resource_rule(
    "cloudrun-scaling-bounded",
    Severity.HIGH,
    Category.COST,
    SERVICE,
    SERVICE_V1,
    frameworks=("FinOps",),
    why="Without a maximum a flood of requests becomes a flood of instances; with a minimum a test never ends.",
    fix="Set template.scaling.max_instance_count; outside production leave min_instance_count at 0.",
)
def cloudrun_scaling_bounded(service: Subject) -> Iterator[str]:
    shape, limits = shape_of(service), service.limits
    is_manual = service.text(shape.mode).upper() == "MANUAL"
    yield from _unbounded(service, (shape.fixed,) if is_manual else shape.most)
    if not limits.production:
        for path in (shape.fixed,) if is_manual else shape.least:
            yield from never_zero(service, path)


def _unbounded(service: Subject, paths: tuple[str, ...]) -> Iterator[str]:
    """A maximum of 0 is none: the service then gets its region's default, 100."""
    counts = {path: found for path in paths if (found := count(service, path) or 0) >= 1}
    lowest = min(counts, key=lambda path: counts[path]) if counts else None
    if lowest is None:
        yield f"has no maximum of instances ({paths[0]} is {service.show(paths[0])})"
    else:
        yield from above(service, lowest, service.limits.instances.max_count)


RULES = (
    cloudrun_dedicated_identity,
    cloudrun_image_digest,
    cloudrun_no_env_secrets,
    cloudrun_scaling_bounded,
)
