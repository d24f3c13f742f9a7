"""A run, played through whatever may happen to its job."""

import json

import pytest
from components.aws.sagemaker.batch.machine import EXECUTION, TaskError
from components.aws.sagemaker.batch.runs import FAILED_JOB, JOB, PUBLISH, STOP, WORKING, because, failing, played
from components.aws.sagemaker.batch.samples import LEAST, TOPIC


def test_a_run_that_succeeds_says_which_job_and_which_day():
    run = played(WORKING)
    assert run.states == ["Name", "Transform", "Done"]
    assert run.output == {"job": run.arguments(JOB)[0]["TransformJobName"], "day": "2026-11-21"}


@pytest.mark.parametrize("given", [None, {}, {"scheduled": "2026-11-22T00:00:00Z"}])
def test_by_hand_a_run_is_for_the_day_it_starts_or_for_the_day_it_is_given(given):
    assert played(WORKING, given).output["day"] == "2026-11-22"


def test_a_folder_without_a_day_is_the_same_in_every_run():
    args = {**LEAST, "input": {**LEAST["input"], "uri": "s3://records/all/"}}
    source = played(WORKING, args=args).arguments(JOB)[0]["TransformInput"]["DataSource"]["S3DataSource"]
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
    [
        ("SageMaker.AmazonSageMakerException", 5),
        ("ThrottlingException", 5),
        ("SageMaker.ResourceLimitExceededException", 4),
    ],
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
