"""Who is let in, in the words of Envoy Gateway and of Istio."""

import base64
import json

import pytest
from components.kubernetes.gateway.samples import ISTIO, JWT, KEY_SET, KEYS, OPEN, backends, foundation, made

from modelberth.core.errors import ModelberthError
from modelberth.kubernetes.gateway.access import key_set_of
from modelberth.kubernetes.gateway.callers import Jwt

FILE = {**JWT, "jwks": "keys.json"}
SCOPED = {"name": "asking", "claims": {"team": ["search"], "groups": ["a", "b"]}, "lists": ["groups"],
          "scopes": ["models.read"], "methods": ["POST"]}  # fmt: skip


def policy(name="ranker-access", **callers):
    return made(callers=callers)[name]["spec"]


def test_a_key_is_asked_for_in_its_header_and_the_model_sees_the_name_alone():
    spec = policy(keys=["web", "batch"])
    assert spec["apiKeyAuth"] == {
        "credentialRefs": [{"name": "ranker-api-keys"}],
        "extractFrom": [{"headers": ["x-api-key"]}],
        "forwardClientIDHeader": "x-client-id",
        "sanitize": True,
    }
    [target] = spec["targetRefs"]
    assert (target["kind"], target["name"]) == ("HTTPRoute", "ranker-front-door")


def test_what_no_rule_allows_is_denied():
    for callers in (
        {"keys": ["web"]},
        {"jwt": JWT},
        {"keys": ["web"], "permissions": [{"name": "all", "clients": ["web"]}]},
    ):
        assert policy(**callers)["authorization"]["defaultAction"] == "Deny"


def test_without_permissions_every_known_caller_is_allowed_and_nobody_else():
    [by_key] = policy(keys=["web", "batch"])["authorization"]["rules"]
    assert by_key["principal"] == {"headers": [{"name": "x-client-id", "values": ["web", "batch"]}]}
    [by_token] = policy(jwt=JWT)["authorization"]["rules"]
    own = {"name": "iss", "valueType": "String", "values": ["https://login.example.com"]}
    assert by_token["principal"] == {"jwt": {"provider": "tokens", "claims": [own]}}


def test_permissions_say_who_may_do_what():
    permissions = [
        {"name": "reading", "clients": ["web", "batch"], "methods": ["GET"]},
        {"name": "asking", "clients": ["batch"], "methods": ["POST"]},
    ]
    rules = policy(keys=["web", "batch"], permissions=permissions)["authorization"]["rules"]
    assert [(rule["name"], rule["operation"]["methods"]) for rule in rules] == [
        ("reading", ["GET"]),
        ("asking", ["POST"]),
    ]
    assert [rule["principal"]["headers"][0]["values"] for rule in rules] == [["web", "batch"], ["batch"]]


def test_claims_and_scopes_must_all_hold():
    [rule] = policy(jwt=JWT, permissions=[SCOPED])["authorization"]["rules"]
    assert rule["principal"]["jwt"] == {
        "provider": "tokens",
        "claims": [
            {"name": "team", "valueType": "String", "values": ["search"]},
            {"name": "groups", "valueType": "StringArray", "values": ["a", "b"]},
        ],
        "scopes": ["models.read"],
    }
    assert rule["operation"] == {"methods": ["POST"]}


def test_a_token_is_looked_for_in_its_header_only_and_names_the_caller():
    [provider] = policy(jwt={**JWT, "client_claim": "azp"})["jwt"]["providers"]
    assert provider["issuer"] == JWT["issuer"]
    assert provider["audiences"] == ["models"]
    assert provider["extractFrom"] == {"headers": [{"name": "Authorization", "valuePrefix": "Bearer "}]}
    assert provider["claimToHeaders"] == [{"header": "x-client-id", "claim": "azp"}]
    assert provider["remoteJWKS"]["uri"] == JWT["jwks"]
    assert "optional" not in policy(jwt=JWT)["jwt"]


def test_keys_out_of_a_file_stand_in_the_policy():
    [provider] = policy(jwt=FILE)["jwt"]["providers"]
    assert "remoteJWKS" not in provider
    assert json.loads(provider["localJWKS"]["inline"]) == KEY_SET


