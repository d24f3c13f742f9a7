"""Who may call an API, in API Gateway's words: keys with usage plans, a Cognito pool, a Lambda function, IAM."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.aws.ids import shaped
from modelberth.core.config import Config, In
from modelberth.core.service import ClientName, Rate

UserPoolArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:\d{12}:userpool/[\w-]+",
        "the ARN of a user pool; write arn:aws:cognito-idp:<region>:<account>:userpool/<pool>",
    ),
]
"""ARN of a Cognito user pool."""

FunctionArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[^\s*]+",
        "the ARN of a function; write arn:aws:lambda:<region>:<account>:function:<name>",
    ),
]
"""ARN of a Lambda function, with or without version."""

PrincipalArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[^\s*]+",
        "the ARN of one role or user; write arn:aws:iam::<account>:role/<name>, not a whole account",
    ),
]
"""ARN of an IAM role or user. A whole account is none: it would let all its principals in."""

Authorization = Literal["NONE", "COGNITO_USER_POOLS", "CUSTOM", "AWS_IAM"]
"""What a method of API Gateway asks for besides a key."""

Authentication = Literal["keys", "jwt", "iam", "none"]
"""How callers are told apart, in the words of `Public`."""


def is_scope(text: str) -> bool:
    """Whether this is the scope of a resource server: `<resource server>/<name>`."""
    resource, _, name = text.rpartition("/")
    return bool(resource) and bool(name) and not any(letter.isspace() for letter in text)


def _scopes(scopes: tuple[str, ...]) -> tuple[str, ...]:
    if all(is_scope(scope) for scope in scopes):
        return scopes
    raise ValueError(
        "a scope is <resource server>/<name>; an app client cannot be asked for, because a Cognito authorizer takes "
        "the tokens of all app clients of the pool; define a resource server and write its scope"
    )


class Quota(Config):
    """How much one key may ask for in a longer time."""

    requests: Annotated[int, Field(ge=1)]
    """Requests, at most."""
    per: Literal["day", "week", "month"]
    """In which time. It begins anew at midnight UTC, on Sundays, on the first of the month."""


class Plan(Config):
    """How fast, and how much, one key may ask. API Gateway keeps both as targets, not to the last request."""

    rate: Rate | None = None
    """Requests per second and key, and at once after a pause; above it 429. Left out: no limit."""
    quota: Quota | None = None
    """Requests in a day, week or month; above it 429. Left out: no limit."""


class Cognito(Config):
    """Callers with an access token of a Cognito user pool.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
    """

    user_pool_arn: In[UserPoolArn]
    """The pool."""
    scopes: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_scopes)]
    """`<resource server>/<name>`; one of them must be in the token. Required: without a scope API Gateway takes an
    identity token of every user and every app client of the pool."""


class LambdaAuthorizer(Config):
    """Callers with a bearer token that a Lambda function of yours checks: issuer, audience, signature, expiry."""

    function_arn: In[FunctionArn]
    """The function; it is of the type TOKEN and answers with an IAM policy."""
    cache_seconds: Annotated[int, Field(ge=0, le=3600)] = 60
    """How long an answer holds for the same token; a token that is taken back is good until then. Left out: 60, where
    API Gateway's own default is 300."""


class Callers(Config):
    """Who is let in. One kind, and keys besides if need be: then every request needs both."""

    keys: tuple[ClientName, ...] = ()
    """Callers with an API key of their own, by name. The keys are made by API Gateway. Left out: no keys."""
    plan: Plan | None = None
    """What each key may. Left out: no limit of its own."""
    plans: dict[ClientName, Plan] = Field(default_factory=dict)
    """What single keys may, in place of `plan`. Left out: all the same."""
    cognito: Cognito | None = None
    """Callers with a token of a Cognito user pool. Left out: none."""
    authorizer: LambdaAuthorizer | None = None
    """Callers with a token of another issuer. Left out: none."""
    principals: tuple[In[PrincipalArn], ...] = ()
    """IAM roles and users that sign their requests, and no others of their account. One of another account needs
    `execute-api:Invoke` there too. Left out: none."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for fault in _faults(self):
            raise ValueError(fault)
        return self

    @property
    def authorization(self) -> Authorization:
        """What a request needs besides a key."""
        if self.principals:
            return "AWS_IAM"
        if self.cognito is not None:
            return "COGNITO_USER_POOLS"
        return "NONE" if self.authorizer is None else "CUSTOM"

    @property
    def authentications(self) -> tuple[Authentication, ...]:
        """How callers are told apart; every one of these is asked for."""
        tokens = self.cognito is not None or self.authorizer is not None
        found = {"keys": bool(self.keys), "jwt": tokens, "iam": bool(self.principals)}
        return tuple(word for word in ("keys", "jwt", "iam") if found[word])


def _faults(callers: Callers) -> Iterator[str]:
    kinds = [name for name in ("cognito", "authorizer") if getattr(callers, name) is not None]
    kinds += ["principals"] if callers.principals else []
    if not kinds and not callers.keys:
        yield "nobody is let in; give keys, cognito, authorizer or principals"
    if len(kinds) > 1:
        yield f"got {' and '.join(kinds)}; a method asks for one of them; leave one, or make a front door for each"
    twice = sorted({name for name in callers.keys if callers.keys.count(name) > 1})
    if twice:
        yield f"keys names {', '.join(twice)} twice; each caller has one key"
    if callers.plan is not None and not callers.keys:
        yield "plan limits keys, and there are none; give keys, or leave it out"
    strange = sorted(callers.plans.keys() - set(callers.keys))
    if strange:
        yield f"plans names {', '.join(strange)}, which has no key; add it to keys, or remove it"
