"""Vertex AI endpoints: encrypted, private, bounded, and gone when nobody uses them."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from modelberth_policies.resources import UNKNOWN
from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.counts import above
from modelberth_policies.subject import Stack, Subject, Undeterminable
from modelberth_policies.tags import tags_of

ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
GARDEN = "gcp:vertex/aiEndpointWithModelGardenDeployment:AiEndpointWithModelGardenDeployment"
POOL = "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool"
SCHEDULE = "gcp:cloudscheduler/job:Job"
_ENDS = ("ttl", "expires", "expires-on", "expires_on", "schedule")


@resource_rule(
    "vertex-endpoint-cmek",
    Severity.HIGH,
    Category.SECURITY,
    ENDPOINT,
    frameworks=("NIST SC-28",),
    anchors=("CKV2_GCP_24", "org:gcp.restrictNonCmekServices"),
    why="With a key of your own you can see who opens models and requests, and shut them at once.",
    fix="Set encryption_spec.kms_key_name.",
)
def vertex_endpoint_cmek(endpoint: Subject) -> Iterator[str]:
    if not endpoint.present("encryptionSpec.kmsKeyName"):
        yield "is encrypted with a key of Google's (encryptionSpec.kmsKeyName is unset)"


@resource_rule(
    "vertex-endpoint-private",
    Severity.HIGH,
    Category.SECURITY,
    ENDPOINT,
    GARDEN,
    frameworks=("NIST SC-7",),
    anchors=("CKV2_GCP_33",),
    why="A public endpoint is one leaked token away from answering everyone.",
    fix="Set network or private_service_connect_config, or declare the endpoint under `public` in the limits.",
)
def vertex_endpoint_private(endpoint: Subject) -> Iterator[str]:
    if endpoint.limits.is_public(endpoint.resource.urn):
        return
    holder = "endpointConfig." if endpoint.type == GARDEN else ""
    if endpoint.type == ENDPOINT and endpoint.present("network"):
        return
    if endpoint.value(f"{holder}privateServiceConnectConfig.enablePrivateServiceConnect") is not True:
        yield f"answers on the internet ({holder}privateServiceConnectConfig does not make it private)"


@resource_rule(
    "vertex-replicas-bounded",
    Severity.HIGH,
    Category.COST,
    GARDEN,
    POOL,
    frameworks=("FinOps",),
    why="Vertex charges each replica by the hour, and scales as far as it is allowed to.",
    fix="Set dedicated_resources.max_replica_count and machine_spec.machine_type within the limits of the environment.",
)
def vertex_replicas_bounded(deployment: Subject) -> Iterator[str]:
    """Without a maximum, the minimum is the maximum."""
    resources = deployment.at("deployConfig" if deployment.type == GARDEN else "").at("dedicatedResources")
    if not resources.present("minReplicaCount"):
        yield "leaves its machines and their number to Vertex (it has no dedicatedResources)"
        return
    most = "maxReplicaCount" if resources.present("maxReplicaCount") else "minReplicaCount"
    yield from above(resources, most, deployment.limits.instances.max_count)
    yield from _machine_not_allowed(resources)


def _machine_not_allowed(resources: Subject) -> Iterator[str]:
    instances, machine = resources.limits.instances, "machineSpec.machineType"
    if not instances.gpu and resources.present("machineSpec.acceleratorType"):
        yield f"has accelerators, which {resources.limits.environment} does not allow"
    if instances.allowed and not any(fnmatchcase(resources.text(machine), each) for each in instances.allowed):
        yield f"has the machine type {resources.show(machine)}, which is none of {', '.join(instances.allowed)}"


@graph_rule(
    "vertex-nonprod-idle",
    Severity.MEDIUM,
    Category.COST,
    ENDPOINT,
    GARDEN,
    POOL,
    frameworks=("FinOps",),
    applies=lambda limits: not limits.production,
    why="Vertex prediction never scales to zero: a forgotten test endpoint costs as much as one in use.",
    fix="Say when it goes away with a label `ttl` or `expires`, or add a cloudscheduler.Job that depends on it.",
)
def vertex_nonprod_idle(deployment: Subject, stack: Stack) -> Iterator[str]:
    """Only an endpoint takes labels; the end of the others can only be seen by a job."""
    jobs = (job.resource.dependencies for job in stack.of_type(SCHEDULE))
    if any(deployment.resource.urn in dependencies for dependencies in jobs):
        return
    labels = tags_of(deployment, stack)
    ends = [labels.get(label) for label in _ENDS]
    if any(end not in (None, "", UNKNOWN) for end in ends):
        return
    if UNKNOWN in ends:
        raise Undeterminable("labels")
    yield "runs until someone remembers it: nothing says when it goes away"


RULES = (vertex_endpoint_cmek, vertex_endpoint_private, vertex_replicas_bounded, vertex_nonprod_idle)
