"""What the jobs of Model Monitor may do, which images they run, and which inputs are refused."""

import pulumi
import pytest
from components.aws.sagemaker.monitor_plans import ACCOUNT, ALL, BASE, DATA_QUALITY, MAX, planned, statements

from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.model_monitor.config import ModelMonitorArgs
from modelberth.aws.sagemaker.model_monitor.definitions import KINDS
from modelberth.aws.sagemaker.model_monitor.images import prebuilt, prebuilt_image
from modelberth.aws.sagemaker.model_monitor.jobs import seconds_between
from modelberth.aws.sagemaker.model_monitor.monitor import ModelMonitor
from modelberth.core.errors import ConfigError
from modelberth_policies.resources import MISSING, UNKNOWN
from modelberth_policies.sources.program import run_in_process


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


def test_the_boundary_bounds_the_role():
    assert planned().of_type("aws:iam/role:Role")[0].get("permissionsBoundary") is MISSING
    assert planned(**MAX).of_type("aws:iam/role:Role")[0].get("permissionsBoundary") == MAX["permissions_boundary"]


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
