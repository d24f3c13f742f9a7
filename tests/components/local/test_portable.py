"""A `Service` on a plain machine: what each field becomes, and the exact words in which the others are refused."""

import pytest

from modelberth.core.labels import Labels
from modelberth.core.service import Service, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.local import portable
from modelberth_policies.sources.program import run_in_process

PLAIN = {"on": "local", "model": {"uri": "models:/iris/1.0.0"}}
TRAFFIC = Traffic.parse({"stable": {"uri": "models:/iris/1.0.0", "digest": "sha256:" + "0" * 64}})
LABELS = Labels(
    owner="o", environment="e", cost_centre="c", service="iris", model="iris", version="1.0.0",
    data_classification="public",
)  # fmt: skip
JWT = {"issuer": "https://i.example", "audiences": ["a"]}
ONE = "a version runs as one process here"


def translated(**fields):
    found = []

    def program():
        foundation = portable.foundation("local", {}, LABELS)
        found.append(portable.translate(Service.parse({**PLAIN, **fields}), TRAFFIC, LABELS, foundation))

    run_in_process(program)
    return found[0]


def arguments(**fields):
    result = translated(**fields)
    assert not isinstance(result, Unsupported), result
    return result.endpoint


def test_a_minimal_service_needs_nothing_more():
    args = arguments()
    assert (args.clients, args.jwt, args.rate, args.port) == ((), None, None, None)
    assert (args.runtime, args.threads, args.memory_mib) == ("serving", 1, 2048)
    assert (args.traffic, args.labels) == (TRAFFIC, LABELS)
    assert translated().front_door is None


@pytest.mark.parametrize(
    ("fields", "argument", "value"),
    [
        ({"size": {"cpu": 4}}, "threads", 4),
        ({"size": {"cpu": 256}}, "threads", 256),
        ({"size": {"memory_gib": 0.5}}, "memory_mib", 512),
        ({"access": {"keys": ["web", "batch"]}}, "clients", ("web", "batch")),
    ],
)
def test_a_field_in_the_words_of_the_machine(fields, argument, value):
    assert getattr(arguments(**fields), argument) == value


def test_callers_and_their_limits_pass_as_they_are():
    access = {"jwt": {**JWT, "jwks": "keys.json"}, "rate": {"per_key": "10/s", "burst": 20}}
    args = arguments(access=access)
    assert (args.jwt.jwks, args.rate.per_key, args.rate.burst) == ("keys.json", 10, 20)


def test_all_at_once_is_what_a_machine_does():
    assert arguments(rollout={"all_at_once": {}}) is not None


REFUSED = {
    "runtime": ({"runtime": "triton"}, "triton needs a container", "write serving"),
    "size.cpu": (
        {"size": {"cpu": 1.5}}, "1.5 cores are no whole number of threads from 1 to 256", "write one of these"
    ),
    "size.gpu": ({"size": {"gpu": {"type": "l4"}}}, "no accelerator is reserved on a plain machine", "leave it out"),
    "scale.min": ({"scale": {"min": 0}}, f"got 0; {ONE}", "write 1"),
    "scale.max": ({"scale": {"max": 8}}, f"got 8; {ONE}", "write 1"),
    "scale.on": ({"scale": {"on": {"cpu": "70%"}}}, ONE, "leave it out"),
    "scale.schedule": ({"scale": {"schedule": [{"cron": "0 6 * * *", "min": 1, "max": 1}]}}, ONE, "leave it out"),
    **{
        f"rollout.{name}": (
            {"rollout": {name: content}},
            "nothing carries out steps here",
            "change the weight in the rollouts file",
        )
        for name, content in {
            "blue_green": {},
            "canary": {"steps": [10]},
            "linear": {"step": 10, "interval": 60},
            "rolling": {},
            "shadow": {},
            "ab_test": {"variants": {"a": 50, "b": 50}},
        }.items()
    },
    "rollout.gates": ({"rollout": {"gates": [{"p95": {"below": 1}}]}}, "nothing watches gates here", "leave them out"),
    "access.jwt.jwks": (
        {"access": {"jwt": {**JWT, "jwks": "https://i.example/keys"}}},
        "the gateway fetches nothing",
        "save the key set and write the path of the file",
    ),
    "access.public": (
        {"access": {"public": {"reason": "shown at the fair", "auth": "keys", "rate_limit": "1/s"}}},
        "the gateway listens on 127.0.0.1 only",
        "leave it out",
    ),
    "slo": ({"slo": {"p95": "1s"}}, "no alarm is made here", "leave it out"),
    "data.residency": ({"data": {"residency": "eu"}}, "a machine does not know where it stands", "leave it out"),
    "data.capture": (
        {"data": {"capture": {"sample": "1%", "expires": "1d"}}}, "requests are never kept here", "leave it out"
    ),
    "data.retention": ({"data": {"retention": "30d"}}, "logs are kept by size, not by age", "leave it out"),
}  # fmt: skip


@pytest.mark.parametrize("field", REFUSED)
def test_refused_by_name(field):
    fields, why, fix = REFUSED[field]
    refusals = translated(**fields).refusals
    assert [(refusal.field, refusal.why, refusal.fix) for refusal in refusals] == [(field, why, fix)]


@pytest.mark.parametrize(
    ("size", "field", "why", "fix"),
    [
        ({"cpu": 257}, "size.cpu", "257 cores are no whole number of threads from 1 to 256", "write one of these"),
        (
            {"memory_gib": 0.25},
            "size.memory_gib",
            "0.25 GiB are below the 512 MiB that a model server needs to start",
            "raise it",
        ),
    ],
)
def test_more_or_less_than_one_process_can_have_is_refused_by_name(size, field, why, fix):
    refusals = translated(size=size).refusals
    assert [(refusal.field, refusal.why, refusal.fix) for refusal in refusals] == [(field, why, fix)]


def test_all_refusals_come_together():
    fields = {"slo": {"p95": "1s"}, "scale": {"min": 2, "max": 3}, "runtime": "triton"}
    assert [refusal.field for refusal in translated(**fields).refusals] == ["runtime", "scale.min", "scale.max", "slo"]
