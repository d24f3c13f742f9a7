"""A `Service` as a real-time endpoint: what each field becomes."""

import pytest
from components.aws.sagemaker.portables import AT_8, CANDIDATE, GIVEN, JWT, STABLE, TRAFFIC, Portable
from components.aws.sagemaker.samples import CONFIGURATION, only

from modelberth.aws.sagemaker.realtime import portable

KIND = Portable(portable, "aws:sagemaker/realtime", {"size": {"cpu": 2, "memory_gib": 8}})
TRIED = {**TRAFFIC, "candidate": CANDIDATE}
SLO = {"p95": "200ms"}


def stable(**fields):
    return KIND.endpoint(**fields).variants["stable"]


def test_a_minimal_service_is_one_instance_that_stays():
    args = KIND.endpoint()
    variant = args.variants["stable"]
    assert list(args.variants) == ["stable"]
    assert (variant.version, variant.instance_type, variant.initial_instance_count) == ("1.4.0", "ml.m7i.large", 1)
    assert (variant.weight, variant.scaling) == (100, None)
    assert (args.shadows, args.rollout, args.slo, args.gates, args.capture) == ({}, None, None, (), None)
    assert KIND.translated().front_door is None


@pytest.mark.parametrize(
    ("on", "signal", "target"),
    [
        ({"concurrency": 4}, "concurrent_requests", 4),
        ({"requests_per_second": 5}, "invocations_per_instance", 300),
        ({"cpu": "70%"}, "cpu_utilization", 0.7),
    ],
)
def test_a_signal_is_tracked_in_sagemakers_unit(on, signal, target):
    variant = stable(scale={"min": 2, "max": 8, "on": on})
    assert (variant.initial_instance_count, variant.scaling.min_capacity, variant.scaling.max_capacity) == (2, 2, 8)
    assert getattr(variant.scaling, signal).target == pytest.approx(target)


def test_the_clock_moves_instances():
    scaling = stable(scale={"min": 2, "max": 2, "schedule": [AT_8]}).scaling
    assert [(entry.cron, entry.min, entry.max) for entry in scaling.schedule] == [("0 8 * * *", 2, 4)]


def test_a_signal_may_move_in_a_range_that_the_clock_opens():
    scaling = stable(scale={"min": 2, "max": 2, "on": {"concurrency": 4}, "schedule": [AT_8]}).scaling
    assert scaling.concurrent_requests.target == 4


@pytest.mark.parametrize(
    ("rollout", "words"),
    [
        ({"blue_green": {"bake": "5m"}}, {"blue_green": {"bake": 300}}),
        ({"canary": {"steps": [10], "bake": 300}}, {"canary": {"percent": 10, "bake": 300}}),
        ({"linear": {"step": 25, "interval": "5m"}}, {"linear": {"step": 25, "interval": 300}}),
    ],
)
def test_a_strategy_in_sagemakers_words(rollout, words):
    assert KIND.endpoint(rollout=rollout, slo=SLO).rollout.model_dump(exclude_none=True) == words


def test_gates_pass_as_they_are():
    gates = [{"p95": {"below": "200ms"}}, {"error_rate": {"below": "1%"}}]
    args = KIND.endpoint(rollout={"canary": {"steps": [10]}, "gates": gates})
    assert [gate.model_dump(exclude_none=True, exclude={"min_sample"}) for gate in args.gates] == [
        {"p95": {"below": 0.2}},
        {"error_rate": {"below": 0.01}},
    ]


def test_a_candidate_is_a_second_variant():
    args = KIND.endpoint({**TRIED, "weight": 30})
    assert {name: (each.version, each.weight) for name, each in args.variants.items()} == {
        "stable": ("1.4.0", 70),
        "candidate": ("1.5.0", 30),
    }


def test_a_candidate_at_0_is_up_and_stays_at_0():
    assert {name: each.weight for name, each in KIND.endpoint(TRIED).variants.items()} == {
        "stable": 100,
        "candidate": 0,
    }


def test_a_mirrored_candidate_is_a_shadow_that_does_not_scale():
    args = KIND.endpoint({**TRIED, "mirror": 25}, scale={"min": 2, "max": 4, "on": {"concurrency": 4}})
    assert list(args.variants) == ["stable"]
    shadow = args.shadows["candidate"]
    assert (shadow.version, shadow.sample, shadow.initial_instance_count) == ("1.5.0", 25, 2)
    assert args.variants["stable"].weight == 100


def test_a_candidate_alone_changes_neither_the_stable_variant_nor_its_files():
    plain, tried = stable(), KIND.endpoint({**TRIED, "weight": 0}).variants["stable"]
    assert plain == tried


def test_capture_takes_the_foundations_key():
    capture = KIND.endpoint(data={"capture": {"sample": "5%", "expires": "7d"}}).capture
    assert (capture.sample, capture.expires) == (0.05, 604800)
    assert capture.encryption.arn == GIVEN["encryption"]["arn"]


def test_callers_come_through_an_api_that_knows_which_variant_serves_a_version():
    door = KIND.translated({**TRIED, "weight": 10}, access={"keys": ["web"]}).front_door
    assert door.versions == {"1.4.0": "stable", "1.5.0": "candidate"}
    assert door.callers.keys == ("web",)
    mirrored = KIND.translated({**TRIED, "mirror": 10}, access={"keys": ["web"]}).front_door
    assert mirrored.versions == {"1.4.0": "stable"}


def test_tokens_of_cognito_are_checked_by_the_api():
    door = KIND.translated(access={"jwt": JWT}).front_door
    assert door.callers.cognito.scopes == ("models/predict",)


def test_it_is_created_with_its_api_before_it():
    _, plan = KIND.deployed({"access": {"keys": ["web"]}}, {"stable": STABLE}, create=True)
    assert only(plan, "modelberth:index:RealtimeEndpoint").name == "ranker"
    assert only(plan, "modelberth:index:RestFrontDoor").name == "ranker"
    assert only(plan, CONFIGURATION).get("productionVariants")[0]["instanceType"] == "ml.m7i.large"
