"""Who may call a service, in API Gateway's words, or what it cannot honour; and the door before its endpoint."""

import re
from collections.abc import Iterator, Mapping

import pulumi

from modelberth.aws.api_gateway.api import RestFrontDoor
from modelberth.aws.api_gateway.callers import Callers, Cognito, LambdaAuthorizer, Plan, is_scope
from modelberth.aws.api_gateway.config import Alarms, FrontDoorArgs, Internet, RestFrontDoorArgs
from modelberth.aws.api_gateway.rate_limit import per_second
from modelberth.aws.foundation import Foundation
from modelberth.core.config import Config
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Access, Jwt, Refusal, Slo

ISSUER = re.compile(r"https://cognito-idp\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<pool>[\w-]+)")
"""The issuer of a Cognito user pool's tokens.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html"""


def front_door(
    name: str, args: Config, endpoint: ServingEndpoint, opts: pulumi.ResourceOptions | None = None
) -> RestFrontDoor:
    """The API before an endpoint, of what `front_door_args` gave."""
    given = {field: getattr(args, field) for field in args.model_fields_set}
    return RestFrontDoor(name, RestFrontDoorArgs.parse({**given, "endpoint": endpoint}, name), opts)


def front_door_args(
    access: Access,
    foundation: Foundation,
    versions: Mapping[str, str],
    labels: Labels | None,
    *,
    authorizer: LambdaAuthorizer | None = None,
    slo: Slo | None = None,
) -> FrontDoorArgs | list[Refusal] | None:
    """Pure. The API that honours every field of an access, or the fields that API Gateway cannot honour.

    None where nobody is let in: then there is nothing to open, and IAM alone says who may invoke the endpoint.
    `versions`: version to the variant that serves it. `authorizer`: what checks the tokens of an issuer that is not
    Cognito, its issuer, audiences and keys with it.
    """
    refused = [Refusal(*limit) for applies, *limit in _limits(access, foundation, authorizer) if applies]
    if refused:
        return refused
    if not access.keys and access.jwt is None and access.public is None:
        return None
    optional = {"callers": _callers(access, foundation, authorizer), "public": _public(access)}
    return FrontDoorArgs(
        foundation=foundation,
        versions=dict(versions),
        alarms=_alarms(slo),
        labels=labels,
        **{field: value for field, value in optional.items() if value is not None},
    )


def _limits(
    access: Access, foundation: Foundation, authorizer: LambdaAuthorizer | None
) -> Iterator[tuple[bool, str, str, str]]:
    """Whether a limit of API Gateway is met, for which field, why, and what to write instead."""
    jwt, public, rate = access.jwt, access.public, access.rate
    twice = sorted({name for name in access.keys if access.keys.count(name) > 1})
    yield bool(twice), "access.keys", f"{', '.join(twice)} stands there twice", "name each caller once"
    both = "API Gateway would ask every caller for a key and a token"
    yield bool(access.keys) and jwt is not None, "access.jwt", both, "give keys or jwt"
    nobody = "a function checks tokens, and no caller has one"
    yield authorizer is not None and jwt is None, "access.jwt", nobody, "give jwt, or leave the function out"
    if jwt is not None and authorizer is None:
        yield from _tokens(jwt)
    unlimited = "usage plans limit keys, and no caller has one"
    yield rate is not None and not access.keys, "access.rate", unlimited, "give keys, or leave it out"
    if public is not None:
        have = _authentication(access)
        unlike = f"auth is {public.auth}, and callers have {have}"
        yield public.auth != have, "access.public", unlike, f"write {have}, or change the callers"
        over = rate is not None and rate.per_key > public.rate_limit
        above = f"{per_second(rate.per_key) if rate else ''} is above public.rate_limit {per_second(public.rate_limit)}"
        yield over, "access.rate.per_key", above, "lower it"
    shut = public is None and have_callers(access) and foundation.network.api_endpoint_id is None
    way_in = "the API is private, and the foundation's network has no api_endpoint_id, through which it is called"
    yield shut, "access", way_in, "add the interface endpoint of execute-api, or give public"


def _tokens(jwt: Jwt) -> Iterator[tuple[bool, str, str, str]]:
    if ISSUER.fullmatch(jwt.issuer) is None:
        why = "API Gateway itself verifies tokens of Amazon Cognito only, and the issuer is another"
        yield True, "access.jwt", why, "take a user pool, or a RestFrontDoor of your own with a Lambda authorizer"
        return
    clients = [audience for audience in jwt.audiences if not is_scope(audience)]
    why = "a Cognito authorizer checks scopes; it takes the tokens of all app clients"
    yield bool(clients), "access.jwt.audiences", why, "write scopes: <resource server>/<name>"
    keys = f"{jwt.issuer}/.well-known/jwks.json"
    yield jwt.jwks != keys, "access.jwt.jwks", "a Cognito authorizer takes the pool's own keys", f"write {keys}"


def have_callers(access: Access) -> bool:
    """Whether anybody is named who may call."""
    return bool(access.keys) or access.jwt is not None


def _authentication(access: Access) -> str:
    if access.jwt is not None:
        return "jwt"
    return "keys" if access.keys else "none"


def _callers(access: Access, foundation: Foundation, authorizer: LambdaAuthorizer | None) -> Callers | None:
    if not have_callers(access):
        return None
    plan = None if access.rate is None else Plan(rate=access.rate)
    if access.jwt is None:
        return Callers(keys=access.keys, plan=plan)
    if authorizer is not None:
        return Callers(authorizer=authorizer)
    return Callers(cognito=_cognito(access.jwt, foundation))


def _cognito(jwt: Jwt, foundation: Foundation) -> Cognito:
    match = ISSUER.fullmatch(jwt.issuer)
    if match is None:
        raise ValueError("the issuer is no user pool")
    account = foundation.account.model_copy(update={"region": match["region"]})
    return Cognito(user_pool_arn=account.arn("cognito-idp", f"userpool/{match['pool']}"), scopes=jwt.audiences)


def _public(access: Access) -> Internet | None:
    public = access.public
    return public and Internet(reason=public.reason, auth=public.auth, rate_limit=public.rate_limit)


def _alarms(slo: Slo | None) -> Alarms:
    if slo is None:
        return Alarms()
    failing = {} if slo.availability is None else {"errors_5xx": round(1 - slo.availability, 12)}
    return Alarms(p95=slo.p95, **failing)
