"""Alarms from tables, log groups, and the channel that alarms go to."""

import json
from dataclasses import replace
from pathlib import Path

import botocore.session
import pulumi
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st
from inventory import assert_inventory

from modelberth.aws.encryption import CustomerKey, ProviderKey
from modelberth.aws.monitoring import (
    Alarm,
    AlertChannel,
    Metric,
    alarm_inputs,
    alarm_name,
    create_alarms,
    log_group,
    log_retention_allowed,
)
from modelberth.aws.retention import ACCEPTED_DAYS
from modelberth.core.errors import ConfigError
from modelberth_policies.resources import MISSING, UNKNOWN
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
REASON = {"reason": "a test that has nothing to hide"}
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "shared", "model": "shared",
    "version": "shared", "data_classification": "internal",
}  # fmt: skip
OF = {"QueueName": "jobs"}
PLAIN = Alarm("depth", "Too many wait.", {"depth": Metric("AWS/SQS", "Visible", OF, "Maximum")}, 10)
SLOW = Alarm("p95", "Too slow.", {"latency": Metric("AWS/SQS", "Latency", OF, "p95")}, 200, breaching=3)
SHARE = Alarm(
    "errors",
    "Too many fail.",
    {"failed": Metric("AWS/SQS", "Failed", OF, "Sum"), "all": Metric("AWS/SQS", "All", OF, "Sum")},
    0.01,
    "failed / all",
    period=300,
    missing="breaching",
)


def channel(**fields):
    return run_in_process(lambda: AlertChannel("alerts", {"account": ACCOUNT, "encryption": {"arn": KEY}, **fields}))


def alarms(*table, topic=TOPIC, tags=None):
    return run_in_process(lambda: create_alarms("q", "prod-q", table, topic, tags, pulumi.ResourceOptions()) and None)


def test_channel_defaults():
    assert_inventory(channel(), HERE / "monitoring.channel.defaults.inventory.yaml")


def test_channel_max():
    plan = channel(emails=["b@example.com", "a@example.com", "a@example.com"], labels=LABELS)
    assert_inventory(plan, HERE / "monitoring.channel.max.inventory.yaml")


def statements():
    policy = channel()["modelberth:index:AlertChannel$aws:sns/topicPolicy:TopicPolicy::alerts-policy"].get("policy")
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


def test_only_alarms_and_budgets_of_this_account_may_publish():
    allowed = [statement for statement in statements().values() if statement["Effect"] == "Allow"]
    assert {statement["Principal"]["Service"][0] for statement in allowed} == {
        "cloudwatch.amazonaws.com",
        "budgets.amazonaws.com",
    }
    for statement in allowed:
        assert statement["Action"] == ["sns:Publish"]
        assert statement["Resource"] == ["arn:aws:sns:eu-central-1:123456789012:s-alerts"]
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
        assert statement["Condition"]["ArnLike"]["aws:SourceArn"].split(":")[4] == "123456789012"


def test_nobody_may_publish_in_clear_text():
    refused = statements()["TlsOnly"]
    assert (refused["Effect"], refused["Principal"]) == ("Deny", {"AWS": ["*"]})
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_under_awss_own_key_no_alarm_could_publish_so_the_topic_has_none():
    topic = channel(encryption=REASON)["modelberth:index:AlertChannel$aws:sns/topic:Topic::alerts"]
    assert topic.get("kmsMasterKeyId") is MISSING


def test_the_topic_is_handed_on_once_alarms_may_publish_to_it():
    def program():
        made = AlertChannel("alerts", {"account": ACCOUNT, "encryption": {"arn": KEY}})
        pulumi.CustomResource("test:index:User", "user", {"topic": made.topic_arn})

    plan = run_in_process(program)
    policy = plan["modelberth:index:AlertChannel$aws:sns/topicPolicy:TopicPolicy::alerts-policy"]
    assert policy.urn in plan["test:index:User::user"].dependencies


def test_alarms_become_resources_by_role():
    assert_inventory(alarms(PLAIN, SLOW, SHARE, tags={"owner": "search"}), HERE / "monitoring.alarms.inventory.yaml")


def test_without_a_topic_an_alarm_tells_nobody():
    (alarm,) = alarms(PLAIN, topic=None).of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert (alarm.get("alarmActions"), alarm.get("okActions")) == (MISSING, MISSING)


def test_a_topic_that_is_not_there_yet_can_be_told():
    def program():
        made = AlertChannel("alerts", {"account": ACCOUNT, "encryption": {"arn": KEY}})
        create_alarms("q", "prod-q", [PLAIN], made.topic_arn, None, pulumi.ResourceOptions())

    (alarm,) = run_in_process(program).of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert alarm.get("alarmActions") == [UNKNOWN]


