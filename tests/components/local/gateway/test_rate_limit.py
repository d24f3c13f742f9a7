"""One bucket per caller."""

import pytest
from components.local.gateway.wire import KEY, OTHER_KEY, request

from modelberth.local.gateway import rate_limit


@pytest.mark.parametrize("per_second", [0.5, 1, 2.5, 10, 99.9, 1000])
def test_bucket_fills_at_exactly_the_rate(settings, per_second):
    bucket = rate_limit.rate_limit(settings(rate={"per_second": per_second, "burst": 7}))["token_bucket"]
    interval = float(bucket["fill_interval"].removesuffix("s"))
    assert bucket["tokens_per_fill"] / interval == pytest.approx(per_second, rel=0.001)
    assert bucket["max_tokens"] == 7
    assert interval >= 0.05, "Envoy refuses shorter ones"


def test_no_rate_is_no_limit(settings):
    assert "token_bucket" not in rate_limit.rate_limit(settings())


@pytest.mark.server
def test_one_caller_at_its_limit_does_not_touch_another(start):
    gateway = start(rate={"per_second": 0.01, "burst": 3})
    with gateway.wire() as wire:
        answers = [wire.send(request(key=KEY)) for _ in range(5)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[0].headers["x-ratelimit-limit"].startswith("3")
        assert answers[2].headers["x-ratelimit-remaining"] == "0"
        assert answers[3].json == {"error": {"code": "rate_limited", "message": "Too many requests; try again later."}}
        assert [wire.send(request(key=OTHER_KEY)).status for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.server
def test_each_subject_of_a_token_has_its_own_bucket(start, issuer):
    gateway = start(jwt=issuer.settings, rate={"per_second": 0.01, "burst": 2})
    ann, bob = (
        request("/predict", f"authorization: Bearer {issuer.sign(sub=who)}", key=None) for who in ("ann", "bob")
    )
    with gateway.wire() as wire:
        assert [wire.send(ann).status for _ in range(3)] == [200, 200, 429]
        assert [wire.send(bob).status for _ in range(3)] == [200, 200, 429]
        assert wire.send(request(key=KEY)).status == 200


@pytest.mark.server
def test_a_bucket_is_one_over_all_connections(start, issuer):
    gateway = start(jwt=issuer.settings, rate={"per_second": 0.01, "burst": 3})
    by_token = request("/predict", f"authorization: Bearer {issuer.sign()}", key=None)
    for raw in (request(key=KEY), by_token):
        statuses = [gateway.wire().send(raw).status for _ in range(12)]
        assert (statuses.count(200), statuses.count(429)) == (3, 9)


@pytest.mark.server
def test_a_subject_named_as_a_key_does_not_share_its_bucket(start, issuer):
    gateway = start(jwt=issuer.settings, rate={"per_second": 0.01, "burst": 1})
    web = request("/predict", f"authorization: Bearer {issuer.sign(sub='web')}", key=None)
    with gateway.wire() as wire:
        assert [wire.send(web).status, wire.send(web).status] == [200, 429]
        assert wire.send(request(key=KEY)).status == 200


@pytest.mark.server
def test_refused_callers_do_not_use_up_anybodys_tokens(start):
    gateway = start(rate={"per_second": 0.01, "burst": 1})
    assert [gateway.call(key="wrong").status for _ in range(5)] == [401] * 5
    assert gateway.call(key=KEY).status == 200
