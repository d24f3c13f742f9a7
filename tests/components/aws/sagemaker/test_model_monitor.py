"""The four jobs of Model Monitor as a plan, checked against CloudFormation's own schemas, and who hears of them."""

import json
from pathlib import Path

import jsonschema
import pulumi
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from inventory import assert_inventory

from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.model_monitor.config import ModelMonitorArgs
from modelberth.aws.sagemaker.model_monitor.definitions import KINDS, in_provider_words
from modelberth.aws.sagemaker.model_monitor.images import prebuilt, prebuilt_image
from modelberth.aws.sagemaker.model_monitor.jobs import seconds_between
from modelberth.aws.sagemaker.model_monitor.monitor import ModelMonitor
from modelberth.core.errors import ConfigError
from modelberth_policies.resources import MISSING, UNKNOWN
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
BASELINE = "s3://artefacts/ranker/baseline"
COMPARED = {"constraints": f"{BASELINE}/constraints.json"}
TRUTH = {"ground_truth": "s3://labels/ranker", "start_offset": "-P1D", "end_offset": "-PT1H"}
DRIFT = {"age": {"metric": "feature_baseline_drift_age", "above": 0.2, "dimensions": {"Feature": "age"}}}
DATA_QUALITY = {**COMPARED, "statistics": f"{BASELINE}/statistics.json", "limits": DRIFT}
MODEL_QUALITY = {
    **COMPARED, **TRUTH, "problem": "BinaryClassification", "probability": "0", "probability_threshold": 0.5,
    "limits": {"f1": {"metric": "f1", "below": 0.8}},
}  # fmt: skip
BIAS = {
    **COMPARED, **TRUTH, "analysis": f"{BASELINE}/bias.json", "features": "features", "inference": "0",
    "limits": {"dppl": {"metric": "bias_metric_DPPL", "above": 0.1, "dimensions": {"Facet": "sex"}}},
}  # fmt: skip
EXPLAINABILITY = {
    **COMPARED, "analysis": f"{BASELINE}/shap.json", "model_name": "prod-ranker-open",
    "schedule": "cron(0 0/6 ? * * *)", "limits": {"age": {"metric": "feature_age", "above": 0.5}},
}  # fmt: skip
ALL = {
    "data_quality": {**DATA_QUALITY, "preprocessor": f"{BASELINE}/flatten.py", "schedule": "cron(0 * ? * * *)"},
    "model_quality": MODEL_QUALITY,
    "bias": BIAS,
    "explainability": EXPLAINABILITY,
}
BASE = {
    "account": ACCOUNT,
    "network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"], "model_security_group_id": "sg-1"},
    "encryption": {"reason": "a test that has nothing to hide"},
    "endpoint_name": "prod-ranker",
    "captured": "s3://prod-ranker-capture/captured",
    "reports": "s3://artefacts/ranker/reports",
    "jobs": {"data_quality": DATA_QUALITY},
}
MAX = {
    "encryption": {"arn": KEY},
    "jobs": ALL,
    "compute": {"instance_type": "ml.m5.2xlarge", "volume_gib": 50, "longest_seconds": 3600},
    "alerts": TOPIC,
    "retraining": {
        "target_arn": "arn:aws:states:eu-central-1:123456789012:stateMachine:retrain",
        "role_arn": "arn:aws:iam::123456789012:role/retrain",
    },
    "permissions_boundary": "arn:aws:iam::123456789012:policy/bounds",
    "labels": LABELS,
}
MONITOR = "modelberth:index:ModelMonitor"


def planned(**fields):
    def program():
        made = ModelMonitor("ranker-monitor", {**BASE, **fields})
        pulumi.export("schedules", made.schedules)

    return run_in_process(program)


def desired(plan):
    """CloudFormation type to the desired state of it."""
    made = plan.of_type("aws:cloudcontrol/resource:Resource")
    return {one.get("typeName"): json.loads(one.get("desiredState")) for one in made}


def statements(**fields):
    (policy,) = planned(**fields).of_type("aws:iam/rolePolicy:RolePolicy")
    return {statement["Sid"]: statement for statement in json.loads(policy.get("policy"))["Statement"]}


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


