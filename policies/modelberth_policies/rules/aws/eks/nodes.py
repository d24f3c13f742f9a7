"""Nodes: metadata that pods cannot read, and GPUs that go away when nobody needs them."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.any_cloud.machines import ACCELERATED
from modelberth_policies.rules.counts import above, count, never_zero
from modelberth_policies.subject import Stack, Subject

LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
LAUNCH_CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_ACCELERATED_IMAGES = ("GPU", "NVIDIA", "NEURON")
"""Parts of the AMI types for machines with accelerators. Source:
https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html (amiType)"""


@resource_rule(
    "eks-node-imdsv2",
    Severity.HIGH,
    Category.SECURITY,
    LAUNCH_TEMPLATE,
    LAUNCH_CONFIGURATION,
    frameworks=("FSBP AutoScaling.3",),
    anchors=("CKV_AWS_79", "FSBP:AutoScaling.3", "C-0052"),
    why="A pod that can be made to fetch an address fetches the node's credentials from the metadata service.",
    fix='Set metadata_options to {"http_tokens": "required", "http_put_response_hop_limit": 1}.',
)
def eks_node_imdsv2(template: Subject) -> Iterator[str]:
    """The hop limit must be said: images may set it to 2, which reaches into containers."""
    if template.value("metadataOptions.httpEndpoint") == "disabled":
        return
    if template.value("metadataOptions.httpTokens") != "required":
        yield f"lets metadata be read without a token (httpTokens is {template.show('metadataOptions.httpTokens')})"
    if count(template, "metadataOptions.httpPutResponseHopLimit") != 1:
        hops = template.show("metadataOptions.httpPutResponseHopLimit")
        yield f"may let containers read the node's metadata (httpPutResponseHopLimit is {hops})"


@graph_rule(
    "eks-gpu-nodegroup-scale-to-zero",
    Severity.HIGH,
    Category.COST,
    NODE_GROUP,
    frameworks=("FinOps",),
    why="A node with GPUs that waits costs as much as one that works, and a hundred cost a hundred times as much.",
    fix="Set scaling_config.min_size to 0 outside production, and max_size to at most instances.max_count.",
)
def eks_gpu_nodegroup_scale_to_zero(group: Subject, stack: Stack) -> Iterator[str]:
    if not _is_accelerated(group, stack):
        return
    yield from above(group, "scalingConfig.maxSize", group.limits.instances.max_count)
    if not group.limits.production:
        yield from never_zero(group, "scalingConfig.minSize")


def _is_accelerated(group: Subject, stack: Stack) -> bool:
    if any(part in group.text("amiType") for part in _ACCELERATED_IMAGES):
        return True
    kinds = [each.text("") for each in group.each("instanceTypes")]
    if not kinds and group.present("launchTemplate"):
        templates = [each for each in stack.of_type(LAUNCH_TEMPLATE) if stack.refers(group, "launchTemplate", each)]
        kinds = [each.text("instanceType") for each in templates]
    return any(ACCELERATED.match(kind) for kind in kinds)


@resource_rule(
    "eks-nonprod-spot",
    Severity.MEDIUM,
    Category.COST,
    NODE_GROUP,
    frameworks=("FinOps",),
    why="Outside production a node may go at two minutes' notice, and costs a third for it.",
    fix='Set capacity_type to "SPOT".',
    applies=lambda limits: not limits.production,
)
def eks_nonprod_spot(group: Subject) -> Iterator[str]:
    if group.value("capacityType") != "SPOT":
        yield f"buys nodes at the full price outside production (capacityType is {group.show('capacityType')})"


RULES = (eks_node_imdsv2, eks_gpu_nodegroup_scale_to_zero, eks_nonprod_spot)
