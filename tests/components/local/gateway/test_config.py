"""Settings that cannot work are refused, with what was got and what to write instead."""

import json

import pytest
from components.local.gateway.wire import NEW, OLD, digest

from modelberth.core.errors import ConfigError
from modelberth.local.gateway.config import GatewaySettings

OCT = json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0LW9mLXRoZS1pc3N1ZXI"}]})


def jwt(jwks):
    return {"issuer": "https://issuer.example", "audiences": ("iris",), "jwks": jwks}


REFUSED = {
    "weights below 100": ({"weights": {OLD: 90, NEW: 9}}, "weights: weights sum to 99; together they must be 100"),
    "negative weight": ({"weights": {OLD: 101, NEW: -1}}, "weights.1.5.0-rc.1: got -1"),
    "weight without backend": ({"weights": {"2.0.0": 100}}, "no backend for version 2.0.0; backends are 1.4.0, 1.5.0"),
    "copies without backend": ({"mirror": {"version": "2.0.0", "percent": 1}}, "no backend for version 2.0.0"),
    "no backend": ({"backends": {}}, "backends: "),
    "no version": ({"backends": {"latest": 1}}, "'latest' is no semantic version; write three numbers"),
    "port of two": ({"port": 40001}, "port 40001 is used twice; each listener and backend needs its own"),
    "no port": ({"port": 0}, "port: got 0"),
    "key of two callers": ({"key_hashes": {"a": digest("k"), "b": digest("k")}}, "callers a, b have the same key"),
    "key instead of hash": ({"key_hashes": {"a": "my-secret-key"}}, "key_hashes.a: "),
    "name of a caller": ({"key_hashes": {'a"] = 1': digest("k")}}, "key_hashes."),
    "shared secret": ({"jwt": jwt(OCT)}, "jwt.jwks: got keys of type oct; allowed: EC, OKP, RSA"),
    "no key set": ({"jwt": jwt("[]")}, "jwt.jwks: not a JSON Web Key Set"),
    "empty key set": ({"jwt": jwt('{"keys": []}')}, "jwt.jwks: got no key"),
    "no audience": ({"jwt": {**jwt(OCT), "audiences": ()}}, "jwt.audiences: "),
    "relative folder": ({"directory": "gateway"}, "directory: 'gateway' is relative; write the absolute path"),
    "all paths": ({"paths": ("/",)}, "'/' is no path to route; write '/predict'"),
    "path with dots": ({"paths": ("/a/../b",)}, "is no path to route"),
    "endless rate": ({"rate": {"per_second": float("inf"), "burst": 1}}, "rate.per_second: "),
    "no burst": ({"rate": {"per_second": 1, "burst": 0}}, "rate.burst: got 0"),
    "unknown field": ({"timeot": 1}, "timeot: no such field"),
}  # fmt: skip


@pytest.mark.parametrize("fields, said", REFUSED.values(), ids=REFUSED)
def test_settings_that_cannot_work_are_refused(settings, fields, said):
    with pytest.raises(ConfigError) as refused:
        settings(**fields)
    assert said in str(refused.value)
    for secret in ("my-secret-key", "c2VjcmV0", digest("k")):
        assert secret not in str(refused.value)


def test_defaults(settings):
    made = settings()
    assert isinstance(made, GatewaySettings)
    assert (made.max_body_bytes, made.timeout, made.ready_path) == (1 << 20, 60.0, "/readyz")
    assert made.rate is made.jwt is made.mirror is None
    assert not [path for path in made.paths if "/v2/repository/".startswith(path)]


def test_amounts_of_time_have_units(settings):
    assert settings(timeout="200ms").timeout == 0.2
