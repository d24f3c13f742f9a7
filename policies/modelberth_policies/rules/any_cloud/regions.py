"""Data stays where the environment, and its own tag, want it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from modelberth_policies.place import region_of
from modelberth_policies.resources import UNKNOWN, Absent
from modelberth_policies.rule import ANY, Category, Severity, graph_rule, stack_rule
from modelberth_policies.rules.any_cloud.zones import ZONES, zone_of
from modelberth_policies.subject import Stack, Subject, Undeterminable
from modelberth_policies.tags import tags_of

RESIDENCY_TAGS = ("data-residency", "data_residency", "residency")


@graph_rule(
    "region-allow-list",
    Severity.HIGH,
    Category.PRIVACY,
    ANY,
    frameworks=("GDPR ch. V (44-49)",),
    anchors=("org:gcp.resourceLocations",),
    why="Data in another region is under another law.",
    fix="Use a region of the environment's list, one in the zone of the data-residency tag.",
)
def region_allow_list(subject: Subject, stack: Stack) -> Iterator[str]:
    region = _region(subject, stack)
    if region is None:
        return
    allowed = subject.limits.regions
    if allowed and not any(fnmatchcase(region, pattern) for pattern in allowed):
        yield f"stands in {region}; {subject.limits.environment} allows {', '.join(allowed)}"
    tags = tags_of(subject, stack)
    wanted = next((tags[key] for key in RESIDENCY_TAGS if key in tags), None)
    if wanted is UNKNOWN:
        raise Undeterminable("tags")
    if isinstance(wanted, str) and wanted.lower() in ZONES and zone_of(region) != wanted.lower():
        yield f"stands in {region}, which is not in {wanted.lower()}, where its tag wants its data"


def _region(subject: Subject, stack: Stack) -> str | None:
    region = region_of(subject.resource, stack.plan)
    if region is UNKNOWN:
        raise Undeterminable("region")
    return None if isinstance(region, Absent) else region


KEEPERS: Mapping[str, tuple[str, ...]] = {
    "aws": (
        *("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2", "aws:ecr/repository:Repository", "aws:kms/key:Key"),
        *("aws:sagemaker/endpoint:Endpoint", "aws:cloudwatch/logGroup:LogGroup", "aws:dynamodb/table:Table"),
        *("aws:secretsmanager/secret:Secret", "aws:sns/topic:Topic", "aws:sqs/queue:Queue"),
    ),
    "gcp": (
        *("gcp:storage/bucket:Bucket", "gcp:artifactregistry/repository:Repository", "gcp:kms/keyRing:KeyRing"),
        *("gcp:vertex/aiEndpoint:AiEndpoint", "gcp:cloudrunv2/service:Service", "gcp:bigquery/dataset:Dataset"),
    ),
    "azure": (
        *("azure-native:storage:StorageAccount", "azure-native:containerregistry:Registry"),
        *("azure-native:keyvault:Vault", "azure-native:machinelearningservices:OnlineEndpoint"),
        *("azure-native:machinelearningservices:Workspace", "azure-native:app:ContainerApp"),
        "azure-native:operationalinsights:Workspace",
    ),
}
"""Types that hold models, requests, keys or logs."""

COPIES: Mapping[str, tuple[str, str]] = {
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": (
        "replicationConfiguration.rules",
        "destinations",
    ),
    "aws:secretsmanager/secret:Secret": ("replicas", ""),
    "azure-native:containerregistry:Replication": ("", ""),
}
"""Type → the lists that say to which regions it copies."""


@stack_rule(
    "cross-region-data-flow",
    Severity.HIGH,
    Category.PRIVACY,
    frameworks=("GDPR 44", "FinOps"),
    why="A model in one zone with its logs or its key in another sends data across a border with each request.",
    fix="Put endpoint, artefacts, keys, logs and copies into regions of one residency zone.",
)
def cross_region_data_flow(stack: Stack) -> Iterator[tuple[Subject | None, str]]:
    zones = {
        (subject.resource.urn, path): (subject, region, zone_of(region))
        for subject, path, region in (*_keepers(stack), *_copies(stack))
    }
    known = [zone for _, _, zone in zones.values() if zone is not None]
    if len(set(known)) < 2:
        return
    home = Counter(known).most_common(1)[0][0]
    for subject, region, zone in zones.values():
        if zone not in (home, None):
            yield subject, f"holds data in {region} ({zone}), while the stack's data is in {home}"


def _keepers(stack: Stack) -> Iterator[tuple[Subject, str, str]]:
    for subject in stack.of_type(*(type_ for types in KEEPERS.values() for type_ in types)):
        region = _region(subject, stack)
        if region is not None:
            yield subject, "", region


def _copies(stack: Stack) -> Iterator[tuple[Subject, str, str]]:
    for subject in stack.of_type(*COPIES):
        outer, inner = COPIES[subject.type]
        for part in _nested(subject, outer, inner):
            region = part.text("region") or part.text("location")
            if region:
                yield subject, part.path or "copy", region.lower().replace(" ", "")


def _nested(subject: Subject, outer: str, inner: str) -> Iterable[Subject]:
    if not outer:
        return [subject]
    parts = subject.each(outer)
    return parts if not inner else (each for part in parts for each in part.each(inner))


RULES = (region_allow_list, cross_region_data_flow)
