"""An issuer of signed tokens, with a key of its own."""

import base64
import hmac
import json
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

ISSUER, AUDIENCE = "https://issuer.example", "iris"


class Issuer:
    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        jwks = json.dumps({"keys": [{**public, "kid": "one", "alg": "ES256", "use": "sig"}]})
        self.settings = {"issuer": ISSUER, "audiences": (AUDIENCE,), "jwks": jwks}
        self.public_jwk = public

    def claims(self, **changed) -> dict:
        given = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": int(time.time()) + 600, **changed}
        return {name: value for name, value in given.items() if value is not None}

    def sign(self, **changed) -> str:
        return jwt.encode(self.claims(**changed), self._key, algorithm="ES256", headers={"kid": "one"})

    def unsigned(self) -> str:
        return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(self.claims())}."

    def signed_with_the_public_key(self) -> str:
        """The old confusion: the public key as a shared secret."""
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'one'})}.{_part(self.claims())}"
        code = hmac.digest(json.dumps(self.public_jwk).encode(), signed.encode(), "sha256")
        return f"{signed}.{_encoded(code)}"

    def tampered(self) -> str:
        head, _, signature = self.sign().split(".")
        return f"{head}.{_part(self.claims(sub='root'))}.{signature}"


def _part(value: dict) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
