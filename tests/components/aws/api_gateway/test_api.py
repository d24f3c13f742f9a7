"""A front door as a plan: who may come in and how, what is checked, what is called."""

from pathlib import Path

import pulumi
import pytest
from components.aws.api_gateway.doors import GUARDED, KEYS, SCENARIOS, policy_of, statements, the
from components.aws.api_gateway.samples import (
    ENDPOINT_ARN,
    FOUNDATION,
    FUNCTION,
    NETWORK,
    OPEN,
    POOL,
    PRINCIPAL,
    Endpoint,
    planned,
)
from inventory import assert_inventory

from modelberth.aws.api_gateway.api import RestFrontDoor
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.errors import ModelberthError
from modelberth_policies.resources import UNKNOWN, Secret, reveal
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(request):
    return request.param, planned(**SCENARIOS[request.param])


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


def test_an_api_is_never_open_for_want_of_a_way_in():
    """Whatever an Output turns out to be, what is not declared public is private."""
    endpoint = pulumi.Output.from_input("vpce-1")
    for way_in in ({"api_endpoint_id": endpoint}, {"api_endpoint_id": "vpce-1"}):
        plan = planned(foundation={**FOUNDATION, "network": {**NETWORK, **way_in}}, callers=KEYS)
        assert the(plan, "apigateway/restApi:RestApi").get("endpointConfiguration.types") == "PRIVATE"
