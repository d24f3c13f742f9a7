"""The state machine: valid for AWS, and played through whatever may happen to a job."""

import json
import re

import boto3
import pytest
from botocore.validate import ParamValidator
from cfnlint.api import lint
from components.aws.sagemaker.batch.machine import EXECUTION, TaskError, play
from components.aws.sagemaker.batch.samples import LEAST, MOST, TOPIC
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.sagemaker.batch.config import BatchTransformArgs
from modelberth.aws.sagemaker.batch.definition import definition, job_prefix
from modelberth.aws.sagemaker.batch.transform import batch_of

SCHEDULED = {"scheduled": "2026-11-21T02:30:00Z"}
JOB, STOP, PUBLISH = "createTransformJob.sync", "stopTransformJob", "publish"
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
FAILED_JOB = {"TransformJobName": "prod-scores--0", "TransformJobStatus": "Failed"}


def machine(args=LEAST, topic=TOPIC, **run):
    parsed = BatchTransformArgs.parse({**args, "run": {**args.get("run", {}), **run}})
    known = {
        "model": "prod-scores--abc", "input": parsed.input.uri, "output": parsed.output.uri, "output_key": "arn:o",
        "volume_key": "arn:v", "topic": topic,
    }  # fmt: skip
    return definition(batch_of(parsed, "prod-scores", known))


def faults(states):
    """What cfn-lint says of a definition."""
    properties = {"RoleArn": "arn:aws:iam::123456789012:role/run", "DefinitionString": json.dumps(states)}
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    return [str(match.message) for match in lint(json.dumps({"Resources": {"Machine": resource}}))]


def failing(*causes, otherwise=None):
    """A service that fails so many times, and then answers."""

    def answer(before):
        if before < len(causes):
            raise causes[before] if isinstance(causes[before], TaskError) else TaskError("States.TaskFailed", causes[before])
        return otherwise if otherwise is not None else {}

    return answer


def because(reason):
    return json.dumps({**FAILED_JOB, "FailureReason": reason})


def played(job, given=SCHEDULED, args=LEAST, topic=TOPIC, stop=failing(), publish=failing(), **run):
    return play(machine(args, topic, **run), {JOB: job, STOP: stop, PUBLISH: publish}, given)


@pytest.mark.parametrize("args", [LEAST, MOST])
@pytest.mark.parametrize("topic", [TOPIC, None])
@pytest.mark.parametrize("restarts", [0, 3])
def test_the_definition_is_valid(args, topic, restarts):
    assert faults(machine(args, topic, restarts=restarts, timeout="1h")) == []


def test_what_is_not_valid_is_found():
    states = machine()
    states["States"]["Transform"]["Next"] = "Nowhere"
    assert any("Nowhere" in fault for fault in faults(states))
    del states["States"]["Transform"]["Resource"]
    assert any("'Resource' is a required property" in fault for fault in faults(states))


def test_every_state_is_reached_by_another():
    states = machine()["States"]
    named = {"Name", *re.findall(r'"(?:Next|Default)": "(\w+)"', json.dumps(states))}
    assert named == states.keys()


@pytest.mark.parametrize("args", [LEAST, MOST])
def test_what_sagemaker_is_asked_for_is_what_its_api_takes(args):
    asked = played(failing(), args=args).arguments(JOB)[0]
    model = boto3.session.Session(region_name="eu-central-1").client("sagemaker").meta.service_model
    shape = model.operation_model("CreateTransformJob").input_shape
    assert ParamValidator().validate(asked, shape).generate_report() == ""
    misspelt = ParamValidator().validate({**asked, "DataProcesing": {}}, shape).generate_report()
    assert "Unknown parameter in input" in misspelt


def test_the_least_that_is_asked_for():
    assert played(failing()).arguments(JOB) == [
        {
            "TransformJobName": "prod-scores--c0f0a8e2f3e5a4c1",
            "ModelName": "prod-scores--abc",
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://records/in/2026-11-21/"}},
                "ContentType": "text/csv",
                "SplitType": "None",
                "CompressionType": "None",
            },
            "TransformOutput": {
                "S3OutputPath": "s3://records/out/2026-11-21/", "AssembleWith": "None", "KmsKeyId": "arn:o",
            },
            "TransformResources": {
                "InstanceType": "ml.m6i.large", "InstanceCount": 1, "VolumeKmsKeyId": "arn:v",
            },
            "Tags": [{"Key": "version", "Value": "1.4.0"}],
        }
    ]  # fmt: skip


def test_a_run_that_succeeds_says_which_job_and_which_day():
    run = played(failing())
    assert run.states == ["Name", "Transform", "Done"]
    assert run.output == {"job": run.arguments(JOB)[0]["TransformJobName"], "day": "2026-11-21"}


@pytest.mark.parametrize("given", [None, {}, {"scheduled": "2026-11-22T00:00:00Z"}])
def test_by_hand_a_run_is_for_the_day_it_starts_or_for_the_day_it_is_given(given):
    assert played(failing(), given).output["day"] == "2026-11-22"


def test_a_folder_without_a_day_is_the_same_in_every_run():
    args = {**LEAST, "input": {**LEAST["input"], "uri": "s3://records/all/"}}
    source = played(failing(), args=args).arguments(JOB)[0]["TransformInput"]["DataSource"]["S3DataSource"]
    assert source["S3Uri"] == "s3://records/all/"


