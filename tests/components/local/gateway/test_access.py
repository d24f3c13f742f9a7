"""Who is let in, seen from outside."""

import hashlib
import string
import time

import pytest
from components.local.gateway.issuer import Issuer
from components.local.gateway.wire import KEY, OTHER_KEY, digest, request

from modelberth.local.gateway import access, control, discovery

pytestmark = pytest.mark.server

REFUSED = {"error": {"code": "unauthorized", "message": "A valid key or token is required."}}


def assert_refused(answer):
    assert (answer.status, answer.json) == (401, REFUSED)
    assert "x-model-version" not in answer.headers
    assert "www-authenticate" not in answer.headers


def test_a_key_lets_its_caller_in_and_stays_at_the_gateway(start):
    answer = start().call(key=KEY)
    assert answer.status == 200
    seen = answer.json["headers"]
    assert seen["x-client-id"] == "web"
    assert "x-api-key" not in seen
    assert KEY not in str(seen)


REFUSALS = {
    "no key": request(key=None),
    "wrong key": request(key="wrong"),
    "empty key": request(key=""),
    "key in the query string": request(f"/predict?x-api-key={KEY}&api_key={KEY}", key=None),
    "hash for the key": request(key=digest(KEY)),
    "half of a key": request(key=KEY[:-1]),
    "two keys": request("/predict", f"x-api-key: {OTHER_KEY}", key=KEY),
    "key as bearer": request("/predict", f"authorization: Bearer {KEY}", key=None),
    "key in a cookie": request("/predict", f"cookie: x-api-key={KEY}", key=None),
    "huge key": request(key="k" * 4000),
    "unknown path without a key": request("/nothing", key=None),
}


def test_who_has_no_good_key_is_refused(start):
    gateway = start()
    for why, raw in REFUSALS.items():
        answer = gateway.send(raw)
        assert (answer.status, answer.json) == (401, REFUSED), why
        assert "x-model-version" not in answer.headers, why


def test_a_client_id_that_is_sent_is_dropped(start):
    gateway = start()
    assert (
        gateway.call("/predict", "x-client-id: batch", "X-Client-Id: root", key=KEY).json["headers"]["x-client-id"]
        == "web"
    )
    assert_refused(gateway.call("/predict", "x-client-id: web", key=None))


def test_without_keys_and_tokens_nobody_is_let_in(start):
    gateway = start(key_hashes={})
    assert_refused(gateway.call(key=None))
    assert_refused(gateway.call(key=""))
    assert_refused(gateway.call(key=KEY))


def test_the_gateways_sha256_is_sha256(start):
    """Keys of each length round the block's ends: the script must agree with hashlib."""
    letters = (string.ascii_letters + string.digits) * 4
    keys = {f"n{size}": letters[:size] for size in (1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 200)}
    hashes = {name: hashlib.sha256(key.encode()).hexdigest() for name, key in keys.items()}
    with start(key_hashes=hashes).wire() as wire:
        for name, key in keys.items():
            answer = wire.send(request(key=key))
            assert answer.status == 200, name
            assert answer.json["headers"]["x-client-id"] == name


def test_a_token_lets_its_subject_in_and_stays_at_the_gateway(start, issuer):
    gateway = start(key_hashes={}, jwt=issuer.settings)
    answer = gateway.call("/predict", f"authorization: Bearer {issuer.sign(sub='ann')}", key=None)
    assert answer.status == 200
    assert answer.json["headers"]["x-client-id"] == "token:ann"
    assert "authorization" not in answer.json["headers"]


def test_a_strange_subject_becomes_a_hash(start, issuer):
    gateway = start(jwt=issuer.settings)
    strange = "ann\r\nx-client-id: root"
    answer = gateway.call("/predict", f"authorization: Bearer {issuer.sign(sub=strange)}", key=None)
    expected = "token:sha256:" + hashlib.sha256(strange.encode()).hexdigest()
    assert answer.json["headers"]["x-client-id"] == expected


def test_bad_tokens_are_refused(start, issuer):
    gateway = start(jwt=issuer.settings)
    bad = {
        "no algorithm": issuer.unsigned(),
        "public key as secret": issuer.signed_with_the_public_key(),
        "expired": issuer.sign(exp=int(time.time()) - 3600),
        "without an end": issuer.sign(exp=None),
        "not yet valid": issuer.sign(nbf=int(time.time()) + 3600),
        "other audience": issuer.sign(aud="ranker"),
        "no audience": issuer.sign(aud=None),
        "other issuer": issuer.sign(iss="https://evil.example"),
        "no issuer": issuer.sign(iss=None),
        "no subject": issuer.sign(sub=None),
        "other key": Issuer().sign(),
        "tampered": issuer.tampered(),
        "garbage": "a.b.c",
    }
    for why, token in bad.items():
        answer = gateway.call("/predict", f"authorization: Bearer {token}", key=None)
        assert (answer.status, answer.json) == (401, REFUSED), why
        assert "www-authenticate" not in answer.headers, why
    assert_refused(gateway.call(f"/predict?access_token={issuer.sign()}", key=None))


def test_key_or_token_is_enough_and_a_bad_token_is_refused_beside_a_good_key(start, issuer):
    gateway = start(jwt=issuer.settings)
    assert gateway.call(key=KEY).status == 200
    assert gateway.call("/predict", f"authorization: Bearer {issuer.sign()}", key=None).status == 200
    assert_refused(gateway.call("/predict", f"authorization: Bearer {issuer.tampered()}", key=KEY))
    assert_refused(gateway.call("/predict", f"authorization: Bearer {issuer.sign()}", key="wrong"))


def test_a_script_that_fails_lets_nobody_in(start):
    """Envoy goes on with the request when the script of its Lua filter fails."""
    gateway = start()
    broken = {"inline_string": "function envoy_on_request(handle) error('broken') end"}
    filter_ = discovery.filter_resource("access", access.KEYS_MESSAGE, default_source_code=broken)
    control.apply(gateway.settings, "access", discovery.response([filter_]))
    assert gateway.call(key=KEY).status == 404
    assert gateway.call("/predict", "x-client-id: web", key=KEY).status == 404


def test_a_withdrawn_key_is_refused_on_a_connection_that_is_open(start):
    gateway = start()
    with gateway.wire() as wire:
        assert wire.send(request(key=OTHER_KEY)).status == 200
        control.change(gateway.settings.model_copy(update={"key_hashes": {"web": digest(KEY)}}))
        assert wire.send(request(key=OTHER_KEY)).status == 401
    assert gateway.call(key=KEY).status == 200
