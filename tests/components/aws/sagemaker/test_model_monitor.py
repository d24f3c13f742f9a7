"""The four jobs of Model Monitor as a plan, checked against CloudFormation's own schemas, and who hears of them."""

import json
from pathlib import Path

import jsonschema
import pulumi
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from components.aws.sagemaker.monitor_plans import (
    BASE,
    BASELINE,
    BIAS,
    KEY,
    MAX,
    MONITOR,
    TOPIC,
    desired,
    planned,
)
from inventory import assert_inventory

from modelberth.aws.sagemaker.model_monitor.definitions import in_provider_words
from modelberth.aws.sagemaker.model_monitor.monitor import ModelMonitor
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent


def test_defaults():
    assert_inventory(planned(), HERE / "model_monitor.defaults.inventory.yaml")


def test_max():
    assert_inventory(planned(**MAX), HERE / "model_monitor.max.inventory.yaml")


@pytest.mark.parametrize("word", ["ModelQuality", "ModelBias", "ModelExplainability"])
def test_a_definition_is_what_cloudformation_takes(word):
    kind = f"AWS::SageMaker::{word}JobDefinition"
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-central-1", kind).schema
    # Python's regular expressions know no classes of Unicode; letters, digits and spaces say the same of our tags.
    schema = json.loads(json.dumps(schema).replace(r"\\p{L}\\p{Z}\\p{N}", r"\\w\\s"))
    state = desired(planned(**MAX))[kind]
    jsonschema.validate(state, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**state, "Endpoint": "prod-ranker"}, schema)


def test_data_quality_says_the_same_in_the_providers_words():
    (made,) = planned(**MAX).of_type("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition")
    assert made.get("dataQualityAppSpecification.environment") == {"publish_cloudwatch_metrics": "Enabled"}
    assert made.get("dataQualityAppSpecification.recordPreprocessorSourceUri") == f"{BASELINE}/flatten.py"
    assert made.get("dataQualityBaselineConfig.statisticsResource.s3Uri") == f"{BASELINE}/statistics.json"
    assert made.get("jobResources.clusterConfig.volumeSizeInGb") == 50
    assert made.get("dataQualityJobOutputConfig.monitoringOutputs.s3Output.s3Uri") == "s3://artefacts/ranker/reports"


def test_words_change_and_names_of_variables_do_not():
    content = {"Environment": {"publish_METRICS": "On"}, "JobOutput": {"MonitoringOutputs": [{"S3Uri": "s3://b/f"}]}}
    assert in_provider_words(content) == {
        "environment": {"publish_METRICS": "On"},
        "job_output": {"monitoring_outputs": {"s3_uri": "s3://b/f"}},
    }


def test_jobs_are_isolated_but_the_one_that_asks_a_shadow_endpoint():
    plan = planned(**MAX)
    isolated = {kind: state["NetworkConfig"]["EnableNetworkIsolation"] for kind, state in desired(plan).items()}
    assert isolated == {
        "AWS::SageMaker::ModelQualityJobDefinition": True,
        "AWS::SageMaker::ModelBiasJobDefinition": True,
        "AWS::SageMaker::ModelExplainabilityJobDefinition": False,
    }
    (quality,) = plan.of_type("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition")
    assert quality.get("networkConfig.enableNetworkIsolation") is True


def test_every_job_runs_in_the_private_subnets_with_the_key_on_its_volume_and_reports():
    for kind, state in desired(planned(**MAX)).items():
        assert state["NetworkConfig"]["VpcConfig"] == {
            "SecurityGroupIds": ["sg-1"],
            "Subnets": ["subnet-1", "subnet-2"],
        }
        assert state["JobResources"]["ClusterConfig"]["VolumeKmsKeyId"] == KEY
        assert state[f"{kind.split('::')[2].removesuffix('JobDefinition')}JobOutputConfig"]["KmsKeyId"] == KEY


def test_local_storage_takes_no_key():
    plan = planned(**{**MAX, "compute": {"instance_type": "ml.m5d.xlarge"}})
    for state in desired(plan).values():
        assert "VolumeKmsKeyId" not in state["JobResources"]["ClusterConfig"]


