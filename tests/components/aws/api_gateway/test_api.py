"""A front door as a plan: who may come in and how, what is checked, what is called, what is written down."""

import json
from pathlib import Path

import pulumi
import pytest
from components.aws.api_gateway.samples import (
    CERTIFICATE,
    ENDPOINT_ARN,
    FOUNDATION,
    FUNCTION,
    LABELS,
    NETWORK,
    OPEN,
    POOL,
    PRINCIPAL,
    Endpoint,
    planned,
)
from inventory import assert_inventory

from modelberth.aws.api_gateway.access import resource_policy
from modelberth.aws.api_gateway.api import RestFrontDoor, private_url
from modelberth.aws.api_gateway.monitoring import ACCESS_LOG
from modelberth.aws.provider import Account
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.errors import ModelberthError
from modelberth_policies.resources import MISSING, UNKNOWN, Secret, reveal
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
KEYS = {"keys": ["web", "batch"]}
BOUNDARY = "arn:aws:iam::123456789012:policy/models"

MAX = {
    "callers": {
        **KEYS,
        "plan": {"rate": {"per_key": "10/s", "burst": 20}, "quota": {"requests": 100_000, "per": "day"}},
        "plans": {"batch": {"rate": {"per_key": "1/s", "burst": 5}}},
        "cognito": {"user_pool_arn": POOL, "scopes": ["models/predict"]},
    },
    "public": {**OPEN, "auth": "jwt", "per_address": "5/s", "max_body_kib": 32},
    "versions": {"1.4.0": "stable", "1.5.0": "candidate"},
    "request": {"features": {"type": "array", "items": {"type": "array"}}, "timeout": "10s"},
    "domain": {"name": "models.example.com", "certificate_arn": CERTIFICATE, "zone_id": "Z1"},
    "alarms": {"p95": "200ms", "errors_5xx": "0.5%", "errors_4xx": "10%"},
    "logs": {"tracing": True},
    "labels": LABELS,
}
GUARDED = {
    "foundation": {**FOUNDATION, "permissions_boundary": BOUNDARY},
    "callers": {"principals": [PRINCIPAL]},
    "versions": {"1.4.0": "s-ranker-a", "1.5.0": "s-ranker-b"},
    "request": {"target": "inference_component", "default_version": "1.4.0"},
    "rate_limit": "20/s",
    "logs": {"execution": "off"},
}

SCENARIOS = {"defaults": {"callers": KEYS}, "max": MAX, "guarded": GUARDED}


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(request):
    return request.param, planned(**SCENARIOS[request.param])


def the(plan, kind):
    """The only resource of a kind: `apigateway/method:Method`."""
    (found,) = plan.of_type(f"aws:{kind}")
    return found


def named(plan, kind, name):
    return next(resource for resource in plan.of_type(f"aws:{kind}") if resource.name == name)


def statements(resource, name="policy"):
    return json.loads(resource.get(name))["Statement"]


def policy_of(vpc_endpoint=NETWORK["api_endpoint_id"], **callers):
    """The resource policy of an API whose ARN is known."""
    found = []

    def program():
        made = resource_policy("arn:api", "live/POST/predict", vpc_endpoint, callers.get("principals", ()))
        if made is not None:
            pulumi.export("policy", made)
            made.apply(lambda text: found.append(json.loads(text)["Statement"]))

    run_in_process(program)
    return found[0] if found else None


def test_inventory(scenario):
    name, plan = scenario
    assert_inventory(plan, HERE / f"front_door.{name}.inventory.yaml")


def test_a_front_door_is_a_serving_endpoint():
    found = []

    def program():
        found.append(RestFrontDoor("r", {"endpoint": Endpoint(), "foundation": FOUNDATION, "callers": KEYS}))

    run_in_process(program)
    assert isinstance(found[0], ServingEndpoint)


def test_what_it_does_not_say_of_its_own_it_hands_through():
    plan = planned(callers=KEYS)
    assert plan.outputs["resource_id"] == ENDPOINT_ARN
    assert plan.outputs["versions"] == {"1.4.0": 90, "1.5.0": 10}
    assert plan.outputs["metrics"] == ["error_rate"]
    assert plan.outputs["said"] == [["rest-predict"], "service", None]


def test_keys_are_secret_also_where_there_are_none():
    assert isinstance(planned(callers=KEYS).outputs["keys"], Secret)
    nobody = planned(callers={"principals": [PRINCIPAL]}).outputs["keys"]
    assert isinstance(nobody, Secret) and reveal(nobody) == {}


