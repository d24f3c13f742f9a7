"""Who may call a service, in the gateway's words: every field of its access is honoured or refused by name."""

import pytest
from components.kubernetes.gateway.samples import GATEWAY, ISTIO, JWT, LABELS, Endpoint, foundation
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Access, Refusal, Slo
from modelberth.kubernetes.gateway.config import FrontDoorArgs
from modelberth.kubernetes.gateway.portable import front_door, front_door_args
from modelberth.kubernetes.gateway.rate_limit import limit_of
from modelberth_policies.sources.program import run_in_process

STEADY = settings(derandomize=True, deadline=None)
RATE = {"per_key": "10/s", "burst": 600}
PUBLIC = {"reason": "shown at the fair", "auth": "keys", "rate_limit": "50/s"}
ALONE = foundation("envoy-gateway")


def translated(access, base=None, **fields):
    return front_door_args(Access.parse(access), base or foundation(), Labels.parse(LABELS), **fields)


def refused(access, base=None):
    result = translated(access, base)
    assert isinstance(result, list), result
    assert all(isinstance(refusal, Refusal) and refusal.why and refusal.fix for refusal in result)
    return [refusal.field for refusal in result]


def test_where_nobody_is_let_in_there_is_no_route():
    assert translated({}) is None
    assert translated({}, foundation(gateway=None)) is None


def test_keys_their_rate_and_tokens_are_all_said():
    args = translated({"keys": ["web"], "jwt": JWT, "rate": RATE})
    assert isinstance(args, FrontDoorArgs)
    assert args.callers.keys == ("web",)
    assert args.callers.jwt.model_dump(include=set(JWT)) == {**JWT, "audiences": ("models",)}
    assert (args.limits.per_client.requests, args.limits.per_client.per) == (600, "minute")
    assert args.limits.scope == "global"
    assert args.public is None
    assert args.labels == Labels.parse(LABELS)


@pytest.mark.parametrize(
    ("access", "auth"),
    [
        ({"public": {**PUBLIC, "auth": "none"}}, "none"),
        ({"keys": ["web"], "public": PUBLIC}, "keys"),
        ({"keys": ["web"], "jwt": JWT, "public": {**PUBLIC, "auth": "jwt"}}, "jwt"),
    ],
)
def test_a_public_service_has_its_reason_and_one_limit_of_all(access, auth):
    args = translated(access)
    assert (args.public.reason, args.public.auth) == ("shown at the fair", auth)
    assert (args.limits.total.requests, args.limits.total.per) == (50, "second")


def test_a_key_set_of_a_file_is_not_read_by_a_translation():
    assert translated({"jwt": {**JWT, "jwks": "/no/such/file.json"}}).callers.jwt.jwks == "/no/such/file.json"


def test_an_slo_is_the_endpoints_and_changes_no_route():
    assert translated({"keys": ["web"]}, slo=Slo(p95=0.2)) == translated({"keys": ["web"]})


