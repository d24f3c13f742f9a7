"""A front door's deployments and addresses: what makes a new one, and what waits for what."""

import pulumi
import pytest
from components.aws.api_gateway.doors import KEYS, MAX, the
from components.aws.api_gateway.samples import (
    CERTIFICATE,
    ENDPOINT_ARN,
    FOUNDATION,
    FUNCTION,
    LABELS,
    OPEN,
    POOL,
    PRINCIPAL,
    Endpoint,
    planned,
)

from modelberth.aws.api_gateway.api import RestFrontDoor, private_url
from modelberth.aws.provider import Account
from modelberth_policies.sources.program import run_in_process


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


def test_names_in_pulumi_stay_when_callers_come_and_go():
    one, two = planned(callers={"keys": ["web"]}), planned(callers={"keys": ["batch", "web"]})
    assert {resource.urn for resource in one} <= {resource.urn for resource in two}
