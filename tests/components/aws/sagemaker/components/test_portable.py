"""A `Service` as an inference component: what each field becomes, and the exact words in which others are refused."""

import pulumi
import pytest
from component_endpoints import ACCOUNT, FOUNDATION, IMAGE

from modelberth.aws.sagemaker.components import portable
from modelberth.aws.sagemaker.components.config import InferenceComponentEndpointArgs
from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth_policies.sources.program import run_in_process

DIGEST = "sha256:" + "0" * 64
STABLE = {"uri": "models:/ranker/1.4.0", "digest": DIGEST}
TRAFFIC = Traffic.parse({"stable": STABLE})
CANDIDATE = Traffic.parse({"stable": STABLE, "candidate": {**STABLE, "uri": "models:/ranker/1.5.0"}, "weight": 10})
LABELS = Labels(
    owner="o", environment="e", cost_centre="c", service="ranker", model="ranker", version="1.4.0",
    data_classification="internal",
)  # fmt: skip
PLAIN = {
    "on": "aws:sagemaker/components",
    "model": {"uri": "models:/ranker/1.4.0"},
    "size": {"cpu": 2, "memory_gib": 8},
    "scale": {"min": 0, "max": 3, "on": {"concurrency": 4}},
}
GIVEN = {
    "account": ACCOUNT,
    "network": {**FOUNDATION["network"], "api_endpoint_id": "vpce-1"},
    "encryption": FOUNDATION["encryption"],
    "registry": FOUNDATION["registry"],
    "images": {"serving": IMAGE},
}


def deployed(fields, traffic=TRAFFIC, create=False):
    """What a service becomes, and the plan of it."""
    found = []

    def program():
        foundation = portable.foundation("aws", GIVEN, LABELS)
        made = portable.translate(Service.parse({**PLAIN, **fields}), traffic, LABELS, foundation)
        found.append(made)
        if create:
            assert isinstance(made, Translation)
            pulumi.export("url", portable.create("ranker", made, foundation).url)

    plan = run_in_process(program, stack="prod")
    return found[0], plan


def translated(traffic=TRAFFIC, **fields):
    return deployed(fields, traffic)[0]


def arguments(**fields):
    made = translated(**fields)
    assert isinstance(made, Translation), made
    assert isinstance(made.endpoint, InferenceComponentEndpointArgs)
    return made.endpoint


def refusals(traffic=TRAFFIC, **fields):
    made = translated(traffic, **fields)
    assert isinstance(made, Unsupported), made
    return {refusal.field: f"{refusal.why}; {refusal.fix}" for refusal in made.refusals}


def test_a_service_that_scales_to_zero():
    args = arguments()
    model = args.components["stable"]
    assert args.instance_type == "ml.m7i.large"
    assert (args.instances.min_instance_count, args.instances.max_instance_count) == (0, 3)
    assert model.scaling is not None
    assert (model.scaling.min_capacity, model.scaling.max_capacity) == (0, 3)
    assert model.scaling.concurrent_requests_per_copy is not None
    assert model.scaling.concurrent_requests_per_copy.target == 4
    assert model.version == "1.4.0"
    assert model.container.model_data == f"s3://models/ranker/1.4.0/{DIGEST.replace(':', '-')}/"
    assert (args.rolling, args.slo, translated().front_door) == (None, None, None)


@pytest.mark.parametrize(
    ("size", "type_", "reserved"),
    [
        ({"cpu": 2, "memory_gib": 8}, "ml.m7i.large", {"cpu_cores": 1.25}),
        ({"cpu": 4, "memory_gib": 16}, "ml.m7i.xlarge", {"cpu_cores": 2.25}),
        ({"cpu": 48, "memory_gib": 192, "gpu": {"type": "a10g", "count": 4}}, "ml.g5.12xlarge", {"accelerators": 4}),
    ],
)
def test_a_copy_takes_an_instance_for_itself(size, type_, reserved):
    args = arguments(size=size)
    asked = args.components["stable"].requirements.model_dump(exclude_none=True)
    assert (args.instance_type, asked) == (type_, {"min_memory_mib": 1024, **reserved})


def test_a_rate_is_counted_by_the_minute():
    model = arguments(scale={"min": 1, "max": 2, "on": {"requests_per_second": 5}}).components["stable"]
    assert model.scaling is not None
    assert model.scaling.invocations_per_copy is not None
    assert model.scaling.invocations_per_copy.target == 300


def test_a_number_that_stays_is_a_number_of_copies():
    args = arguments(scale={"min": 2, "max": 2})
    assert (args.components["stable"].copies, args.components["stable"].scaling) == (2, None)
    assert (args.instances.min_instance_count, args.instances.max_instance_count) == (2, 2)