def test_no_component_has_more_than_eight_kinds_of_children(scenario):
    _, plan = scenario
    for component in [resource for resource in plan if not resource.custom and resource.type.startswith("modelberth:")]:
        assert len({child.type for child in plan.children(component)}) <= 8, component.key


def test_a_private_api_is_called_through_one_vpc_endpoint_only():
    plan = planned(callers=KEYS)
    api = the(plan, "apigateway/restApi:RestApi")
    assert api.get("endpointConfiguration") == {"types": "PRIVATE", "vpcEndpointIds": ["vpce-1"]}
    assert plan.of_type("aws:wafv2/webAcl:WebAcl") == ()
    allow, deny = policy_of()
    assert (allow["Effect"], allow["Principal"], allow["Action"]) == ("Allow", {"AWS": ["*"]}, ["execute-api:Invoke"])
    assert allow["Resource"] == ["arn:api/live/POST/predict"]
    assert allow["Condition"] == {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    assert (deny["Effect"], deny["Principal"], deny["Resource"]) == ("Deny", {"AWS": ["*"]}, ["arn:api/*"])
    assert deny["Condition"] == {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}


def test_iam_callers_are_named_and_no_one_else_of_their_account_is_let_in():
    allow, deny = policy_of(principals=[PRINCIPAL])
    assert allow["Principal"] == {"AWS": [PRINCIPAL]}
    assert deny["Effect"] == "Deny"
    (public,) = policy_of(vpc_endpoint=None, principals=[PRINCIPAL])
    assert public["Principal"] == {"AWS": [PRINCIPAL]} and "Condition" not in public


def test_a_public_api_without_iam_callers_needs_no_policy():
    assert policy_of(vpc_endpoint=None) is None
    plan = planned(callers=KEYS, public=OPEN)
    assert plan.of_type("aws:apigateway/restApiPolicy:RestApiPolicy") == ()


@pytest.mark.parametrize(
    ("callers", "authorization", "key"),
    [
        (KEYS, "NONE", True),
        ({"principals": [PRINCIPAL]}, "AWS_IAM", False),
        ({"cognito": {"user_pool_arn": POOL, "scopes": ["m/p"]}}, "COGNITO_USER_POOLS", False),
        ({"authorizer": {"function_arn": FUNCTION}}, "CUSTOM", False),
        ({**KEYS, "principals": [PRINCIPAL]}, "AWS_IAM", True),
    ],
)
def test_what_a_request_needs(callers, authorization, key):
    method = the(planned(callers=callers), "apigateway/method:Method")
    assert (method.get("authorization"), method.get("apiKeyRequired")) == (authorization, key)
    assert (method.get("authorizerId") is UNKNOWN) == (authorization in ("COGNITO_USER_POOLS", "CUSTOM"))


def test_everybody_may_call_only_where_that_is_said_and_a_firewall_stands():
    plan = planned(public={**OPEN, "auth": "none"})
    method = the(plan, "apigateway/method:Method")
    assert (method.get("authorization"), method.get("apiKeyRequired")) == ("NONE", False)
    assert len(plan.of_type("aws:wafv2/webAclAssociation:WebAclAssociation")) == 1
    assert the(plan, "apigateway/methodSettings:MethodSettings").get("settings.throttlingRateLimit") == 50


def test_a_token_is_checked_by_the_function_that_was_given_and_by_no_other_route():
    plan = planned(callers={"authorizer": {"function_arn": FUNCTION, "cache_seconds": 0}})
    authorizer = the(plan, "apigateway/authorizer:Authorizer")
    service = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions"
    assert authorizer.get("authorizerUri") == f"{service}/{FUNCTION}/invocations"
    assert (authorizer.get("type"), authorizer.get("authorizerResultTtlInSeconds")) == ("TOKEN", 0)
    permission = the(plan, "lambda/permission:Permission")
    assert (permission.get("function"), permission.get("principal")) == (FUNCTION, "apigateway.amazonaws.com")
    assert authorizer.urn in permission.dependencies and permission.get("sourceArn") is UNKNOWN
    assert permission.urn in the(plan, "apigateway/method:Method").dependencies, "the function can be asked by then"


def test_a_request_is_validated_before_it_reaches_the_model():
    plan = planned(callers=KEYS)
    method = the(plan, "apigateway/method:Method")
    assert method.get('requestModels["application/json"]') == "PredictRequest"
    assert the(plan, "apigateway/requestValidator:RequestValidator").urn in method.dependencies
    assert the(plan, "apigateway/integration:Integration").get("passthroughBehavior") == "NEVER"


def test_the_role_may_invoke_exactly_this_endpoint():
    (statement,) = statements(the(planned(callers=KEYS), "iam/rolePolicy:RolePolicy"))
    assert statement["Action"] == ["sagemaker:InvokeEndpoint"]
    assert statement["Resource"] == [ENDPOINT_ARN]


def test_the_role_may_invoke_the_inference_components_that_are_named():
    (statement,) = statements(the(planned(**GUARDED), "iam/rolePolicy:RolePolicy"))
    component = "arn:aws:sagemaker:eu-central-1:123456789012:inference-component/s-ranker"
    assert statement["Resource"] == [ENDPOINT_ARN, f"{component}-a", f"{component}-b"]


def test_nothing_is_called_before_the_role_may():
    plan = planned(callers=KEYS)
    assert the(plan, "iam/rolePolicy:RolePolicy").urn in the(plan, "apigateway/integration:Integration").dependencies


def test_a_function_in_between_there_is_none(scenario):
    _, plan = scenario
    assert plan.of_type("aws:lambda/function:Function") == ()
    assert the(plan, "apigateway/integration:Integration").get("type") == "AWS"


@pytest.mark.parametrize("arn", ["arn:aws:sagemaker:eu-central-1:123456789012:model/x", "https://example.com", ""])
def test_a_resource_id_that_is_no_endpoint_is_refused_with_what_it_is(arn):
    with pytest.raises(ModelberthError) as error:
        planned({"arn": arn}, callers=KEYS)
    assert str(error.value) == f"the endpoint's resource_id is {arn!r}; needed is the ARN of a SageMaker endpoint"


def test_a_deployment_waits_for_all_that_it_copies():
    plan = planned(callers=KEYS)
    deployment = the(plan, "apigateway/deployment:Deployment")
    route = next(resource for resource in plan if resource.name == "ranker-predict" and not resource.custom)
    copied = [resource for resource in plan if resource.custom and route.urn.split("::")[2] in resource.urn]
    assert len(copied) > 25
    policy = the(plan, "apigateway/restApiPolicy:RestApiPolicy")
    assert {resource.urn for resource in [*copied, policy]} <= set(deployment.dependencies)


REDEPLOYED = {
    "keys": {"callers": {"keys": ["web"], "principals": [PRINCIPAL]}},
    "versions": {"versions": {"1.4.0": "stable"}},
    "variant": {"versions": {"1.4.0": "other"}},
    "features": {"request": {"features": {"type": "array"}}},
    "shape": {"request": {"shape": "instances"}},
    "timeout": {"request": {"timeout": 3}},
    "public": {"public": OPEN},
    "domain": {"public": OPEN, "domain": {"name": "m.example.com", "certificate_arn": CERTIFICATE}},
    "scopes": {"callers": {"cognito": {"user_pool_arn": POOL, "scopes": ["m/p"]}}},
    "function": {"callers": {"authorizer": {"function_arn": FUNCTION}}},
    "cache": {"callers": {"authorizer": {"function_arn": FUNCTION, "cache_seconds": 1}}},
}


def content_of(**fields):
    return the(planned(**{"callers": KEYS, **fields}), "apigateway/deployment:Deployment").get("triggers.plain")


def test_a_change_of_the_api_is_a_new_deployment():
    contents = {name: content_of(**fields) for name, fields in REDEPLOYED.items()}
    contents["nothing"] = content_of()
    assert len(set(contents.values())) == len(contents), contents


@pytest.mark.parametrize("fields", [{}, {"labels": LABELS}, {"alarms": {"p95": 1}}, {"callers": {"keys": ["web"]}}])
def test_what_no_deployment_holds_changes_none(fields):
    assert content_of(**fields) == content_of()


def test_another_endpoint_is_a_new_deployment():
    triggers = [
        the(planned({"arn": arn}, callers=KEYS), "apigateway/deployment:Deployment").get("triggers.endpoint")
        for arn in (ENDPOINT_ARN, f"{ENDPOINT_ARN}-2")
    ]
    assert triggers == [ENDPOINT_ARN, f"{ENDPOINT_ARN}-2"]


def test_a_change_of_who_may_call_from_where_is_a_new_deployment():
    """The text that was asked for, not the one that the service gives back: that may be written in another way."""
    plan = planned(callers=KEYS)
    policy = the(plan, "apigateway/restApiPolicy:RestApiPolicy")
    trigger = the(plan, "apigateway/deployment:Deployment").property_dependencies["triggers"]
    assert the(plan, "apigateway/restApi:RestApi").urn in trigger
    assert policy.urn not in trigger


def test_an_api_is_never_open_for_want_of_a_way_in():
    """Whatever an Output turns out to be, what is not declared public is private."""
    endpoint = pulumi.Output.from_input("vpce-1")
    for way_in in ({"api_endpoint_id": endpoint}, {"api_endpoint_id": "vpce-1"}):
        plan = planned(foundation={**FOUNDATION, "network": {**NETWORK, **way_in}}, callers=KEYS)
        assert the(plan, "apigateway/restApi:RestApi").get("endpointConfiguration.types") == "PRIVATE"


def test_an_old_deployment_goes_after_the_stage_has_left_it():
    deployment = the(planned(callers=KEYS), "apigateway/deployment:Deployment")
    assert deployment.options.delete_before_replace is not True


def test_the_address_is_known_once_callers_are_let_in_and_the_firewall_stands():
    def program():
        door = RestFrontDoor("ranker", {"endpoint": Endpoint(), "foundation": FOUNDATION, **MAX})
        pulumi.CustomResource("test:index:User", "user", {"url": door.url})

    plan = run_in_process(program)
    (user,) = plan.of_type("test:index:User")
    kinds = ("UsagePlanKey", "WebAclAssociation", "MethodSettings", "BasePathMapping", "Record")
    needed = {resource.urn for resource in plan if resource.type.endswith(tuple(f":{kind}" for kind in kinds))}
    assert len(needed) == 6
    assert needed <= set(user.dependencies)


@pytest.mark.parametrize(("region", "suffix"), [("eu-central-1", "amazonaws.com"), ("cn-north-1", "amazonaws.com.cn")])
def test_a_private_api_has_an_address_of_its_own_at_the_vpc_endpoint(region, suffix):
    url = private_url(Account(region=region, id="123456789012"), "abc", "vpce-1", "live")
    assert url == f"https://abc-vpce-1.execute-api.{region}.{suffix}/live"


def test_a_public_api_takes_no_old_tls_and_with_a_name_no_other_address():
    api = the(planned(callers=KEYS, public=OPEN), "apigateway/restApi:RestApi")
    assert api.get("securityPolicy").startswith("SecurityPolicy_TLS13_1_2_")
    assert (api.get("endpointAccessMode"), api.get("disableExecuteApiEndpoint")) == ("STRICT", False)
    plan = planned(**MAX)
    assert the(plan, "apigateway/restApi:RestApi").get("disableExecuteApiEndpoint") is True
    assert the(plan, "apigateway/domainName:DomainName").get("securityPolicy") == api.get("securityPolicy")


def test_a_name_without_its_zone_says_what_it_must_be_an_alias_of():
    found = []

    def program():
        domain = {"name": "m.example.com", "certificate_arn": CERTIFICATE}
        fields = {"callers": KEYS, "public": OPEN, "domain": domain}
        found.append(RestFrontDoor("r", {"endpoint": Endpoint(), "foundation": FOUNDATION, **fields}).domain_target)

    plan = run_in_process(program)
    assert found[0] is not None
    assert plan.of_type("aws:route53/record:Record") == ()


def test_the_access_log_holds_no_body_no_key_no_token_and_no_query_string():
    refused = ("body", "apiKey ", "requestHeader", "queryString", "path ", "messageString", "validationErrorString")
    line = " ".join(f"{variable} " for variable in ACCESS_LOG.values())
    assert not [word for word in refused if f".{word}" in line]
    assert "$context.identity.apiKeyId" in ACCESS_LOG.values()
    assert "$context.identity.apiKey" not in ACCESS_LOG.values()
    assert "$context.path" not in ACCESS_LOG.values()


def test_no_payload_is_traced_and_no_answer_cached(scenario):
    _, plan = scenario
    settings = the(plan, "apigateway/methodSettings:MethodSettings")
    assert settings.get("settings.dataTraceEnabled") is False
    assert settings.get("settings.cachingEnabled") is False


def test_every_log_is_kept_as_the_foundation_says_and_under_its_key(scenario):
    name, plan = scenario
    logs = plan.of_type("aws:cloudwatch/logGroup:LogGroup")
    assert len(logs) == {"defaults": 2, "max": 3, "guarded": 1}[name]
    assert {(log.get("retentionInDays"), log.get("kmsKeyId")) for log in logs} == {
        (30, FOUNDATION["encryption"]["arn"])
    }


def test_the_log_that_api_gateway_would_make_itself_is_there_before_it_writes():
    plan = planned(callers=KEYS)
    own = named(plan, "cloudwatch/logGroup:LogGroup", "ranker-release-execution")
    assert own.urn in the(plan, "apigateway/methodSettings:MethodSettings").dependencies


def test_alarms_watch_the_api_by_the_name_that_it_has():
    plan = planned(callers=KEYS)
    name = the(plan, "apigateway/restApi:RestApi").get("name")
    for alarm in plan.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        assert alarm.get("dimensions") == {"ApiName": name, "Stage": "live"}
        assert alarm.get("alarmActions") == [FOUNDATION["alerts"]]


def test_labels_reach_everything_that_can_carry_them():
    plan = planned(**MAX)
    bare = {
        "aws:apigateway/authorizer:Authorizer", "aws:apigateway/basePathMapping:BasePathMapping",
        "aws:apigateway/deployment:Deployment", "aws:apigateway/integration:Integration",
        "aws:apigateway/integrationResponse:IntegrationResponse", "aws:apigateway/method:Method",
        "aws:apigateway/methodResponse:MethodResponse", "aws:apigateway/methodSettings:MethodSettings",
        "aws:apigateway/model:Model", "aws:apigateway/requestValidator:RequestValidator",
        "aws:apigateway/resource:Resource", "aws:apigateway/response:Response",
        "aws:apigateway/usagePlanKey:UsagePlanKey", "aws:iam/rolePolicy:RolePolicy", "aws:route53/record:Record",
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    }  # fmt: skip
    untagged = {resource.type for resource in plan if resource.custom and resource.get("tags") is MISSING}
    assert untagged == bare


def test_the_firewalls_log_holds_no_key_and_no_token():
    log = the(planned(callers=KEYS, public=OPEN), "wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
    headers = [field["singleHeader"]["name"] for field in log.get("redactedFields") if "singleHeader" in field]
    assert headers == ["authorization", "x-api-key"]


def test_the_firewall_holds_awss_own_rules_but_for_the_limit_of_a_body():
    acl = the(planned(callers=KEYS, public=OPEN), "wafv2/webAcl:WebAcl")
    groups = [rule for rule in acl.get("rules") if "managedRuleGroupStatement" in rule["statement"]]
    assert all(rule["overrideAction"] == {"none": {}} for rule in groups)
    counted = {
        group["name"]: [override["name"] for override in group["ruleActionOverrides"]]
        for group in (rule["statement"]["managedRuleGroupStatement"] for rule in groups)
    }
    assert counted == {
        "AWSManagedRulesCommonRuleSet": ["SizeRestrictions_BODY"],
        "AWSManagedRulesKnownBadInputsRuleSet": [],
    }


def test_one_address_may_not_take_all():
    acl = the(planned(callers=KEYS, public=OPEN), "wafv2/webAcl:WebAcl")
    rate = acl.get("rules[1].statement.rateBasedStatement")
    assert (rate["aggregateKeyType"], rate["limit"], rate["evaluationWindowSec"]) == ("IP", 50 * 60, 60)


def test_a_body_that_the_firewall_cannot_see_whole_is_too_long():
    acl = the(planned(callers=KEYS, public={**OPEN, "max_body_kib": 16}), "wafv2/webAcl:WebAcl")
    size = acl.get("rules[0].statement.sizeConstraintStatement")
    assert (size["comparisonOperator"], size["size"]) == ("GT", 16 * 1024)
    assert size["fieldToMatch"] == {"body": {"oversizeHandling": "MATCH"}}
    assert acl.get("associationConfig.requestBodies[0].apiGateway.defaultSizeInspectionLimit") == "KB_16"


def test_names_in_pulumi_stay_when_callers_come_and_go():
    one, two = planned(callers={"keys": ["web"]}), planned(callers={"keys": ["batch", "web"]})
    assert {resource.urn for resource in one} <= {resource.urn for resource in two}
