"""What is declared to be public stands behind authentication, TLS, a rate limit and a firewall."""

from collections.abc import Callable, Iterator, Mapping

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.kubernetes.routes import ROUTES, route_lacks
from modelberth_policies.subject import Stack, Subject

Lacks = Callable[[Subject, Stack], Iterator[str]]

REST_API = "aws:apigateway/restApi:RestApi"
HTTP_API = "aws:apigatewayv2/api:Api"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
FUNCTION_URL = "aws:lambda/functionUrl:FunctionUrl"
ALLOWED_TO_ALL = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember"
BACKEND = "gcp:compute/backendService:BackendService"
CONTAINER_APP = "azure-native:app:ContainerApp"
ONLINE_ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
_WAF = "aws:wafv2/webAclAssociation:WebAclAssociation"
_NOBODY = {"allUsers", "allAuthenticatedUsers"}


def _rest_api(api: Subject, stack: Stack) -> Iterator[str]:
    if "PRIVATE" in str(api.value("endpointConfiguration.types", "")):
        return
    methods = stack.referring(api, "aws:apigateway/method:Method", "restApi")
    if not all(_asks_who(method) for method in methods if method.value("httpMethod") != "OPTIONS"):
        yield "authentication"
    stages = stack.referring(api, "aws:apigateway/stage:Stage", "restApi")
    if not all(stack.referring(stage, _WAF, "resourceArn") for stage in stages):
        yield "a firewall (WAF)"
    plans = stack.of_type("aws:apigateway/usagePlan:UsagePlan")
    settings = stack.referring(api, "aws:apigateway/methodSettings:MethodSettings", "restApi")
    limited = any(plan.present("throttleSettings.rateLimit") for plan in plans) or any(
        found.present("settings.throttlingRateLimit") for found in settings
    )
    if not limited:
        yield "a rate limit"


def _asks_who(method: Subject) -> bool:
    return method.value("authorization") not in ("NONE", None) or method.value("apiKeyRequired") is True


def _http_api(api: Subject, stack: Stack) -> Iterator[str]:
    if not all(
        route.value("authorizationType", "NONE") != "NONE"
        for route in stack.referring(api, "aws:apigatewayv2/route:Route", "apiId")
    ):
        yield "authentication"
    stages = stack.referring(api, "aws:apigatewayv2/stage:Stage", "apiId")
    if not all(stage.present("defaultRouteSettings.throttlingRateLimit") for stage in stages):
        yield "a rate limit"


def _balancer(balancer: Subject, stack: Stack) -> Iterator[str]:
    if balancer.value("internal") is True:
        return
    listeners = stack.referring(balancer, "aws:lb/listener:Listener", "loadBalancerArn")
    if not any(listener.value("protocol") in ("HTTPS", "TLS") for listener in listeners):
        yield "TLS"
    if not stack.referring(balancer, _WAF, "resourceArn"):
        yield "a firewall (WAF)"


def _function_url(url: Subject, stack: Stack) -> Iterator[str]:
    if url.value("authorizationType") == "NONE":
        yield "authentication"


def _open_run(member: Subject, stack: Stack) -> Iterator[str]:
    if member.text("member") in _NOBODY:
        yield "authentication"


def _backend(backend: Subject, stack: Stack) -> Iterator[str]:
    if str(backend.value("loadBalancingScheme", "EXTERNAL")).startswith("EXTERNAL") and not backend.present(
        "securityPolicy"
    ):
        yield "a firewall (Cloud Armor)"


def _container_app(app: Subject, stack: Stack) -> Iterator[str]:
    if app.value("configuration.ingress.external") is not True:
        return
    if app.value("configuration.ingress.allowInsecure") is True:
        yield "TLS"
    if not stack.referring(app, "azure-native:app:ContainerAppsAuthConfig", "containerAppName", "containerAppName"):
        yield "authentication"


def _ingress(ingress: Subject, stack: Stack) -> Iterator[str]:
    if not ingress.present("spec.tls"):
        yield "TLS"
    annotations = ingress.value("metadata.annotations", {})
    names = " ".join(annotations) if isinstance(annotations, Mapping) else ""
    if "auth" not in names:
        yield "authentication"
    if "limit" not in names:
        yield "a rate limit"


EXPOSED: Mapping[str, Lacks] = {
    REST_API: _rest_api,
    HTTP_API: _http_api,
    BALANCER: _balancer,
    FUNCTION_URL: _function_url,
    ALLOWED_TO_ALL: _open_run,
    BACKEND: _backend,
    CONTAINER_APP: _container_app,
    INGRESS: _ingress,
    **dict.fromkeys(ROUTES, route_lacks),
}
"""Type → what its way in lacks."""


@graph_rule(
    "public-endpoint-needs-auth-and-rate-limit",
    Severity.HIGH,
    Category.SECURITY,
    *EXPOSED,
    frameworks=("OWASP API4", "OWASP LLM10", "NIST SC-5"),
    why="A model that anyone may ask, as often as they like, is copied, abused and paid for by you.",
    fix="Add what is missing on the way in, or take the resource out of the environment's public patterns.",
)
def public_endpoint_needs_auth_and_rate_limit(subject: Subject, stack: Stack) -> Iterator[str]:
    if not subject.limits.is_public(subject.resource.urn):
        return
    missing = list(EXPOSED[subject.type](subject, stack))
    if missing:
        yield f"is declared public and lacks {', '.join(missing)}"


RULES = (public_endpoint_needs_auth_and_rate_limit,)