def test_the_clock_moves_instances_and_copies():
    schedule = [{"cron": "0 8 * * 1-5", "min": 2, "max": 6}, {"cron": "0 20 * * *", "min": 0, "max": 3}]
    args = arguments(scale={"min": 1, "max": 3, "on": {"concurrency": 4}, "schedule": schedule})
    assert (args.instances.min_instance_count, args.instances.max_instance_count) == (0, 6)
    scaling = args.components["stable"].scaling
    assert scaling is not None
    assert [entry.max for entry in scaling.schedule] == [6, 3]


def test_what_is_promised_and_how_long_logs_are_kept():
    args = arguments(slo={"p95": "200ms"}, data={"retention": "30d", "residency": "eu"})
    assert args.slo is not None
    assert args.slo.p95 == 0.2
    assert args.foundation.log_retention_days == 30
    assert args.labels == LABELS


def test_the_api_names_the_component_with_every_request():
    made, plan = deployed({"access": {"keys": ["web"]}}, create=True)
    assert made.front_door.request.target == "inference_component"
    assert made.front_door.request.default_version == "1.4.0"
    [integration] = plan.of_type("aws:apigateway/integration:Integration")
    template = integration.get("requestTemplates")["application/json"]
    assert 'header["X-Amzn-SageMaker-Inference-Component"] = "prod-ranker--stable"' in template


def test_a_service_whose_callers_are_principals_has_no_api():
    _, plan = deployed({}, create=True)
    assert not plan.of_type("aws:apigateway/restApi:RestApi")
    assert plan.of_type("aws:sagemaker/endpoint:Endpoint")


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"runtime": "triton"}, "runtime",
         "no image of triton is in foundation.aws.images; there are: serving; add it there, by digest"),
        ({"size": {"cpu": 3, "memory_gib": 8}}, "size.cpu",
         "no instance type has exactly this size (3 cores); near it: ml.c7i.xlarge (4 cores, 8 GiB), ml.c6i.xlarge (4 "
         "cores, 8 GiB), ml.c5.xlarge (4 cores, 8 GiB); write one"),
        ({"size": {"cpu": 2, "memory_gib": 9}}, "size.memory_gib",
         "no instance type has exactly this size (9 GiB); near it: ml.m7i.large (2 cores, 8 GiB), ml.m6i.large (2 "
         "cores, 8 GiB), ml.m5.large (2 cores, 8 GiB); write one"),
        ({"scale": {"min": 0, "max": 2}}, "scale.on",
         "min is 0, and nothing goes down to it; write concurrency or requests_per_second"),
        ({"scale": {"min": 1, "max": 2, "schedule": [{"cron": "0 20 * * *", "min": 0, "max": 1}]}}, "scale.on",
         "min is 0, and nothing goes down to it; write concurrency or requests_per_second"),
        ({"scale": {"min": 0, "max": 2, "on": {"cpu": "70%"}}}, "scale.on.cpu",
         "copies follow requests, not processors; write concurrency or requests_per_second"),
        ({"scale": {"min": 2, "max": 2, "on": {"concurrency": 4}}}, "scale.on",
         "min and max are both 2, so nothing moves; raise max, or leave it out"),
        ({"data": {"capture": {"sample": "10%", "expires": "14d"}}}, "data.capture",
         "requests to inference components are not kept here; take aws:sagemaker/realtime, or leave it out"),
        ({"data": {"residency": "us"}}, "data.residency", "the region is eu-central-1; choose another region"),
        ({"data": {"retention": "31d"}}, "data.retention",
         "CloudWatch keeps logs for certain numbers of days only, 31 is none of them; write 30d, 90d or 365d"),
        *(
            ({"rollout": {strategy: words}}, f"rollout.{strategy}",
             "copies are replaced all at once, or in shares of them, which is native: {rolling: {batch: 50}}; leave it "
             "out")
            for strategy, words in {
                "blue_green": {}, "canary": {"steps": [10]}, "linear": {"step": 10, "interval": "5m"}, "rolling": {}
            }.items()
        ),
        ({"rollout": {"gates": [{"error_rate": {"below": "1%"}}]}}, "rollout.gates",
         "copies are replaced all at once, or in shares of them, which is native: {rolling: {batch: 50}}; leave them "
         "out"),
        ({"access": {"keys": ["web", "web"]}}, "access.keys", "web stands there twice; name each caller once"),
    ],
)  # fmt: skip
def test_what_cannot_be_honoured_is_refused_by_name(fields, field, words):
    assert refusals(**fields) == {field: words}


def test_there_are_no_weights_between_components():
    assert refusals(CANDIDATE) == {
        "rollout": "the rollouts file names a candidate, and aws:sagemaker/components serves one version; take the "
        "candidate out of the rollouts file"
    }


def test_all_refusals_come_together():
    found = refusals(CANDIDATE, runtime="triton", scale={"min": 0, "max": 1}, size={"cpu": 3, "memory_gib": 8})
    assert set(found) == {"runtime", "scale.on", "size.cpu", "rollout"}
