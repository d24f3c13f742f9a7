"""What an API consists of, from its arguments: method, schema, template, call. Pure."""

from modelberth.aws.api_gateway.callers import Callers
from modelberth.aws.api_gateway.config import RestFrontDoorArgs
from modelberth.aws.api_gateway.domain import ACCESS_MODE, TLS_POLICY
from modelberth.aws.api_gateway.invocation import Call
from modelberth.aws.api_gateway.mapping import CHECKING, request_template
from modelberth.aws.api_gateway.replies import ANSWERS, HEADERS, body, gateway_replies
from modelberth.aws.api_gateway.route import MethodAccess
from modelberth.aws.api_gateway.schema import request_schema
from modelberth.core.naming import fingerprint


def method_of(callers: Callers | None) -> MethodAccess:
    """What a request needs; nothing where everybody may call."""
    if callers is None:
        return MethodAccess(authorization="NONE", key_required=False)
    scopes = () if callers.cognito is None else callers.cognito.scopes
    return MethodAccess(authorization=callers.authorization, scopes=scopes, key_required=bool(callers.keys))


def schema_of(args: RestFrontDoorArgs) -> dict[str, object]:
    """The JSON schema of a request."""
    return request_schema(args.request.features, args.versions, args.request.shape in CHECKING)


def call_of(args: RestFrontDoorArgs) -> Call:
    """What is called, and how."""
    request, versions = args.request, args.versions
    default = None if request.default_version is None else versions[request.default_version]
    components = () if request.target == "variant" else tuple(sorted(set(versions.values())))
    return Call(
        account=args.foundation.account,
        endpoint_arn=args.endpoint.resource_id,
        components=components,
        template=request_template(request.shape, versions, request.target, default),
        timeout_ms=round(request.timeout * 1000),
        permissions_boundary=args.foundation.permissions_boundary,
        labels=args.labels,
    )


def fingerprint_of(args: RestFrontDoorArgs) -> str:
    """What changes with everything that a deployment copies, but for what only AWS knows.

    An API goes on as it was deployed until it is deployed anew, so nothing may be missing here.
    """
    method, call = method_of(args.callers), call_of(args)
    authorizer = None if args.callers is None else args.callers.authorizer
    replies = gateway_replies(method.authorization == "AWS_IAM")
    return fingerprint(
        {
            "method": method.model_dump(),
            "schema": schema_of(args),
            "request": [call.template, call.timeout_ms],
            "answers": [[answer.selection, answer.status, answer.template] for answer in ANSWERS],
            "replies": {reason: [status, body(status)] for reason, status in replies.items()},
            "headers": dict(HEADERS),
            "cache_seconds": None if authorizer is None else authorizer.cache_seconds,
            "tls": None if args.public is None else [TLS_POLICY, ACCESS_MODE],
            "first_address": args.domain is None,
        }
    )
