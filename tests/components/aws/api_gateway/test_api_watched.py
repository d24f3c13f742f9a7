"""What a front door writes down, whom it tells, and what its firewall holds."""

import pytest
from components.aws.api_gateway.doors import KEYS, MAX, SCENARIOS, named, the
from components.aws.api_gateway.samples import (
    FOUNDATION,
    OPEN,
    planned,
)

from modelberth.aws.api_gateway.monitoring import ACCESS_LOG
from modelberth_policies.resources import MISSING


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(request):
    return request.param, planned(**SCENARIOS[request.param])


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