@pytest.mark.parametrize(
    ("below", "inclusive", "operator"),
    [
        (False, False, "GreaterThanThreshold"),
        (False, True, "GreaterThanOrEqualToThreshold"),
        (True, False, "LessThanThreshold"),
        (True, True, "LessThanOrEqualToThreshold"),
    ],
)
def test_which_side_of_the_threshold_is_wrong(below, inclusive, operator):
    assert alarm_inputs(replace(PLAIN, below=below, inclusive=inclusive))["comparison_operator"] == operator


def test_the_name_of_an_alarm_is_known_before_it_exists():
    (alarm,) = alarms(PLAIN).of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert alarm.get("name") == alarm_name("prod-q", PLAIN) == "prod-q-depth"


def api_words(alarm):
    """The alarm as PutMetricAlarm wants it."""
    given = {"alarm_name": alarm_name("q", alarm), **alarm_inputs(alarm)}
    dimensions = [{"Name": name, "Value": value} for name, value in given.pop("dimensions", {}).items()]
    queries = [
        {"Id": query["id"], "Expression": query["expression"], "ReturnData": True}
        if "expression" in query
        else {
            "Id": query["id"],
            "ReturnData": False,
            "MetricStat": {
                "Metric": {"Namespace": query["metric"]["namespace"], "MetricName": query["metric"]["metric_name"]},
                "Period": query["metric"]["period"],
                "Stat": query["metric"]["stat"],
            },
        }
        for query in given.pop("metric_queries", [])
    ]
    words = {"".join(part.capitalize() for part in word.split("_")): value for word, value in given.items()}
    return words | ({"Dimensions": dimensions} if dimensions else {}) | ({"Metrics": queries} if queries else {})


@pytest.mark.parametrize("alarm", [PLAIN, SLOW, SHARE])
def test_every_form_of_an_alarm_is_one_that_the_api_takes(alarm):
    shape = botocore.session.get_session().get_service_model("cloudwatch").operation_model("PutMetricAlarm").input_shape
    report = ParamValidator().validate(api_words(alarm), shape)
    assert not report.has_errors(), report.generate_report()


@given(
    period=st.integers(1, 200_000),
    periods=st.integers(1, 20),
    breaching=st.integers(-1, 25),
    metrics=st.integers(0, 12),
)
def test_an_alarm_is_either_possible_or_refused(period, periods, breaching, metrics):
    measured = {f"m{count}": Metric("AWS/SQS", "Visible", OF, "Sum") for count in range(metrics)}
    possible = 1 <= metrics <= 10 and 1 <= breaching <= periods and period * periods <= 604_800
    try:
        Alarm("a", "b", measured, 1, "SUM(METRICS())", period, periods, breaching)
    except ValueError as error:
        assert not possible, error
    else:
        assert possible


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"metrics": {}}, "alarm depth: it has 0 metrics; CloudWatch takes 1 to 10"),
        (
            {"metrics": SHARE.metrics},
            "alarm depth: it has 2 metrics and no expression; say how they become one number",
        ),
        ({"breaching": 4}, "alarm depth: 4 of 3 measurements can never be wrong; lower breaching"),
        ({"breaching": 0}, "alarm depth: 0 of 3 measurements can never be wrong; lower breaching"),
        ({"period": 604_800}, "alarm depth: it looks back 1814400 s; CloudWatch looks back 604800 at most"),
    ],
)
def test_what_cloudwatch_would_refuse_is_refused(fields, message):
    with pytest.raises(ValueError) as error:
        replace(PLAIN, **fields)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"emails": ["nobody"]},
            "configuration: 1 fault\n  alerts.emails.0: not an e-mail address; write name@example.com",
        ),
        (
            {"mails": ["a@example.com"]},
            "configuration: 1 fault\n  alerts.mails: no such field; allowed: account, encryption, emails, labels; "
            "did you mean 'emails'?",
        ),
    ],
)
def test_bad_channels_are_refused(fields, message):
    with pytest.raises(ConfigError) as error:
        channel(**fields)
    assert str(error.value) == message


def log_groups(encryption):
    def program():
        log_group("logs", "/aws/x", 30, encryption, {"owner": "search"}, pulumi.ResourceOptions())

    (made,) = run_in_process(program).of_type("aws:cloudwatch/logGroup:LogGroup")
    return made


def test_a_log_group_has_retention_and_key():
    made = log_groups(CustomerKey(arn=KEY))
    assert dict(made.inputs) == {
        "kmsKeyId": KEY,
        "name": "/aws/x",
        "retentionInDays": 30,
        "tags": {"owner": "search"},
    }
    assert log_groups(ProviderKey(reason=REASON["reason"])).get("kmsKeyId") is MISSING


def test_for_how_long_logs_can_be_kept():
    assert [days for days in range(400) if log_retention_allowed(days)] == [
        days for days in ACCEPTED_DAYS if days < 400
    ]
    assert not log_retention_allowed(30.5)
