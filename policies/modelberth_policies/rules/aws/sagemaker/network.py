"""Networks of models: no way out of the container, private subnets, and a private way in."""

from collections.abc import Iterator, Mapping

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.aws.sagemaker.hosting import MODEL, only_serverless
from modelberth_policies.rules.aws.sagemaker.linking import indexed, keys_of, looked_up, own_keys, per_stack
from modelberth_policies.subject import Stack, Subject, Undeterminable

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
RUNTIME = (".sagemaker.runtime", ".sagemaker.runtime-fips")
MIN_SUBNETS = 2
"""In one zone, a model is gone with the zone."""


@graph_rule(
    "sagemaker-model-network-isolation",
    Severity.HIGH,
    Category.SECURITY,
    MODEL,
    frameworks=("FSBP SageMaker.5", "AISF-ML-01", "NIST SC-7"),
    anchors=("CKV_AWS_370", "prowler:sagemaker_models_network_isolation_enabled", "FSBP:SageMaker.5"),
    why="A container that can reach the network can send requests, answers and weights anywhere.",
    fix="Set enable_network_isolation to true.",
)
def sagemaker_model_network_isolation(model: Subject, stack: Stack) -> Iterator[str]:
    if model.value("enableNetworkIsolation") is not True and not only_serverless(model, stack):
        yield f"may reach the network (enableNetworkIsolation is {model.show('enableNetworkIsolation')})"


@graph_rule(
    "sagemaker-model-in-vpc",
    Severity.MEDIUM,
    Category.SECURITY,
    MODEL,
    frameworks=("ISO A.8.20-22", "NIST SC-7"),
    anchors=("prowler:sagemaker_models_vpc_settings_configured",),
    why="Outside a VPC nobody can say or see which way a model's traffic takes.",
    fix="Set vpc_config with two or more subnets and a security group.",
)
def sagemaker_model_in_vpc(model: Subject, stack: Stack) -> Iterator[str]:
    if not model.present("vpcConfig"):
        if not only_serverless(model, stack):
            yield "stands outside every VPC (vpcConfig is unset)"
        return
    subnets = len(list(model.each("vpcConfig.subnets")))
    if subnets < MIN_SUBNETS:
        yield f"stands in {subnets} subnet{'s' if subnets != 1 else ''}; the least is {MIN_SUBNETS}"
    if not model.present("vpcConfig.securityGroupIds"):
        yield "has no security group (vpcConfig.securityGroupIds)"


@graph_rule(
    "sagemaker-runtime-vpc-endpoint",
    Severity.MEDIUM,
    Category.SECURITY,
    VPC,
    frameworks=("AISF-INFRA-08",),
    why="Without it, callers in the VPC reach a private endpoint only through the internet.",
    fix="Add an interface VpcEndpoint with the service name com.amazonaws.<region>.sagemaker.runtime.",
)
def sagemaker_runtime_vpc_endpoint(vpc: Subject, stack: Stack) -> Iterator[str]:
    """Asked of a network in which models stand. Of a network that another stack makes, that stack is asked."""
    if not _holds_models(vpc, stack):
        return
    unknown: Undeterminable | None = None
    for endpoint in stack.referring(vpc, VPC_ENDPOINT, "vpcId"):
        try:
            if endpoint.text("serviceName").endswith(RUNTIME) and endpoint.value("vpcEndpointType") == "Interface":
                return
        except Undeterminable as found:
            unknown = Undeterminable(f"{endpoint.name}.{found.path}")
    if unknown is not None:
        raise unknown
    yield "holds models, but no interface endpoint of sagemaker.runtime"


def _holds_models(vpc: Subject, stack: Stack) -> bool:
    subnets = stack.referring(vpc, SUBNET, "vpcId")
    keys = (key for subnet in subnets for key in own_keys(subnet, "id"))
    return bool(looked_up(_models(stack), keys))


@per_stack
def _models(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(MODEL), _subnets_of)


def _subnets_of(model: Subject) -> Iterator[str]:
    try:
        for subnet in model.each("vpcConfig.subnets"):
            yield from keys_of(subnet, "")
    except Undeterminable:
        yield from model.resource.property_dependencies.get("vpcConfig", ())


RULES = (sagemaker_model_network_isolation, sagemaker_model_in_vpc, sagemaker_runtime_vpc_endpoint)