def test_with_keys_and_tokens_each_permission_is_with_its_own_way():
    permissions = [{"name": "web", "clients": ["web"]}, SCOPED]
    callers = {"keys": ["web"], "jwt": JWT, "permissions": permissions}
    by_key, by_token = (policy(name, **callers) for name in ("ranker-access", "ranker-access-tokens"))
    assert [rule["name"] for rule in by_key["authorization"]["rules"]] == ["web"]
    assert [rule["name"] for rule in by_token["authorization"]["rules"]] == ["asking"]
    assert ("jwt" in by_key, "apiKeyAuth" in by_token) == (False, False)
    assert [one["targetRefs"][0]["name"] for one in (by_key, by_token)] == [
        "ranker-front-door",
        "ranker-front-door-tokens",
    ]


def test_the_secret_has_one_entry_for_each_client_and_none_in_string_data():
    secret = made(callers={"keys": ["web", "batch"]})["ranker-secret"]
    assert {name: base64.b64decode(value).decode() for name, value in secret["data"].items()} == KEYS
    assert "stringData" not in secret


def test_where_strangers_may_call_nobody_is_asked():
    found = made(public=OPEN, limits={"total": {"requests": 50}})
    assert sorted(found) == ["ranker", "ranker-traffic"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory; write the path of the issuer's key set"),
        ("no", " is no JSON; save the issuer's key set (RFC 7517) there"),
        ("[]", " has no keys; save the issuer's key set (RFC 7517) there"),
        ('{"keys": []}', " has no keys; save the issuer's key set (RFC 7517) there"),
        (
            '{"keys": [{"kty": "RSA", "d": "x"}]}',
            " holds a private key; take it away, and save the public key set there",
        ),
        (
            '{"keys": [{"kty": "oct", "k": "x"}]}',
            " holds a private key; take it away, and save the public key set there",
        ),
    ],
)
def test_a_file_without_public_keys_is_refused_without_its_content(tmp_path, content, message):
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ModelberthError) as refused:
        key_set_of(Jwt.parse({**JWT, "jwks": str(path)}))
    assert str(refused.value).endswith(message)
    assert str(refused.value).startswith(f"callers.jwt.jwks: {path}")


def test_a_key_set_is_the_same_text_however_its_file_is_written(tmp_path):
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(KEY_SET, indent=3))
    assert key_set_of(Jwt.parse({**JWT, "jwks": str(path)})) == json.dumps(
        KEY_SET, sort_keys=True, separators=(",", ":")
    )
    assert key_set_of(None) is None


def test_istio_checks_tokens_at_the_gateway_and_denies_the_rest():
    found = made(callers={"jwt": JWT}, foundation=foundation(*ISTIO))
    assert sorted(found) == ["ranker", "ranker-access", "ranker-allowed"]
    checked, allowed = found["ranker-access"], found["ranker-allowed"]
    assert {one["metadata"]["namespace"] for one in (checked, allowed)} == {"gateways"}
    assert {one["spec"]["targetRefs"][0]["name"] for one in (checked, allowed)} == {"public"}
    [rule] = checked["spec"]["jwtRules"]
    assert (rule["issuer"], rule["audiences"], rule["jwksUri"]) == (JWT["issuer"], ["models"], JWT["jwks"])
    [let_in] = allowed["spec"]["rules"]
    assert let_in == {
        "from": [{"source": {"requestPrincipals": ["https://login.example.com/*"]}}],
        "to": [
            {"operation": {"hosts": ["models.example.com", "models.example.com:*"], "paths": ["/ranker", "/ranker/*"]}}
        ],
        "when": [{"key": "request.auth.audiences", "values": ["models"]}],
    }


def test_istio_takes_keys_out_of_a_file_and_grpc_has_no_path():
    said = {"callers": {"jwt": FILE}, "foundation": foundation(*ISTIO), "route": {"hostname": "r.example.com"}}
    found = made(backends("grpc"), **said)
    assert json.loads(found["ranker-access"]["spec"]["jwtRules"][0]["jwks"]) == KEY_SET
    assert found["ranker-allowed"]["spec"]["rules"][0]["to"] == [
        {"operation": {"hosts": ["r.example.com", "r.example.com:*"]}}
    ]
