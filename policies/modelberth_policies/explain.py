"""What a plan would make, for whoever reviews it: the tree, who may do what, what is open, what it costs."""

from collections.abc import Callable, Iterator, Mapping

from modelberth_policies.bill import Bill
from modelberth_policies.limits import Limits
from modelberth_policies.resources import GAP, Plan, Resource
from modelberth_policies.rules.aws.policy import statements_in, texts
from modelberth_policies.subject import Stack, Subject, Undeterminable

UNTIL_MADE = "known once it is made"


def explained(plan: Plan, limits: Limits, bill: Bill) -> str:
    """The four sections, as text."""
    stack = Stack(plan, limits)
    sections = {
        f"{plan.project} {plan.stack}: what is made": tree(plan),
        "who may do what": permissions(stack),
        "what is open": openings(stack),
        "USD a month": costs(bill),
    }
    return "\n\n".join("\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in sections.items()) + "\n"


def tree(plan: Plan) -> Iterator[str]:
    """Every resource under its parent, components without the project's own prefix."""
    known = {resource.urn for resource in plan}
    tops = [resource for resource in plan if resource.parent not in known]
    for resource in tops:
        yield from _branch(resource, plan, "")


def _branch(resource: Resource, plan: Plan, indent: str) -> Iterator[str]:
    if resource.type.startswith("pulumi:providers:"):
        return
    read = " (only read)" if resource.external else ""
    yield f"{indent}{resource.type} {resource.name}{read}"
    for child in plan.children(resource):
        yield from _branch(child, plan, indent + "  ")


def permissions(stack: Stack) -> Iterator[str]:
    """Each identity with what it may do, to what; by whom it may be taken on."""
    for role in stack.of_type("aws:iam/role:Role"):
        yield f"{role.name}, for {', '.join(_trusted(role)) or 'nobody'}"
        policies = stack.referring(role, "aws:iam/rolePolicy:RolePolicy", "role", "name")
        documents = [(policy, "policy") for policy in policies]
        documents += [(part, "policy") for part in role.each("inlinePolicies")]
        for owner, path in documents:
            yield from (f"  {line}" for line in _allowed(owner, path))
        for attached in stack.referring(role, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", "name"):
            yield f"  the managed policy {_known(lambda attached=attached: attached.text('policyArn'))}"
    for type_, (who, what) in _GRANTS.items():
        for grant in stack.of_type(type_):
            yield f"{grant.show(who)}: {grant.show(what)} ({grant.name})"


_GRANTS: Mapping[str, tuple[str, str]] = {
    "gcp:projects/iAMMember:IAMMember": ("member", "role"),
    "gcp:storage/bucketIAMMember:BucketIAMMember": ("member", "role"),
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": ("member", "role"),
    "azure-native:authorization:RoleAssignment": ("principalId", "roleDefinitionId"),
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": ("subjects[0].name", "roleRef.name"),
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": ("subjects[0].name", "roleRef.name"),
}
"""Type → who is let, and what."""


def _trusted(role: Subject) -> Iterator[str]:
    try:
        for statement in statements_in(role.document("assumeRolePolicy")):
            principal = statement.at("Principal")
            for kind in ("Service", "AWS", "Federated"):
                yield from (_gaps(text) for text in texts(principal, kind))
    except Undeterminable:
        yield UNTIL_MADE


def _allowed(owner: Subject, path: str) -> Iterator[str]:
    try:
        for statement in statements_in(owner.document(path)):
            actions, resources = texts(statement, "Action"), texts(statement, "Resource")
            condition = ", under a condition" if statement.present("Condition") else ""
            yield f"{', '.join(map(_gaps, actions))} on {', '.join(map(_gaps, resources))}{condition}"
    except Undeterminable:
        yield UNTIL_MADE


def _known(read: Callable[[], str]) -> str:
    try:
        return _gaps(read())
    except Undeterminable:
        return UNTIL_MADE


def _gaps(text: str) -> str:
    return text.replace(GAP, "…")


def openings(stack: Stack) -> Iterator[str]:
    """Ports that let something in, and addresses on the internet."""
    for group in stack.of_type("aws:ec2/securityGroup:SecurityGroup"):
        for way in group.each("ingress"):
            yield f"{group.name}: ports {way.show('fromPort')} to {way.show('toPort')} from {_sources(way)}"
    for type_ in (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
    ):
        for rule in stack.of_type(type_):
            if rule.value("type", "ingress") == "ingress":
                yield f"{rule.name}: ports {rule.show('fromPort')} to {rule.show('toPort')} from {_sources(rule)}"
    for type_, said in _ON_THE_INTERNET.items():
        for subject in stack.of_type(type_):
            yield f"{subject.name}: {said(subject)}"


def _sources(way: Subject) -> str:
    paths = (
        "cidrBlocks",
        "ipv6CidrBlocks",
        "cidrIpv4",
        "cidrIpv6",
        "referencedSecurityGroupId",
        "sourceSecurityGroupId",
    )
    paths += ("securityGroups", "prefixListId", "prefixListIds")
    found = [way.show(path) for path in paths if way.show(path) != "unset"]
    return " ".join(found) or ("itself" if way.show("self") == "true" else "nowhere")


_ON_THE_INTERNET: Mapping[str, Callable[[Subject], str]] = {
    "aws:apigateway/restApi:RestApi": lambda api: (
        "private REST API" if "PRIVATE" in api.show("endpointConfiguration.types") else "REST API on the internet"
    ),
    "aws:apigatewayv2/api:Api": lambda api: "HTTP API on the internet",
    "aws:lb/loadBalancer:LoadBalancer": lambda balancer: (
        "internal load balancer" if balancer.show("internal") == "true" else "load balancer on the internet"
    ),
    "aws:lambda/functionUrl:FunctionUrl": lambda url: f"function URL, authorization {url.show('authorizationType')}",
    "gcp:cloudrunv2/service:Service": lambda service: f"Cloud Run, ingress {service.show('ingress')}",
    "azure-native:app:ContainerApp": lambda app: (
        f"container app, external {app.show('configuration.ingress.external')}"
    ),
    "kubernetes:core/v1:Service": lambda service: f"service of type {service.show('spec.type')}",
    "kubernetes:networking.k8s.io/v1:Ingress": lambda ingress: (
        f"ingress of class {ingress.show('spec.ingressClassName')}"
    ),
}
"""Type → what of it can be reached."""


def costs(bill: Bill) -> Iterator[str]:
    """What each service costs, and the whole."""
    for name, amount in bill.by_service().items():
        yield f"{name}: {amount}"
    yield f"total: {bill.total}"
    for each in bill.unpriced:
        yield f"no price: {each.type} {each.urn.rpartition('::')[2]}: {each.reason}"
