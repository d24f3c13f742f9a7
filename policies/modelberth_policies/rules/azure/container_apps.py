"""Azure Container Apps: what they run, as whom, with which secrets, how many, and who reaches them."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.azure.words import says
from modelberth_policies.rules.counts import above, never_zero
from modelberth_policies.rules.credentials import credentials_in
from modelberth_policies.rules.images import not_pinned
from modelberth_policies.subject import Stack, Subject

APP = "azure-native:app:ContainerApp"
ENVIRONMENT = "azure-native:app:ManagedEnvironment"
LOGIN = "azure-native:app:ContainerAppsAuthConfig"
_INGRESS = "configuration.ingress"
_DEFAULT_MAX = 10
_ENVIRONMENT_IDS = ("managedEnvironmentId", "environmentId")


def containers_of(app: Subject) -> Iterator[Subject]:
    """Its containers, those that run before the others included."""
    for path in ("template.containers", "template.initContainers"):
        yield from app.each(path)


def with_containers(app: Subject) -> Iterator[Subject]:
    """The app, then its containers."""
    yield app
    yield from containers_of(app)


@graph_rule(
    "containerapp-ingress",
    Severity.HIGH,
    Category.SECURITY,
    APP,
    ENVIRONMENT,
    frameworks=("NIST SC-7", "NIST SC-8"),
    anchors=("azpol:783ea2a8", "azpol:0e80e269", "azpol:2b585559"),
    why="An address on the internet is found within minutes, and what answers without asking who calls answers all.",
    fix="Leave ingress.external and allow_insecure false, make the environment internal (vnet_configuration.internal), "
    "and add a ContainerAppsAuthConfig; or declare it under `public` in the limits.",
)
def containerapp_ingress(resource: Subject, stack: Stack) -> Iterator[str]:
    if resource.type == ENVIRONMENT:
        if not resource.limits.is_public(resource.resource.urn) and not _is_internal(resource):
            shown = resource.show("vnetConfiguration.internal")
            yield f"gives its apps an address on the internet (vnetConfiguration.internal is {shown})"
        return
    if not resource.present(_INGRESS):
        return
    if resource.value(f"{_INGRESS}.allowInsecure", False) is not False:
        yield "takes requests that are not encrypted (allowInsecure is true)"
    if not resource.limits.is_public(resource.resource.urn) and _is_external(resource, stack):
        yield "answers on the internet (external is true)"
    yield from _unasked(resource, stack)


def _is_internal(environment: Subject) -> bool:
    is_closed = says(environment, "publicNetworkAccess", "Disabled")
    return is_closed or environment.value("vnetConfiguration.internal") is True


def _is_external(app: Subject, stack: Stack) -> bool:
    """Within an environment of the stack that is internal, `external` reaches no further than its network."""
    ports = [app.at(_INGRESS), *app.each(f"{_INGRESS}.additionalPortMappings")]
    if not any(port.value("external", False) is not False for port in ports):
        return False
    return not any(
        _is_internal(environment)
        for environment in stack.of_type(ENVIRONMENT)
        if any(stack.refers(app, path, environment) for path in _ENVIRONMENT_IDS)
    )


def _unasked(app: Subject, stack: Stack) -> Iterator[str]:
    """TCP has no logins; a client certificate is one."""
    if says(app, f"{_INGRESS}.transport", "tcp") or says(app, f"{_INGRESS}.clientCertificateMode", "require"):
        return
    logins = stack.referring(app, LOGIN, "containerAppName", "containerAppName")
    if not any(login.value("platform.enabled") is True for login in logins):
        yield "asks nobody who they are (it has no ContainerAppsAuthConfig that is enabled)"
    for login in logins:
        if says(login, "globalValidation.unauthenticatedClientAction", "AllowAnonymous"):
            yield f"lets in who does not say who they are ({login.name} has AllowAnonymous)"


@resource_rule(
    "containerapp-identity",
    Severity.MEDIUM,
    Category.SECURITY,
    APP,
    frameworks=("NIST AC-6",),
    anchors=("azpol:b874ab2d",),
    over=with_containers,
    why="What has no identity of its own needs a password, and passwords get out.",
    fix="Set identity, and give each secret a key_vault_url and an identity in place of its value.",
)
def containerapp_identity(part: Subject) -> Iterator[str]:
    if part.path:
        yield from credentials_in(part, "env")
        return
    if says(part, "identity.type", "", "None"):
        yield f"has no identity (identity.type is {part.show('identity.type')})"
    for secret in part.each("configuration.secrets"):
        if not secret.present("keyVaultUrl"):
            yield f"holds the secret {secret.show('name')} itself (keyVaultUrl is unset)"
    for registry in part.each("configuration.registries"):
        if registry.present("passwordSecretRef"):
            yield f"logs in to {registry.show('server')} with a password"


@resource_rule(
    "containerapp-scale-bounded",
    Severity.HIGH,
    Category.COST,
    APP,
    frameworks=("FinOps",),
    why="Without a bound a flood of requests becomes a flood of replicas; with a minimum a test never ends.",
    fix="Set template.scale.max_replicas within the limits; outside production leave min_replicas at 0.",
)
def containerapp_scale_bounded(app: Subject) -> Iterator[str]:
    """Left out, the maximum is 10 and the minimum 0."""
    most = app.limits.instances.max_count
    if app.present("template.scale.maxReplicas"):
        yield from above(app, "template.scale.maxReplicas", most)
    elif most < _DEFAULT_MAX:
        yield f"may grow to {_DEFAULT_MAX} (template.scale.maxReplicas is unset); the most is {most}"
    if not app.limits.production:
        yield from never_zero(app, "template.scale.minReplicas")


@resource_rule(
    "containerapp-image-digest",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    APP,
    frameworks=("NIST SI-7",),
    over=containers_of,
    why="A tag is whatever was pushed last, so what was tested is not what runs tomorrow.",
    fix="Name the image by digest (image@sha256:…).",
)
def containerapp_image_digest(container: Subject) -> Iterator[str]:
    yield from not_pinned(container)


RULES = (containerapp_ingress, containerapp_identity, containerapp_scale_bounded, containerapp_image_digest)