def test_a_changed_definition_has_another_name_and_the_schedule_follows():
    def names(limit):
        jobs = {"bias": {**BIAS, "features": limit}}
        plan = planned(jobs=jobs)
        (schedule,) = plan.of_type("aws:sagemaker/monitoringSchedule:MonitoringSchedule")
        (state,) = desired(plan).values()
        return state["JobDefinitionName"], schedule.get("monitoringScheduleConfig.monitoringJobDefinitionName")

    first, second = names("features"), names("inputs")
    assert first[0] == first[1] != second[0] == second[1]


def test_the_schedule_waits_for_the_definition_and_that_for_the_role():
    plan = planned(jobs={"bias": BIAS})
    definition = plan[f"{MONITOR}$aws:cloudcontrol/resource:Resource::ranker-monitor-bias"]
    schedule = plan[f"{MONITOR}$aws:sagemaker/monitoringSchedule:MonitoringSchedule::ranker-monitor-bias"]
    (policy,) = plan.of_type("aws:iam/rolePolicy:RolePolicy")
    assert definition.urn in schedule.dependencies
    assert policy.urn in definition.dependencies


def test_an_endpoint_that_is_not_there_yet_is_waited_for():
    def program():
        endpoint = pulumi.CustomResource("test:index:Endpoint", "endpoint", {"name": None})
        name = endpoint.urn.apply(lambda _: "prod-ranker")
        ModelMonitor("ranker-monitor", {**BASE, "endpoint_name": name})

    plan = run_in_process(program)
    (definition,) = plan.of_type("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition")
    assert plan["test:index:Endpoint::endpoint"].urn in definition.dependencies


def test_a_broken_limit_is_told_and_begins_retraining():
    plan = planned(**MAX)
    alarms = {one.get("name"): one for one in plan.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}
    assert sorted(alarms) == [
        "s-ranker-monitor-bias-dppl",
        "s-ranker-monitor-data-quality-age",
        "s-ranker-monitor-explainability-age",
        "s-ranker-monitor-model-quality-f1",
    ]
    assert {tuple(one.get("alarmActions")) for one in alarms.values()} == {(TOPIC,)}
    (rule,) = plan.of_type("aws:cloudwatch/eventRule:EventRule")
    pattern = json.loads(rule.get("eventPattern"))
    assert (pattern["source"], pattern["detail"]) == (["aws.cloudwatch"], {"state": {"value": ["ALARM"]}})
    prefixes = [resource["prefix"].rpartition(":alarm:")[2] for resource in pattern["resources"]]
    assert all(any(name.startswith(prefix) for prefix in prefixes) for name in alarms)
    (target,) = plan.of_type("aws:cloudwatch/eventTarget:EventTarget")
    assert target.get("arn") == MAX["retraining"]["target_arn"]


def test_without_retraining_the_rule_is_there_to_hang_something_on():
    plan = planned()
    assert plan.of_type("aws:cloudwatch/eventRule:EventRule")
    assert not plan.of_type("aws:cloudwatch/eventTarget:EventTarget")


def test_a_limit_looks_at_the_metric_of_its_schedule_over_one_run():
    alarm = planned(**MAX)[f"{MONITOR}$aws:cloudwatch/metricAlarm:MetricAlarm::ranker-monitor-model-quality-f1"]
    assert alarm.get("namespace") == "aws/sagemaker/Endpoints/model-metrics"
    assert alarm.get("dimensions") == {
        "Endpoint": "prod-ranker",
        "MonitoringSchedule": "s-ranker-monitor-model-quality",
    }
    assert (alarm.get("comparisonOperator"), alarm.get("statistic"), alarm.get("period")) == (
        "LessThanThreshold",
        "Minimum",
        86400,
    )


def test_labels_reach_everything_that_can_carry_them():
    bare = {
        "aws:iam/rolePolicy:RolePolicy",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:cloudcontrol/resource:Resource",
    }
    plan = planned(**MAX)
    made = [one for one in plan if one.type.startswith("aws:") and one.type not in bare]
    assert all(one.get("tags.owner") == "search" for one in made)
    for state in desired(plan).values():
        assert {"Key": "owner", "Value": "search"} in state["Tags"]


def test_schedules_are_known_by_kind():
    assert planned(**MAX).outputs["schedules"] == {
        "data_quality": "s-ranker-monitor-data-quality",
        "model_quality": "s-ranker-monitor-model-quality",
        "bias": "s-ranker-monitor-bias",
        "explainability": "s-ranker-monitor-explainability",
    }
