"""Cloud Run services: who reaches them, and whom they reach."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.gcp.cloud_run_shape import SERVICE, SERVICE_V1, shape_of
from modelberth_policies.rules.gcp.identities import bindings_of, everyone_in
from modelberth_policies.subject import Stack, Subject
from modelberth_policies.tags import classification_of

GRANTS = (
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
    "gcp:cloudrunv2/serviceIamBinding:ServiceIamBinding",
    "gcp:cloudrunv2/serviceIamPolicy:ServiceIamPolicy",
    "gcp:cloudrun/iamMember:IamMember",
    "gcp:cloudrun/iamBinding:IamBinding",
    "gcp:cloudrun/iamPolicy:IamPolicy",
)
_FREE = ("public", "internal")
"""Data that may leave by the internet."""


@resource_rule(
    "cloudrun-no-allusers",
    Severity.CRITICAL,
    Category.SECURITY,
    *GRANTS,
    SERVICE,
    SERVICE_V1,
    frameworks=("NIST AC-3",),
    anchors=("CKV_GCP_102", "org:run.managed.requireInvokerIam"),
    over=bindings_of,
    why="A model that answers everyone is paid for by you and copied by others.",
    fix="Grant roles/run.invoker to named callers, or declare the grant under `public` in the limits.",
)
def cloudrun_no_allusers(grant: Subject) -> Iterator[str]:
    """A service can also be told to leave out the question who calls."""
    if grant.type in GRANTS:
        yield from everyone_in(grant)
        return
    unasked = shape_of(grant).unasked
    if grant.value(unasked, False) not in (False, "false") and not grant.limits.is_public(grant.resource.urn):
        yield f"asks nobody who they are ({unasked} is {grant.show(unasked)})"


@resource_rule(
    "cloudrun-ingress",
    Severity.HIGH,
    Category.SECURITY,
    SERVICE,
    SERVICE_V1,
    frameworks=("NIST SC-7",),
    anchors=("org:run.allowedIngress",),
    why="An address on the internet is found within minutes, and tried for ever after.",
    fix='Set ingress to "INGRESS_TRAFFIC_INTERNAL_ONLY" or "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", '
    "or declare the service under `public` in the limits.",
)
def cloudrun_ingress(service: Subject) -> Iterator[str]:
    shape = shape_of(service)
    if not service.limits.is_public(service.resource.urn) and service.text(shape.ingress) not in shape.private_ingress:
        yield f"answers on the internet ({shape.ingress} is {service.show(shape.ingress)})"


@graph_rule(
    "cloudrun-vpc-egress",
    Severity.MEDIUM,
    Category.SECURITY,
    SERVICE,
    SERVICE_V1,
    frameworks=("NIST SC-7",),
    anchors=("org:run.allowedVPCEgress",),
    why="What may call any address can carry private data there.",
    fix='Set template.vpc_access.egress to "ALL_TRAFFIC", or label its data-classification public or internal.',
)
def cloudrun_vpc_egress(service: Subject, stack: Stack) -> Iterator[str]:
    """A service that says nothing of its data counts as one with private data."""
    shape = shape_of(service)
    if service.text(shape.egress) in shape.all_egress or classification_of(service, stack) in _FREE:
        return
    yield f"reaches the internet past the network ({shape.egress} is {service.show(shape.egress)})"


RULES = (cloudrun_no_allusers, cloudrun_ingress, cloudrun_vpc_egress)
