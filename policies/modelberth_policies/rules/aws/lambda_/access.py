"""Functions: who may call them, and the network from which they read private data."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.subject import Stack, Subject, Undeterminable
from modelberth_policies.tags import classification_of

FUNCTION = "aws:lambda/function:Function"
FUNCTION_URL = "aws:lambda/functionUrl:FunctionUrl"
PERMISSION = "aws:lambda/permission:Permission"
SUBNET = "aws:ec2/subnet:Subnet"
_SERVICES = (".amazonaws.com", ".amazonaws.com.cn", ".amazon.com")
_NO_ACCOUNT_IN_ARN = "s3."
"""Services whose ARNs name no account: whoever gets a deleted bucket's name would get the permission with it."""
_LEAST_ZONES = 2


@resource_rule(
    "lambda-url-auth",
    Severity.CRITICAL,
    Category.SECURITY,
    FUNCTION_URL,
    frameworks=("NIST AC-3", "CIS AWS 7.0 2.21"),
    anchors=("CKV_AWS_258", "prowler:awslambda_function_url_public"),
    why="Whoever finds the address calls the model, on the account's bill.",
    fix='Set authorization_type to "AWS_IAM", or declare the URL under public of the limits.',
)
def lambda_url_auth(url: Subject) -> Iterator[str]:
    if url.limits.is_public(url.resource.urn):
        return
    if url.value("authorizationType") != "AWS_IAM":
        yield f"lets everyone call the function (authorizationType is {url.show('authorizationType')})"


@resource_rule(
    "lambda-permission-source",
    Severity.HIGH,
    Category.SECURITY,
    PERMISSION,
    frameworks=("FSBP Lambda.1", "NIST AC-3"),
    anchors=("CKV_AWS_364", "AWS-0067", "pulumi:lambda/Permission/configureSourceArn"),
    why="A service calls for any of its customers, so without a source every account may have the function called.",
    fix="Set source_arn to what calls it, and source_account where that is a bucket.",
)
def lambda_permission_source(permission: Subject) -> Iterator[str]:
    """Also `*`, which is everyone if no organization, account or source narrows it."""
    if _names(permission, "sourceAccount"):
        return
    principal = permission.text("principal")
    if principal.startswith(_NO_ACCOUNT_IN_ARN) and principal.endswith(_SERVICES):
        yield f"lets {permission.show('principal')} call the function for any account (no sourceAccount)"
    elif principal.endswith(_SERVICES) and not _narrowed(permission, "sourceArn", "eventSourceToken"):
        yield f"lets {permission.show('principal')} call the function for any account (no sourceArn or sourceAccount)"
    elif principal == "*" and not _is_declared(permission) and not _narrowed(permission, "sourceArn", "principalOrgId"):
        yield "lets everyone call the function (principal is '*')"


def _is_declared(permission: Subject) -> bool:
    return permission.limits.is_public(permission.resource.urn)


def _narrowed(permission: Subject, *paths: str) -> bool:
    return any(_names(permission, path) for path in paths)


def _names(permission: Subject, path: str) -> bool:
    if not permission.present(path):
        return False
    return permission.computed(path) or permission.text(path).strip("*") != ""


@graph_rule(
    "lambda-in-vpc-when-private",
    Severity.LOW,
    Category.SECURITY,
    FUNCTION,
    frameworks=("FSBP Lambda.3", "FSBP Lambda.5"),
    anchors=("CKV_AWS_117", "FSBP:Lambda.3", "FSBP:Lambda.5"),
    why="Outside the VPC private data leaves by a network that nobody watches; in one zone it stops with that zone.",
    fix="Set vpc_config with subnets in two zones, or tag the function data-classification: public.",
)
def lambda_in_vpc_when_private(function: Subject, stack: Stack) -> Iterator[str]:
    """Data counts as private unless the function's tag says that it is public."""
    subnets = [each.path for each in function.each("vpcConfig.subnetIds")]
    if not subnets:
        if classification_of(function, stack) != "public":
            yield "runs outside every VPC, and is not tagged as one for public data"
        return
    if len(subnets) < _LEAST_ZONES:
        yield "runs in one subnet, so in one zone"
        return
    made = [each for each in stack.of_type(SUBNET) if stack.refers(function, "vpcConfig", each)]
    zones = {_zone_of(each) for each in made}
    if len(made) == len(subnets) and len(zones) < _LEAST_ZONES:
        yield f"runs in one zone ({', '.join(zones)})"


def _zone_of(subnet: Subject) -> str:
    zone = subnet.text("availabilityZone") or subnet.text("availabilityZoneId")
    if not zone:
        raise Undeterminable(f"a subnet ({subnet.name}) whose zone AWS chooses, and vpcConfig")
    return zone


RULES = (lambda_url_auth, lambda_permission_source, lambda_in_vpc_when_private)
