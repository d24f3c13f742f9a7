"""API Gateway: callers are told apart, limited and recorded, and what they send is checked and not kept."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.aws.api_stage import V1_STAGE, V2_STAGE, settings_of, usage_plans_of
from modelberth_policies.rules.aws.openapi import is_open, operations_of
from modelberth_policies.subject import Stack, Subject

METHOD = "aws:apigateway/method:Method"
REST_API = "aws:apigateway/restApi:RestApi"
ROUTE = "aws:apigatewayv2/route:Route"
API = "aws:apigatewayv2/api:Api"
METHOD_SETTINGS = "aws:apigateway/methodSettings:MethodSettings"
VALIDATOR = "aws:apigateway/requestValidator:RequestValidator"
WITH_BODY = ("POST", "PUT", "PATCH", "ANY")


@graph_rule(
    "apigw-authorization",
    Severity.CRITICAL,
    Category.SECURITY,
    METHOD,
    ROUTE,
    REST_API,
    API,
    frameworks=("FSBP APIGateway.8", "AISF-IAM-08"),
    anchors=("CKV_AWS_59", "CKV_AWS_309", "CKV2_AWS_70", "AWS-0004", "FSBP:APIGateway.8"),
    why="A model that answers everyone is a model that everyone can use up, probe and copy.",
    fix="Set authorization (authorization_type of a route) to an authorizer, AWS_IAM or JWT, or ask for an API key.",
)
def apigw_authorization(part: Subject, stack: Stack) -> Iterator[str]:
    """A key of a REST API counts, as it does for the anchors; in an HTTP API there are none."""
    if part.type == METHOD:
        open_ = part.value("authorization", "NONE") in ("NONE", "") and part.value("apiKeyRequired") is not True
        if part.value("httpMethod") != "OPTIONS" and open_:
            yield f"answers {part.show('httpMethod')} to everyone"
    elif part.type == ROUTE:
        if part.value("authorizationType", "NONE") in ("NONE", "") and _takes_authorization(part, stack):
            yield f"answers {part.show('routeKey')} to everyone"
    else:
        if part.present("target"):
            yield "has a route by quick create, which answers everyone"
        open_ = [name for name, operation in operations_of(part) if is_open(operation, part)]
        if open_:
            yield f"answers {', '.join(open_)} to everyone"


def _takes_authorization(route: Subject, stack: Stack) -> bool:
    """Browsers ask without credentials what they may ask; a WebSocket API checks who connects and nothing after it."""
    key = route.text("routeKey")
    if key.startswith("OPTIONS "):
        return False
    apis = [api for api in stack.of_type(API) if stack.refers(route, "apiId", api)]
    if any(api.value("protocolType") == "WEBSOCKET" for api in apis):
        return key == "$connect"
    return key != "$disconnect"


@graph_rule(
    "apigw-throttling",
    Severity.HIGH,
    Category.SECURITY,
    V1_STAGE,
    V2_STAGE,
    frameworks=("NIST SC-5",),
    why="Without a limit one caller takes the whole model, and the bill follows.",
    fix='Set throttling_rate_limit and throttling_burst_limit for "*/*" in MethodSettings, or default_route_settings.',
)
def apigw_throttling(stage: Subject, stack: Stack) -> Iterator[str]:
    if stage.type == V2_STAGE:
        limited = _is_limited(stage.at("defaultRouteSettings"), "throttlingRateLimit", "throttlingBurstLimit")
    else:
        limited = any(
            _is_limited(each.at("settings"), "throttlingRateLimit", "throttlingBurstLimit")
            for each in settings_of(stage, stack)
        ) or any(
            _is_limited(each.at("throttleSettings"), "rateLimit", "burstLimit") for each in usage_plans_of(stage, stack)
        )
    if not limited:
        yield "limits neither rate nor burst of requests"


def _is_limited(settings: Subject, *paths: str) -> bool:
    """-1 stands for no limit."""
    values = [settings.value(path) for path in paths]
    return all(isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 for value in values)


@graph_rule(
    "apigw-access-logs",
    Severity.MEDIUM,
    Category.SECURITY,
    V1_STAGE,
    V2_STAGE,
    frameworks=("FSBP APIGateway.1", "FSBP APIGateway.9"),
    anchors=("CKV_AWS_76", "AWS-0001", "FSBP:APIGateway.1", "FSBP:APIGateway.9"),
    why="Without a record nobody can say who called the model, and why it failed.",
    fix='Set access_log_settings destination_arn, and logging_level "ERROR" for "*/*" in MethodSettings.',
)
def apigw_access_logs(stage: Subject, stack: Stack) -> Iterator[str]:
    if not stage.present("accessLogSettings.destinationArn"):
        yield "keeps no access log"
    if stage.type == V1_STAGE:
        levels = [each.value("settings.loggingLevel") for each in settings_of(stage, stack)]
        if not any(level in ("ERROR", "INFO") for level in levels):
            yield "logs no errors of its own"


@resource_rule(
    "apigw-no-payload-trace",
    Severity.HIGH,
    Category.PRIVACY,
    METHOD_SETTINGS,
    V2_STAGE,
    frameworks=("GDPR 5(1)(c)",),
    anchors=("CKV_AWS_276",),
    applies=lambda limits: limits.production,
    why="A trace writes whole requests and answers, with whatever persons they are about, into a log.",
    fix="Set data_trace_enabled to false.",
)
def apigw_no_payload_trace(resource: Subject) -> Iterator[str]:
    for path in ("settings", "defaultRouteSettings", "routeSettings"):
        for settings in resource.each(path):
            if settings.value("dataTraceEnabled", False) is not False:
                yield f"traces requests and answers (dataTraceEnabled is {settings.show('dataTraceEnabled')})"


@graph_rule(
    "apigw-request-validation",
    Severity.MEDIUM,
    Category.SECURITY,
    METHOD,
    frameworks=("NIST SI-10",),
    anchors=("CKV2_AWS_53",),
    why="What nobody checked reaches the model, costs an inference and may break it.",
    fix="Set request_validator_id to a RequestValidator with validate_request_body, and request_models with a schema.",
)
def apigw_request_validation(method: Subject, stack: Stack) -> Iterator[str]:
    verb = method.value("httpMethod")
    if verb == "OPTIONS":
        return
    if not method.present("requestValidatorId"):
        yield f"checks nothing of {method.show('httpMethod')}"
    elif verb in WITH_BODY:
        if not method.present("requestModels"):
            yield f"has no schema for the body of {method.show('httpMethod')}"
        for validator in stack.of_type(VALIDATOR):
            used = stack.refers(method, "requestValidatorId", validator)
            if used and validator.value("validateRequestBody") is not True:
                yield f"has {validator.name} for a validator, which does not check the body"


RULES = (apigw_authorization, apigw_throttling, apigw_access_logs, apigw_no_payload_trace, apigw_request_validation)