def test_the_role_reads_what_the_jobs_compare_and_writes_reports_only():
    found = statements(**MAX)
    assert found["WriteFiles"]["Resource"] == ["arn:aws:s3:::artefacts/ranker/reports/*"]
    assert found["ReadFiles"]["Resource"] == [
        "arn:aws:s3:::prod-ranker-capture/captured/*",
        "arn:aws:s3:::artefacts/ranker/reports/*",
        "arn:aws:s3:::labels/ranker/*",
        "arn:aws:s3:::artefacts/ranker/baseline/constraints.json",
        "arn:aws:s3:::artefacts/ranker/baseline/statistics.json",
        "arn:aws:s3:::artefacts/ranker/baseline/flatten.py",
        "arn:aws:s3:::artefacts/ranker/baseline/bias.json",
        "arn:aws:s3:::artefacts/ranker/baseline/shap.json",
    ]
    listed = {statement["Resource"][0] for sid, statement in found.items() if sid.startswith("ListFiles")}
    assert listed == {"arn:aws:s3:::prod-ranker-capture", "arn:aws:s3:::artefacts", "arn:aws:s3:::labels"}


def test_what_is_for_every_resource_could_not_be_narrowed():
    everywhere = {sid for sid, found in statements(**MAX).items() if found["Resource"] == ["*"]}
    assert everywhere == {"LogIn", "PutMetrics", "LookAtNetwork"}
    assert statements()["PutMetrics"]["Condition"] == {
        "StringLike": {"cloudwatch:namespace": ["aws/sagemaker/*", "/aws/sagemaker/*"]}
    }


def test_permissions_follow_the_jobs_and_the_key():
    without = [sid for sid in statements() if not sid.startswith("ListFiles")]
    assert without == [
        "ReadFiles", "WriteFiles", "PullImages", "LogIn", "MakeLogGroup", "WriteLogs", "PutMetrics", "MakeInterfaces",
        "UseInterfaces", "LookAtNetwork",
    ]  # fmt: skip
    more = [sid for sid in statements(**MAX) if not sid.startswith("ListFiles")]
    assert more == [*without, "UseKey", "EncryptVolumes", "SeeModel", "RunShadowEndpoint"]
    assert statements(**MAX)["RunShadowEndpoint"]["Resource"] == [
        "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/sagemaker-clarify-*",
        "arn:aws:sagemaker:eu-central-1:123456789012:endpoint-config/sagemaker-clarify-*",
    ]


def test_the_policy_fits_into_a_role():
    (policy,) = planned(**MAX).of_type("aws:iam/rolePolicy:RolePolicy")
    # Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    assert len("".join(policy.get("policy").split())) <= 10_240


def test_an_address_that_is_not_known_yet_makes_no_hole_in_the_policy():
    def program():
        bucket = pulumi.CustomResource("test:index:Bucket", "bucket", {"name": None})
        ModelMonitor("ranker-monitor", {**BASE, "captured": bucket.id.apply(lambda _: "s3://kept/captured")})

    (policy,) = run_in_process(program).of_type("aws:iam/rolePolicy:RolePolicy")
    assert policy.get("policy") is UNKNOWN


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


def test_the_boundary_bounds_the_role():
    assert planned().of_type("aws:iam/role:Role")[0].get("permissionsBoundary") is MISSING
    assert planned(**MAX).of_type("aws:iam/role:Role")[0].get("permissionsBoundary") == MAX["permissions_boundary"]


def test_schedules_are_known_by_kind():
    assert planned(**MAX).outputs["schedules"] == {
        "data_quality": "s-ranker-monitor-data-quality",
        "model_quality": "s-ranker-monitor-model-quality",
        "bias": "s-ranker-monitor-bias",
        "explainability": "s-ranker-monitor-explainability",
    }


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("cron(0 * ? * * *)", 3600),
        ("cron(0 17 ? * * *)", 86400),
        ("cron(0 0/6 ? * * *)", 21600),
        ("cron(0 1/24 ? * * *)", 86400),
    ],
)
def test_how_long_it_is_from_one_run_to_the_next(schedule, seconds):
    assert seconds_between(schedule) == seconds


def test_where_the_prebuilt_images_are():
    account = Account.parse(ACCOUNT)
    assert prebuilt_image(account, "analyzer") == (
        "048819808253.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-model-monitor-analyzer"
    )
    assert prebuilt_image(account, "clarify") == (
        "017069133835.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-clarify-processing:1.0"
    )
    china = Account(region="cn-north-1", id="123456789012")
    assert prebuilt_image(china, "analyzer").startswith("453000072557.dkr.ecr.cn-north-1.amazonaws.com.cn/")