REFUSED = {
    "no gateway": ({"keys": ["web"]}, foundation(gateway=None), ["access"]),
    "nothing that checks": ({"keys": ["web"]}, foundation("keda"), ["access"]),
    "a name twice": ({"keys": ["web", "web"]}, None, ["access.keys"]),
    "too many names": ({"keys": [f"c{number}" for number in range(257)]}, None, ["access.keys"]),
    "no issuer": ({"jwt": {**JWT, "issuer": ""}}, None, ["access.jwt.issuer"]),
    "no keys": ({"jwt": {**JWT, "jwks": ""}}, None, ["access.jwt.jwks"]),
    "keys over HTTP": ({"jwt": {**JWT, "jwks": "http://a.example"}}, None, ["access.jwt.jwks"]),
    "too many audiences": ({"jwt": {**JWT, "audiences": list("abcdefghi")}}, None, ["access.jwt.audiences"]),
    "a rate of nobody": ({"rate": RATE}, None, ["access.rate"]),
    "a burst that is none": ({"keys": ["web"], "rate": {**RATE, "burst": 20}}, None, ["access.rate"]),
    "a rate that is none": ({"keys": ["web"], "rate": {"per_key": 1e-9, "burst": 1}}, None, ["access.rate.per_key"]),
    "a rate that nobody counts": ({"keys": ["web"], "rate": RATE}, ALONE, ["access.rate"]),
    "strangers that nobody counts": ({"keys": ["web"], "public": PUBLIC}, ALONE, ["access.public"]),
    "another auth": ({"public": PUBLIC}, None, ["access.public"]),
    "a total that is none": (
        {"keys": ["web"], "public": {**PUBLIC, "rate_limit": 1e12}}, None, ["access.public.rate_limit"],
    ),
    "one above all": (
        {"keys": ["web"], "rate": {"per_key": 60, "burst": 60}, "public": PUBLIC}, None, ["access.rate.per_key"],
    ),
    "keys with Istio": ({"keys": ["web"]}, foundation(*ISTIO), ["access.keys"]),
    "all that Istio lacks": (
        {"jwt": JWT, "rate": RATE, "public": {**PUBLIC, "auth": "jwt"}}, foundation(*ISTIO),
        ["access.rate", "access.public"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("access", "base", "fields"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_gateway_cannot_honour_is_refused_by_name(access, base, fields):
    assert refused(access, base) == fields


def test_a_burst_that_cannot_be_said_comes_with_those_that_can():
    [refusal] = translated({"keys": ["web"], "rate": {"per_key": "100/s", "burst": 200}})
    assert refusal.why == (
        "a caller of 100/s may send at once what it may send in a second, a minute, an hour or a day; burst is 200"
    )
    assert refusal.fix == "write burst: 100 or 6000 or 360000 or 8640000"


AMOUNTS = st.floats(min_value=1e-12, max_value=1e15)
NAMES = st.lists(st.sampled_from(["a", "b"]), max_size=2)
WAYS = st.sampled_from(["keys", "jwt", "none"])
TEXTS = st.none() | st.tuples(st.text(max_size=300), st.text(max_size=300))
PLACES = st.sampled_from([foundation(), foundation(*ISTIO), ALONE, foundation(gateway=None)])


@STEADY
@given(AMOUNTS, st.integers(1, 10**13), AMOUNTS, NAMES, WAYS, TEXTS, PLACES)
def test_no_access_raises_and_what_is_honoured_has_the_rates_that_were_asked_for(
    rate, burst, total, keys, auth, token, base
):
    jwt = None if token is None else {"issuer": token[0], "audiences": ["models"], "jwks": token[1]}
    access = Access.parse(
        {
            "keys": keys,
            "jwt": jwt,
            "rate": {"per_key": rate, "burst": burst},
            "public": {"reason": "shown at the fair", "auth": auth, "rate_limit": total},
        }
    )
    found = front_door_args(access, base, None)
    if isinstance(found, FrontDoorArgs):
        assert found.limits.per_client.per_second == pytest.approx(rate, rel=1e-8)
        assert found.limits.total.per_second == pytest.approx(total, rel=1e-8)


@STEADY
@given(st.one_of(AMOUNTS, st.integers(1, 1000)), st.sampled_from([1, 60, 3600, 86400]))
def test_a_rate_as_high_as_the_total_is_never_above_it(total, seconds):
    burst = max(1, round(total * seconds))
    access = {"keys": ["web"], "rate": {"per_key": total, "burst": burst}, "public": {**PUBLIC, "rate_limit": total}}
    found = translated(access)
    if limit_of(total, burst) is not None and limit_of(total) is not None:
        assert isinstance(found, FrontDoorArgs)
    else:
        assert [refusal for refusal in found if " is above " in refusal.why] == []


def test_the_front_door_is_a_serving_endpoint():
    said = []

    def program():
        args = translated({"keys": ["web"]})
        made = front_door("ranker", args, Endpoint())
        said.append(isinstance(made, ServingEndpoint))

    run_in_process(program)
    assert said == [True]


@pytest.mark.parametrize("access", [{"keys": ["web"]}, {"jwt": JWT}])
def test_keys_and_tokens_are_refused_where_they_may_come_in_clear_text(access):
    bare = foundation(gateway={name: value for name, value in GATEWAY.items() if name != "listener"})
    [refusal] = translated(access, bare)
    assert (refusal.field, refusal.fix) == ("access", "name foundation.gateway.listener, the HTTPS one")
    assert refusal.why.startswith("there are keys or tokens, and foundation.gateway.listener is left out; ")