def test_a_failed_run_fails_with_sagemakers_reason_and_tells_it():
    reason = "AlgorithmError: the container exited with 137"
    run = played(failing(because(reason)))
    assert run.states == ["Name", "Transform", "Judge", "Tell", "Failed"]
    assert (run.error, run.cause) == ("States.TaskFailed", reason)
    (told,) = run.arguments(PUBLISH)
    job = run.arguments(JOB)[0]["TransformJobName"]
    assert told == {
        "TopicArn": TOPIC,
        "Subject": "prod-scores: batch transform failed",
        "Message": (
            f"The transform job {job} for 2026-11-21 failed: {reason} (States.TaskFailed). Its logs are the streams "
            f"{job}/… of /aws/sagemaker/TransformJobs; the run is {EXECUTION}"
        ),
    }


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (because("ClientError: No S3 objects found under S3 URL"), "ClientError: No S3 objects found under S3 URL"),
        (json.dumps({**FAILED_JOB, "TransformJobStatus": "Stopped"}), "the job is Stopped"),
        ("Could not find model (Service: SageMaker, Status Code: 400)",) * 2,
        (TaskError("SageMaker.ResourceInUseException"), "SageMaker.ResourceInUseException"),
        (json.dumps({"unknown": 1}), '{"unknown": 1}'),
    ],
)
def test_there_is_a_reason_whatever_failed(failure, cause):
    assert played(failing(failure)).cause == cause


@pytest.mark.parametrize("kind", ["CapacityError: Unable to provision", "InternalServerError: We encountered"])
def test_what_sagemaker_failed_is_tried_again_under_another_name(kind):
    run = played(failing(because(kind), because(kind)), restarts=2)
    assert run.states == ["Name", "Transform", "Judge", "Pause", "Transform", "Judge", "Pause", "Transform", "Done"]
    names = [asked.pop("TransformJobName") for asked in run.arguments(JOB)]
    assert len(set(names)) == 3
    assert run.output["job"] == names[-1]
    first, *others = run.arguments(JOB)
    assert all({**other, "TransformJobName": ""} == {**first, "TransformJobName": ""} for other in others)


def test_after_the_last_restart_it_has_failed():
    run = played(failing(*[because("CapacityError: none")] * 9), restarts=2)
    assert len(run.arguments(JOB)) == 3
    assert (run.states[-2:], run.cause) == (["Tell", "Failed"], "CapacityError: none")


def test_without_restarts_nothing_is_tried_again():
    run = played(failing(because("CapacityError: none")), restarts=0)
    assert run.states == ["Name", "Transform", "Tell", "Failed"]


@pytest.mark.parametrize(
    ("error", "tries"),
    [("SageMaker.AmazonSageMakerException", 5), ("ThrottlingException", 5), ("SageMaker.ResourceLimitExceededException", 4)],
)
def test_a_job_that_could_not_be_asked_for_is_asked_for_again_under_the_same_name(error, tries):
    run = played(failing(*[TaskError(error, "Rate exceeded")] * tries))
    assert run.states == ["Name", "Transform", "Done"]
    assert len(run.arguments(JOB)) == tries + 1
    assert len({asked["TransformJobName"] for asked in run.arguments(JOB)}) == 1
    given_up = played(failing(*[TaskError(error, "Rate exceeded")] * (tries + 1)))
    assert (given_up.error, given_up.cause) == (error, "Rate exceeded")


def test_a_job_that_takes_too_long_is_stopped_and_not_tried_again():
    run = played(failing(TaskError("States.Timeout")), timeout="1h")
    assert run.states == ["Name", "Transform", "Stop", "Tell", "Failed"]
    assert run.arguments(STOP) == [{"TransformJobName": run.arguments(JOB)[0]["TransformJobName"]}]
    assert (run.error, run.cause) == ("States.Timeout", "it took longer than 3600 s, and was stopped")


def test_a_job_that_could_not_be_stopped_is_said_to_go_on():
    refused = failing(*[TaskError("SageMaker.SageMakerException")] * 4)
    run = played(failing(TaskError("States.Timeout")), timeout="1h", stop=refused)
    assert len(run.arguments(STOP)) == 4
    assert run.cause == "it took longer than 3600 s, and could not be stopped: SageMaker.SageMakerException"


def test_who_cannot_be_told_does_not_hide_the_reason():
    run = played(failing(because("ClientError: x")), publish=failing(*["KMS says no"] * 4))
    assert (run.states[-2:], run.cause) == (["Tell", "Failed"], "ClientError: x")
    assert len(run.arguments(PUBLISH)) == 4


def test_without_a_topic_nobody_is_told():
    run = played(failing(because("ClientError: x")), topic=None)
    assert (run.states[-1], run.cause, run.arguments(PUBLISH)) == ("Failed", "ClientError: x", [])


def test_two_executions_never_meet_in_a_name_and_the_same_one_keeps_its_own():
    names = [
        play(machine(), {JOB: failing()}, SCHEDULED, execution).output["job"]
        for execution in (EXECUTION, EXECUTION + "0", EXECUTION)
    ]
    assert names[0] != names[1] and names[0] == names[2]


@given(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", fullmatch=True))
def test_a_job_name_is_one_for_sagemaker_however_long_the_prefix_would_be(name):
    prefix = job_prefix(name)
    assert NAME.fullmatch(f"{prefix}--{'0' * 16}")
    assert prefix == name if len(name) <= 45 else prefix.startswith(name[:30])


def test_long_names_that_begin_alike_stay_apart():
    assert job_prefix("a" * 60) != job_prefix("a" * 61)


def test_limits_of_time_are_those_of_the_run():
    states = machine(timeout="1h", restarts=1)
    assert (states["TimeoutSeconds"], states["States"]["Transform"]["TimeoutSeconds"]) == (8940, 3600)