def test_every_known_image_has_a_source_and_no_account_twice():
    for image in prebuilt().values():
        assert image.source.startswith("https://github.com/aws/sagemaker-python-sdk/")
        assert len(set(image.registries.values())) == len(image.registries)


def test_an_image_of_ones_own_is_pulled_from_its_repository():
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/drift/analyzer@sha256:" + "0" * 64
    fields = {"jobs": {"data_quality": {**DATA_QUALITY, "image": image}}}
    assert statements(**fields)["PullImages"]["Resource"] == [
        "arn:aws:ecr:eu-central-1:123456789012:repository/drift/analyzer"
    ]


def test_kinds_of_jobs_are_those_of_the_api():
    import botocore.session

    shape = botocore.session.get_session().get_service_model("sagemaker").shape_for("MonitoringType")
    assert sorted(kind.word for kind in KINDS.values()) == sorted(shape.enum)


def job(kind, **fields):
    return {"jobs": {kind: {**ALL[kind], **fields}}}


BAD = [
    ({"jobs": {}}, "jobs: no job; one of data_quality, model_quality, bias, explainability is needed"),
    (
        job("data_quality", limits={}),
        "jobs.data_quality.limits: dictionary should have at least 1 item after validation, not 0",
    ),
    (
        job("data_quality", limits={"age": {"metric": "m"}}),
        "jobs.data_quality.limits.age: m: got neither of above and below; write one",
    ),
    (
        job("data_quality", limits={"age": {"metric": "m", "above": 1, "below": 0}}),
        "jobs.data_quality.limits.age: m: got both of above and below; write one",
    ),
    (
        job("data_quality", schedule="cron(5 * ? * * *)"),
        "jobs.data_quality.schedule: Model Monitor knows hourly, daily and every few hours; write cron(0 * ? * * *), "
        "cron(0 6 ? * * *) or cron(0 0/6 ? * * *)",
    ),
    (
        {**job("model_quality", schedule="cron(0 * ? * * *)"), "compute": {"longest_seconds": 3600}},
        "jobs.model_quality: runs may take 3600 s, and the next one begins after 3600; at most 1800 are allowed; lower "
        "compute.longest_seconds or run it less often",
    ),
    (
        {"account": {"region": "eu-south-2", "id": "123456789012"}},
        "jobs.data_quality: no source tells of a prebuilt sagemaker-model-monitor-analyzer in eu-south-2; "
        "give the image",
    ),
    (
        job("data_quality", image="analyzer:latest"),
        "jobs.data_quality.image: not in an ECR registry, and SageMaker pulls from no other; write "
        "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>",
    ),
    (
        job("model_quality", problem="Ranking"),
        "jobs.model_quality.problem: input should be 'BinaryClassification', 'MulticlassClassification' or "
        "'Regression'",
    ),
    (
        job("model_quality", probability_threshold=1),
        "jobs.model_quality.probability_threshold: got 1, input should be less than 1",
    ),
    (
        job("bias", start_offset="1d"),
        "jobs.bias.start_offset: string should match pattern '^-P(\\d+D|T\\d+[HM])$'",
    ),
    (
        {"compute": {"instance_type": "ml.m5.huge"}},
        "compute.instance_type: got 'ml.m5.huge', no known instance type for hosting; nearest: ml.m5.large, "
        "ml.m5d.large, ml.m5.xlarge",
    ),
    (
        {"retraining": {"target_arn": "x", "role_arn": "retrain"}},
        "retraining.role_arn: not the ARN of a role; write arn:aws:iam::<account>:role/<name>",
    ),
    (
        {"jobs": {"data_drift": DATA_QUALITY}},
        "jobs.data_drift: no such field; allowed: data_quality, model_quality, bias, explainability; did you "
        "mean 'data_quality'?",
    ),
]


@pytest.mark.parametrize(("fields", "message"), BAD)
def test_bad_input_is_refused_in_one_sentence(fields, message):
    with pytest.raises(ConfigError) as error:
        ModelMonitorArgs.parse({**BASE, **fields})
    assert str(error.value) == f"configuration: 1 fault\n  {message}"
