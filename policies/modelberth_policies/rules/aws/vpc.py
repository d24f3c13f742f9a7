"""Networks: who talked to whom is recorded, and what can go a free way does not go through a NAT gateway."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, stack_rule
from modelberth_policies.subject import Stack, Subject

VPCS = ("aws:ec2/vpc:Vpc", "aws:ec2/defaultVpc:DefaultVpc")
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
NAT = "aws:ec2/natGateway:NatGateway"
SUBNET = "aws:ec2/subnet:Subnet"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ROUTES = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
TABLE = "aws:dynamodb/table:Table"


@graph_rule(
    "vpc-flow-logs",
    Severity.MEDIUM,
    Category.SECURITY,
    *VPCS,
    frameworks=("CIS AWS 7.0 4.7",),
    anchors=("CKV2_AWS_11", "prowler:vpc_flow_logs_enabled"),
    why="After a break-in the flow log is what says how far it went.",
    fix='Add a FlowLog of the vpc_id with traffic_type "ALL" or "REJECT".',
)
def vpc_flow_logs(vpc: Subject, stack: Stack) -> Iterator[str]:
    logs = stack.referring(vpc, FLOW_LOG, "vpcId")
    if not any(log.value("trafficType") in ("ALL", "REJECT") for log in logs):
        yield "has no flow log of what is refused"


@graph_rule(
    "vpc-gateway-endpoints",
    Severity.MEDIUM,
    Category.COST,
    *VPCS,
    frameworks=("FinOps",),
    why="A gateway endpoint is free; each gigabyte of a model through a NAT gateway is not.",
    fix='Add a VpcEndpoint of type "Gateway" for S3 (and DynamoDB, if it is used), with the route tables.',
)
def vpc_gateway_endpoints(vpc: Subject, stack: Stack) -> Iterator[str]:
    """DynamoDB is asked for where the stack has a table."""
    if not any(_is_in(nat, vpc, stack) for nat in stack.of_type(NAT)):
        return
    for service in ("s3", "dynamodb") if stack.of_type(TABLE) else ("s3",):
        if not any(_leads_to(endpoint, service, stack) for endpoint in stack.referring(vpc, ENDPOINT, "vpcId")):
            yield f"has a NAT gateway and no gateway endpoint of {service}"


def _is_in(nat: Subject, vpc: Subject, stack: Stack) -> bool:
    """Nothing leaves through a private NAT gateway, and so nothing to S3."""
    if nat.value("connectivityType", "public") != "public":
        return False
    subnets = stack.referring(vpc, SUBNET, "vpcId")
    return stack.refers(nat, "vpcId", vpc) or any(stack.refers(nat, "subnetId", subnet) for subnet in subnets)


def _leads_to(endpoint: Subject, service: str, stack: Stack) -> bool:
    return (
        endpoint.value("vpcEndpointType", "Gateway") == "Gateway"
        and endpoint.text("serviceName").endswith(f".{service}")
        and (endpoint.present("routeTableIds") or bool(stack.referring(endpoint, ROUTES, "vpcEndpointId")))
    )


@stack_rule(
    "nat-count-nonprod",
    Severity.MEDIUM,
    Category.COST,
    frameworks=("FinOps",),
    applies=lambda limits: not limits.production,
    why="Each NAT gateway costs by the hour whether anything passes or not; without production one will do.",
    fix='Keep one NatGateway for all subnets, not one for each zone, and none that is "regional".',
)
def nat_count_nonprod(stack: Stack) -> Iterator[tuple[Subject, str]]:
    """A regional one is paid for in each zone."""
    for index, nat in enumerate(stack.of_type(NAT)):
        if index > 0:
            yield nat, f"is NAT gateway {index + 1} of a stack that is not production"
        elif nat.value("availabilityMode", "zonal") == "regional":
            yield nat, "is paid for in each zone (availabilityMode is 'regional')"


RULES = (vpc_flow_logs, vpc_gateway_endpoints, nat_count_nonprod)
