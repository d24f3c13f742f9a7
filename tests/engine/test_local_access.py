"""Who is let in, what is refused, and what the refused are told: the whole local stack, from the outside."""

import json
import re
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from traffic import BODY, Client

from modelberth.local.gateway.listener import SERVER
from workspace import Workspace

pytestmark = [pytest.mark.engine, pytest.mark.server]

REFUSED: dict[str, tuple[str, dict[str, str], int]] = {
    "malformed": ('{"features": [', {}, 400),
    "deep nesting": ("[" * 100_000, {}, 400),
    "not a number": ('{"features": [[NaN, 1, 1, 1]]}', {}, 400),
    "infinite": ('{"features": [[1e999, 1, 1, 1]]}', {}, 422),
    "too few features": ('{"features": [[1, 2]]}', {}, 422),
    "text for a number": ('{"features": [["a", 1, 1, 1]]}', {}, 422),
    "unknown field": ('{"features": [[1, 1, 1, 1]], "explain": true}', {}, 422),
    "no features": ("{}", {}, 422),
    "oversized": (json.dumps({"features": [[0.123456789] * 4] * 60_000}), {}, 413),
    "wrong content type": (BODY, {"content-type": "text/plain"}, 415),
    "no key": (BODY, {"x-api-key": ""}, 401),
    "wrong key": (BODY, {"x-api-key": "a" * 43}, 401),
    "another version": ('{"features": [[1, 1, 1, 1]], "model_version": "v9"}', {}, 409),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_request_is_refused_and_told_nothing(workspace: Workspace, client: Client, case: str) -> None:
    body, headers, expected = REFUSED[case]
    connection = client.connect()
    connection.request("POST", "/predict", body, client.headers | headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status == expected, text
    assert set(json.loads(text)) == {"error"}
    assert not re.search(r"Traceback|site-packages|/home|/tmp|\.py|mlflow|sklearn|uvicorn|envoy|python", text, re.I)
    told = {name.lower(): value for name, value in answer.getheaders()}
    assert not told.keys() & {"x-envoy-upstream-service-time", "x-powered-by"}
    assert told.get("server") == SERVER


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/healthz", "/readyz", "/config_dump", "/stats", "/predict/../metrics"]
)
def test_nothing_but_predictions_is_reachable(workspace: Workspace, client: Client, path: str) -> None:
    connection = client.connect()
    connection.request("GET", path, headers=client.headers)
    assert 400 <= connection.getresponse().status < 500


def test_keys_stay_and_a_client_that_leaves_is_shut_out(workspace: Workspace, client: Client) -> None:
    outputs = workspace.outputs()
    batch = Client(outputs["endpoints"]["iris"], outputs["api_keys"]["iris"]["batch"])
    assert batch.predict()[0] == 200
    workspace.configure(access={"keys": ["web", "mobile"], "rate": {"per_key": "1000/s", "burst": 2000}})
    workspace.up("--skip-preview")
    after = workspace.outputs()["api_keys"]["iris"]
    assert after["web"] == outputs["api_keys"]["iris"]["web"]
    assert set(after) == {"web", "mobile"}
    assert batch.predict()[0] == 401
    assert client.predict()[0] == 200


def test_token_of_the_issuer_is_let_in(workspace: Workspace, client: Client) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key())), "kid": "one", "alg": "ES256"}
    jwks = workspace.folder / "jwks.json"
    jwks.write_text(json.dumps({"keys": [public]}))
    issuer = {"issuer": "https://issuer.example", "audiences": ["iris"], "jwks": str(jwks)}
    workspace.configure(access={"keys": ["web"], "jwt": issuer, "rate": {"per_key": "1000/s", "burst": 2000}})
    workspace.up("--skip-preview")
    good = {"iss": "https://issuer.example", "aud": "iris", "sub": "someone", "exp": int(time.time()) + 60}
    assert _with_token(client, private, good) == 200
    assert _with_token(client, private, {**good, "aud": "another"}) == 401
    assert _with_token(client, private, {**good, "exp": int(time.time()) - 3600}) == 401
    assert _with_token(client, ec.generate_private_key(ec.SECP256R1()), good) == 401
    assert client.predict()[0] == 200
    workspace.configure(access={"keys": ["web"]})  # what is taken away must not be kept
    workspace.up("--skip-preview")
    assert _with_token(client, private, good) == 401
    assert client.predict()[0] == 200


def _with_token(client: Client, key: ec.EllipticCurvePrivateKey, claims: dict[str, object]) -> int:
    token = jwt.encode(claims, key, algorithm="ES256", headers={"kid": "one"})
    connection = client.connect()
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    connection.request("POST", "/predict", BODY, headers)
    return connection.getresponse().status
