"""Where a Cloud Run service says what: the second generation has fields, the first annotations, as Knative has."""

from collections.abc import Iterator
from typing import NamedTuple

from modelberth_policies.subject import Subject

SERVICE = "gcp:cloudrunv2/service:Service"
SERVICE_V1 = "gcp:cloudrun/service:Service"


class Shape(NamedTuple):
    """Paths of a service's inputs."""

    ingress: str
    private_ingress: tuple[str, ...]
    unasked: str
    """Turns off that a caller is asked who it is."""
    account: str
    egress: str
    all_egress: tuple[str, ...]
    containers: tuple[str, ...]
    most: tuple[str, ...]
    """Maximum of instances, of a revision and of all of them together; the lower one holds."""
    least: tuple[str, ...]
    mode: str
    """Manual scaling is a fixed number of instances, which stands at `fixed`."""
    fixed: str
    attestation: tuple[str, ...]
    """Where binary authorization is turned on."""


_SERVICE_NOTES, _REVISION_NOTES = "metadata.annotations", "template.metadata.annotations"
_SHAPES = {
    SERVICE: Shape(
        "ingress",
        ("INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"),
        "invokerIamDisabled",
        "template.serviceAccount",
        "template.vpcAccess.egress",
        ("ALL_TRAFFIC",),
        ("template.containers", "template.sandboxes.templates"),
        ("template.scaling.maxInstanceCount", "scaling.maxInstanceCount"),
        ("template.scaling.minInstanceCount", "scaling.minInstanceCount"),
        "scaling.scalingMode",
        "scaling.manualInstanceCount",
        ("binaryAuthorization.useDefault", "binaryAuthorization.policy"),
    ),
    SERVICE_V1: Shape(
        f'{_SERVICE_NOTES}["run.googleapis.com/ingress"]',
        ("internal", "internal-and-cloud-load-balancing"),
        f'{_SERVICE_NOTES}["run.googleapis.com/invoker-iam-disabled"]',
        "template.spec.serviceAccountName",
        f'{_REVISION_NOTES}["run.googleapis.com/vpc-access-egress"]',
        ("all", "all-traffic"),
        ("template.spec.containers",),
        (f'{_REVISION_NOTES}["autoscaling.knative.dev/maxScale"]',),
        (f'{_REVISION_NOTES}["autoscaling.knative.dev/minScale"]', f'{_SERVICE_NOTES}["run.googleapis.com/minScale"]'),
        f'{_SERVICE_NOTES}["run.googleapis.com/scalingMode"]',
        f'{_SERVICE_NOTES}["run.googleapis.com/manualInstanceCount"]',
        (f'{_SERVICE_NOTES}["run.googleapis.com/binary-authorization"]',),
    ),
}


def shape_of(service: Subject) -> Shape:
    """The paths of the service's generation."""
    return _SHAPES[service.type]


def containers_of(service: Subject) -> Iterator[Subject]:
    """Its containers, those of its sandboxes included."""
    for path in shape_of(service).containers:
        yield from service.each(path)


def with_containers(service: Subject) -> Iterator[Subject]:
    """The service, then its containers."""
    yield service
    yield from containers_of(service)
