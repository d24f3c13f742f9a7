"""Asynchronous endpoints that cannot be meant: each with its exact message."""

import pytest
from components.aws.sagemaker.samples import ARTEFACT, ASYNCHRONOUS, IMAGE, SLO, faults, planned

from modelberth.aws.sagemaker.asynchronous.config import AsyncEndpointArgs
from modelberth.aws.sagemaker.asynchronous.endpoint import AsyncEndpoint
from modelberth.core.errors import ConfigError

SCALING = {"min_capacity": 0, "max_capacity": 2, "backlog_per_instance": {"target": 5}}
ELSEWHERE = IMAGE.replace("eu-central-1", "us-east-1")
DONE, FAILED = "SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC"


def answers(**fields):
    return {"answers": {**ASYNCHRONOUS["answers"], **fields}}


REFUSED = {
    "answers and failures in one folder": (
        answers(failures="answers/"), "answers: prefix and failures are both answers/; give each a folder of its own",
    ),
    "requests where answers go": (
        {"requests": {"bucket": "jobs", "prefix": "answers/"}},
        "requests lie in answers/, where answers go; give each a folder",
    ),
    "requests where failures go": (
        {"requests": {"bucket": "jobs", "prefix": "failures/"}},
        "requests lie in failures/, where answers go; give each a folder",
    ),
    "requests where answers go, in the endpoint's own bucket": (
        {"requests": {"prefix": "answers/"}, "answers": {"prefix": "answers/", "failures": "failures/"}},
        "requests lie in answers/, where answers go; give each a folder",
    ),
    "an end in buckets of others": (
        {"expiration_days": 7},
        "expiration_days is for the endpoint's own bucket, and requests and answers have others; leave it out, or "
        "leave out a bucket",
    ),
    "an end at once": (
        {"requests": {"prefix": "requests/"}, "expiration_days": 0},
        "expiration_days: got 0, input should be greater than or equal to 1",
    ),
    "a folder without its slash": (
        answers(prefix="answers"), "answers.prefix: not a folder; write one like answers/ranker/, without *",
    ),
    "a folder that begins with a slash": (
        answers(prefix="/answers/"), "answers.prefix: not a folder; write one like answers/ranker/, without *",
    ),
    "a folder for all": (
        answers(prefix="*/"), "answers.prefix: not a folder; write one like answers/ranker/, without *",
    ),
    "a bucket with its address": (
        answers(bucket="s3://jobs"),
        "answers.bucket: not the name of a bucket; write it alone, without s3:// and folders",
    ),
    "a topic that is none": (
        answers(success_topic="done"),
        "answers.success_topic: not the ARN of a topic; write arn:aws:sns:<region>:<account>:<name>",
    ),
    "an answer to nobody": (
        answers(response_in=[DONE]),
        "answers: response_in names the success topic, and there is none; give success_topic",
    ),
    "a failure to nobody": (
        answers(response_in=[FAILED]),
        "answers: response_in names the error topic, and there is none; give error_topic",
    ),
    "an answer to a topic that SageMaker does not know": (
        answers(response_in=["DONE"]),
        "answers: response_in has 'DONE'; allowed: SUCCESS_NOTIFICATION_TOPIC, ERROR_NOTIFICATION_TOPIC",
    ),
    "three topics": (
        answers(response_in=[DONE, FAILED, DONE]),
        "answers.response_in: tuple should have at most 2 items after validation, not 3",
    ),
    "guarded without an SLO": (
        {"rollout": {"canary": {"percent": 10}}}, "rollout.canary: nothing says when to roll back; give slo",
    ),
    "Inf1 under guard": (
        {"instance_type": "ml.inf1.xlarge", "rollout": {"blue_green": {}}, "slo": SLO},
        "rollout.blue_green: ml.inf1.xlarge is Inf1, which SageMaker does not guard; take Inf2",
    ),
    "gates": (
        {"gates": [{"p95": {"below": 1}}]},
        "gates: no such field; allowed: foundation, artefact, instance_type, requests, answers, "
        "expiration_days, initial_instance_count, max_concurrent_per_instance, scaling, rollout, slo, labels",
    ),
    "many models": (
        {"artefact": {**ARTEFACT, "many": True}},
        "artefact: many models in one container are not served from a queue; take realtime",
    ),
    "no instance": (
        {"initial_instance_count": 0}, "initial_instance_count: got 0, input should be greater than or equal to 1",
    ),
    "down to none without a signal": (
        {"scaling": {"min_capacity": 0, "max_capacity": 2}},
        "scaling: the floor is 0, and nothing goes down to it; give backlog_per_instance, or write 1",
    ),
    "the concurrency of another kind": (
        {"scaling": {"min_capacity": 1, "max_capacity": 2, "concurrent_requests": {"target": 4}}},
        "scaling.concurrent_requests: no such field; allowed: min_capacity, max_capacity, backlog_per_instance, "
        "schedule, scale_in_cooldown, scale_out_cooldown",
    ),
    "a burstable type that scales": (
        {"instance_type": "ml.t2.large", "scaling": SCALING},
        "scaling: ml.t2.large is burstable, and its load says nothing of its capacity; take a type such as "
        "ml.m7i.large, or leave scaling out",
    ),
    "a first count above the ceiling": (
        {"initial_instance_count": 3, "scaling": SCALING},
        "initial_instance_count is 3, above scaling.max_capacity 2; raise max_capacity or lower it",
    ),
    "a thousand and one at a time": (
        {"max_concurrent_per_instance": 1001},
        "max_concurrent_per_instance: got 1001, input should be less than or equal to 1000",
    ),
    "an unknown instance type": (
        {"instance_type": "ml.g5.3xlarge"},
        "instance_type: got 'ml.g5.3xlarge', no known instance type for hosting; nearest: ml.g5.xlarge, "
        "ml.g5.8xlarge, ml.g5.4xlarge",
    ),
    "an image of another region": (
        {"artefact": {**ARTEFACT, "containers": [{"image": ELSEWHERE}]}},
        "version 1.4.0: an image is in us-east-1, and SageMaker pulls from the region of the endpoint only, "
        "eu-central-1; copy it there",
    ),
    "a shadow": (
        {"shadows": {}},
        "shadows: no such field; allowed: foundation, artefact, instance_type, requests, answers, "
        "expiration_days, initial_instance_count, max_concurrent_per_instance, scaling, rollout, slo, labels",
    ),
}  # fmt: skip


def test_one_folder_in_two_buckets_is_two_folders():
    given = {**ASYNCHRONOUS, "requests": {"prefix": "answers/"}}
    assert faults(lambda: AsyncEndpointArgs.parse(given)) == []


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case):
    fields, message = REFUSED[case]
    assert faults(lambda: AsyncEndpointArgs.parse({**ASYNCHRONOUS, **fields})) == [message]


def test_a_latency_of_0_is_refused():
    with pytest.raises(ConfigError) as error:
        planned(AsyncEndpoint, {**ASYNCHRONOUS, "slo": {"p50": 0}})
    told = "prod-ranker: slo.p50 is 0, and no answer takes no time; write a time above 0"
    assert [str(fault) for fault in error.value.faults] == [told]
