"""Who may call a service, and what each may do: API keys, signed tokens, permissions."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from modelberth.core.config import Config
from modelberth.core.service import ClientName

CLIENT_HEADER = "x-client-id"
"""The header in which the model server, and every rule here, finds who calls. What a caller sends in it is lost."""

Method = Literal["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]

LONGEST = 253
"""Characters of an issuer, an address, a scope, a name of a claim.
Source: envoyproxy/gateway@v1.6.0:api/v1alpha1/jwt_types.go and authorization_types.go"""

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]

_MAIL = re.compile(r"[^@\s]+@[^@\s]+")


def _issuer(value: str) -> str:
    """What Envoy Gateway says of issuers; it would check none at all where the text is empty.

    Source: envoyproxy/gateway@v1.6.0:internal/gatewayapi/securitypolicy.go, validateJWTProvider
    """
    parts = urlsplit(value) if ":" in value else None
    if parts is not None and not (parts.scheme and (parts.netloc or parts.path)):
        raise ValueError("has a colon and is no address; write one like https://login.example.com")
    if parts is None and "@" in value and _MAIL.fullmatch(value) is None:
        raise ValueError("has an @ and is no mail address; write one, or an https address")
    return value


def _key_set(value: str) -> str:
    """An https address, or a path: keys that come over plain HTTP are anybody's."""
    if value.lstrip().startswith("{"):
        raise ValueError("holds a key set itself; save it and write its path")
    if "://" not in value:
        return value
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("is an address without https and a host; write one, or the path of a file")
    if len(value) > LONGEST:
        raise ValueError(
            f"is an address of {len(value)} characters, allowed are {LONGEST}; save the keys, write the path"
        )
    return value


class Jwt(Config):
    """Tokens of one issuer (RFC 7519), in the header `Authorization: Bearer …`; nowhere else is one looked for.

    A token without `exp` is accepted: neither Envoy Gateway nor Istio has a word to refuse it. The model does not see
    the token.
    """

    issuer: Annotated[Text, AfterValidator(_issuer)]
    """The `iss` that is accepted."""

    audiences: Annotated[tuple[Text, ...], Field(min_length=1, max_length=8)]
    """One of them must be in `aud`. Eight at most."""

    jwks: Annotated[str, StringConstraints(min_length=1), AfterValidator(_key_set)]
    """The issuer's public keys (RFC 7517): an https address, asked every five minutes and checked with the certificates
    that Envoy trusts; or the path of a file where the program runs."""

    client_claim: Text = "sub"
    """The claim that tells callers apart: it becomes `x-client-id`. Left out: sub."""


class Permission(Config):
    """What some of the callers may do. All that is said must hold; what no permission says is denied."""

    name: ClientName
    """Its name, for the gateway's log."""

    clients: Annotated[tuple[ClientName, ...], Field(max_length=256)] = ()
    """Callers with a key. Left out: it is about tokens."""

    claims: Annotated[
        dict[Text, Annotated[tuple[str, ...], Field(min_length=1, max_length=128)]], Field(max_length=16)
    ] = Field(default_factory=dict)
    """Claim to the texts of which it must have one: `{team: [search]}`; `a.b` is b in a. Left out: any."""

    lists: tuple[Text, ...] = ()
    """Claims whose value is a list: `[groups]`. Left out: all are single texts."""

    scopes: Annotated[tuple[Text, ...], Field(max_length=16)] = ()
    """Scopes that must all be in the claim `scope`. Left out: any."""

    methods: Annotated[tuple[Method, ...], Field(max_length=16)] = ()
    """HTTP methods. Left out: all."""

    @property
    def of_tokens(self) -> bool:
        """Whether it is about callers with a token."""
        return bool(self.claims or self.scopes)

    @model_validator(mode="after")
    def _about_somebody(self) -> Self:
        if self.of_tokens == bool(self.clients):
            got = "clients beside claims or scopes" if self.clients else "neither clients nor claims nor scopes"
            raise ValueError(f"{self.name} has {got}; a permission is about keys or about tokens: write one of them")
        strange = sorted(set(self.lists) - self.claims.keys())
        if strange:
            raise ValueError(f"{self.name}.lists has {', '.join(strange)}, not among its claims; write it there too")
        return self


class Callers(Config):
    """Who is let in. With keys and jwt both, either is enough; a wrong key is refused also beside a good token."""

    keys: Annotated[tuple[ClientName, ...], Field(max_length=256)] = ()
    """Callers with a key of their own, in the header `x-api-key`. Left out: none."""

    jwt: Jwt | None = None
    """Callers with a token. Left out: none."""

    permissions: Annotated[tuple[Permission, ...], Field(max_length=64)] = ()
    """What each may do. Left out: all of them may do everything under the service's path."""

    @property
    def auth(self) -> tuple[str, ...]:
        """How callers are told apart."""
        return (*(["keys"] if self.keys else []), *([] if self.jwt is None else ["jwt"]))

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for fault in _faults(self):
            raise ValueError(fault)
        return self


def _faults(callers: Callers) -> Iterator[str]:
    if not callers.auth:
        yield "neither keys nor jwt is given, so nobody is let in; give one of them"
    for what, names in (("keys", callers.keys), ("permissions", [one.name for one in callers.permissions])):
        twice = sorted({name for name in names if list(names).count(name) > 1})
        if twice:
            yield f"{what} has {', '.join(twice)} twice; write each once"
    yield from _idle_permissions(callers)


def _idle_permissions(callers: Callers) -> Iterator[str]:
    """Permissions that nobody could use, and callers without any: Envoy Gateway would deny them in silence."""
    if not callers.permissions:
        return
    for permission in callers.permissions:
        unknown = sorted(set(permission.clients) - set(callers.keys))
        if unknown:
            have = ", ".join(callers.keys) or "none"
            yield f"permission {permission.name} names {', '.join(unknown)}, not among keys ({have}); name a known one"
        if permission.of_tokens and callers.jwt is None:
            yield f"permission {permission.name} is about tokens, and jwt is left out; give jwt, or write clients"
    named = {client for permission in callers.permissions for client in permission.clients}
    idle = sorted(set(callers.keys) - named)
    if idle:
        yield f"{', '.join(idle)} has a key and no permission; give it one, or take it out of keys"
    if callers.jwt is not None and not any(permission.of_tokens for permission in callers.permissions):
        yield "callers with a token have no permission; give one with claims or scopes, or leave jwt out"
