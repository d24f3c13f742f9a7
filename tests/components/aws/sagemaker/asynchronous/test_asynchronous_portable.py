"""A `Service` as an asynchronous endpoint: what each field becomes."""

import pytest
from components.aws.sagemaker.portables import AT_8, Portable
from components.aws.sagemaker.samples import only

from modelberth.aws.sagemaker.asynchronous import portable

KIND = Portable(portable, "aws:sagemaker/asynchronous", {"size": {"cpu": 2, "memory_gib": 8}})


def test_a_minimal_service_has_folders_in_the_endpoints_own_bucket():
    args = KIND.endpoint()
    assert (args.artefact.version, args.instance_type, args.initial_instance_count) == ("1.4.0", "ml.m7i.large", 1)
    assert (args.requests.bucket, args.requests.prefix) == (None, "ranker-requests/")
    assert (args.answers.bucket, args.answers.prefix, args.answers.failures) == (
        None,
        "ranker-answers/",
        "ranker-failures/",
    )
    assert (args.scaling, args.rollout, args.slo) == (None, None, None)
    assert KIND.translated().front_door is None


def test_down_to_none_and_never_created_without_an_instance():
    args = KIND.endpoint(scale={"min": 0, "max": 3, "on": {"concurrency": 5}})
    assert args.initial_instance_count == 1
    assert (args.scaling.min_capacity, args.scaling.max_capacity) == (0, 3)
    assert args.scaling.backlog_per_instance.target == 5


def test_the_clock_moves_instances():
    scaling = KIND.endpoint(scale={"min": 1, "max": 1, "schedule": [{**AT_8, "min": 1}]}).scaling
    assert [(entry.min, entry.max) for entry in scaling.schedule] == [(1, 4)]


@pytest.mark.parametrize(
    ("rollout", "words"),
    [
        ({"blue_green": {"bake": "5m"}}, {"blue_green": {"bake": 300}}),
        ({"canary": {"steps": [10], "bake": 300}}, {"canary": {"percent": 10, "bake": 300}}),
        ({"linear": {"step": 25, "interval": "5m"}}, {"linear": {"step": 25, "interval": 300}}),
    ],
)
def test_a_strategy_in_sagemakers_words(rollout, words):
    assert KIND.endpoint(rollout=rollout, slo={"p95": "1s"}).rollout.model_dump(exclude_none=True) == words


def test_payloads_never_lie_in_the_registrys_bucket():
    _, plan = KIND.deployed({}, create=True)
    [configuration] = plan.of_type("aws:sagemaker/endpointConfiguration:EndpointConfiguration")
    output = configuration.get("asyncInferenceConfig.outputConfig")
    assert output["s3OutputPath"] == "s3://prod-ranker-payloads--123456789012/ranker-answers/"
    assert output["s3FailurePath"] == "s3://prod-ranker-payloads--123456789012/ranker-failures/"
    policies = [each.get("policy") for each in plan.of_type("aws:iam/rolePolicy:RolePolicy")]
    assert any("arn:aws:s3:::prod-ranker-payloads--123456789012/ranker-requests/*" in policy for policy in policies)
    assert not any("arn:aws:s3:::models/ranker-" in policy for policy in policies)


def test_it_is_created_without_an_api():
    _, plan = KIND.deployed({}, create=True)
    assert only(plan, "modelberth:index:AsyncEndpoint").name == "ranker"
    assert not plan.of_type("modelberth:index:RestFrontDoor")
