"""Who answers for a resource, how long it may live, and who hears of its cost."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, stack_rule
from modelberth_policies.subject import Stack, Subject
from modelberth_policies.tags import tags_of

TAGGABLE = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:kms/key:Key",
    "aws:ecr/repository:Repository",
    "aws:iam/role:Role",
    "aws:sagemaker/model:Model",
    "aws:sagemaker/endpoint:Endpoint",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    "aws:lambda/function:Function",
    "aws:ecs/cluster:Cluster",
    "aws:ecs/service:Service",
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:apigateway/restApi:RestApi",
    "aws:apigatewayv2/api:Api",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:dynamodb/table:Table",
    "aws:secretsmanager/secret:Secret",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "gcp:storage/bucket:Bucket",
    "gcp:vertex/aiEndpoint:AiEndpoint",
    "gcp:cloudrunv2/service:Service",
    "gcp:kms/cryptoKey:CryptoKey",
    "gcp:artifactregistry/repository:Repository",
    "gcp:bigquery/dataset:Dataset",
    "azure-native:storage:StorageAccount",
    "azure-native:keyvault:Vault",
    "azure-native:containerregistry:Registry",
    "azure-native:containerservice:ManagedCluster",
    "azure-native:machinelearningservices:Workspace",
    "azure-native:machinelearningservices:OnlineEndpoint",
    "azure-native:machinelearningservices:OnlineDeployment",
    "azure-native:app:ContainerApp",
    "azure-native:containerinstance:ContainerGroup",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:core/v1:Namespace",
    "kubernetes:serving.kserve.io/v1beta1:InferenceService",
    "kubernetes:machinelearning.seldon.io/v1:SeldonDeployment",
)
"""What costs money, holds data or serves a model, and takes tags or labels."""


@graph_rule(
    "required-tags",
    Severity.MEDIUM,
    Category.GOVERNANCE,
    *TAGGABLE,
    frameworks=("FinOps",),
    anchors=("kube-linter:required-label-owner", "C-0076"),
    why="What carries no owner and no cost centre is nobody's, on the bill and at night.",
    fix="Set the tags on the resource, or once on its provider (default_tags, default_labels).",
    applies=lambda limits: bool(limits.required_tags),
)
def required_tags(subject: Subject, stack: Stack) -> Iterator[str]:
    present = {_plain(key) for key in tags_of(subject, stack)}
    missing = [tag for tag in subject.limits.required_tags if _plain(tag) not in present]
    if missing:
        yield f"has no tag {', '.join(missing)}"


def _plain(key: str) -> str:
    """`modelberth.dev/cost-centre`, `cost_centre` and `CostCentre` are one tag."""
    return key.rpartition("/")[2].replace("-", "").replace("_", "").lower()


LIFETIME_TAGS = {"ttl", "expires", "expireson", "expiry", "deleteafter", "schedule"}
SCHEDULES = (
    "aws:scheduler/schedule:Schedule",
    "aws:appautoscaling/scheduledAction:ScheduledAction",
    "aws:autoscaling/schedule:Schedule",
    "gcp:cloudscheduler/job:Job",
    "azure-native:automation:Schedule",
    "kubernetes:batch/v1:CronJob",
)


@stack_rule(
    "nonprod-ttl",
    Severity.MEDIUM,
    Category.COST,
    frameworks=("FinOps",),
    why="A trial that nobody ends costs as much at night and over the holidays as at work.",
    fix="Tag the stack's resources with ttl, or add a schedule that turns them off; or let all of it scale to zero.",
    applies=lambda limits: not limits.production,
)
def nonprod_ttl(stack: Stack) -> Iterator[tuple[Subject | None, str]]:
    """What costs nothing while nobody uses it needs no end."""
    if stack.of_type(*SCHEDULES) or stack.bill.total.low == 0:
        return
    tags = {_plain(key) for subject in stack.subjects for key in tags_of(subject, stack)}
    if not tags & LIFETIME_TAGS:
        yield (
            None,
            (f"costs {stack.bill.total.low:,.2f} USD a month while nobody uses it, and has neither ttl nor schedule"),
        )


BUDGETS = ("aws:budgets/budget:Budget", "gcp:billing/budget:Budget", "azure-native:consumption:Budget")
_ALERTS = {
    "aws:budgets/budget:Budget": "notifications",
    "gcp:billing/budget:Budget": "thresholdRules",
    "azure-native:consumption:Budget": "notifications",
}


@stack_rule(
    "cloud-budget-alert-present",
    Severity.MEDIUM,
    Category.COST,
    frameworks=("FinOps",),
    why="The estimate is a plan; only the cloud's own budget sees what is spent.",
    fix="Add a budget with at least one notification (aws.budgets.Budget, gcp.billing.Budget, consumption.Budget).",
    applies=lambda limits: limits.production,
)
def cloud_budget_alert_present(stack: Stack) -> Iterator[tuple[Subject | None, str]]:
    """Asked where a cloud sends the invoice: what pods cost is on that of their nodes, in the nodes' own stack."""
    paid = (line for line in stack.bill.lines if _cloud_of(line.urn) != "kubernetes")
    if all(line.usd.low == 0 for line in paid):
        return
    budgets = stack.of_type(*BUDGETS)
    for budget in budgets:
        if not budget.present(_ALERTS[budget.type]):
            yield budget, "tells nobody when it is used up"
    if not budgets:
        yield None, "has no budget that tells anyone what is spent"


def _cloud_of(urn: str) -> str:
    """The package of a resource's own type: `aws`."""
    return urn.split("::")[2].rpartition("$")[2].partition(":")[0]


RULES = (required_tags, nonprod_ttl, cloud_budget_alert_present)
