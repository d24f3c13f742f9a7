"""Who is let in: the check of tokens, and the policy that says from where and by whom an API may be called."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.api_gateway.callers import Cognito, LambdaAuthorizer
from modelberth.aws.identity import Statement, after, document
from modelberth.aws.provider import Account
from modelberth.core.component import Component
from modelberth.core.config import Config, In

INVOKE = "execute-api:Invoke"

BEARER = r"^Bearer [-0-9A-Za-z._~+/]+=*$"
"""What a token must look like for the function to be asked (RFC 6750); anything else is 401 at once."""


class TokenAuthorizerArgs(Config):
    """What checks the tokens of one API."""

    account: Account
    """Where it is."""
    rest_api: In[str]
    """Id of the API."""
    execution_arn: In[str]
    """ARN of the API's calls."""
    cognito: Cognito | None = None
    """Left out: `authorizer` is there."""
    authorizer: LambdaAuthorizer | None = None
    """Left out: `cognito` is there."""


class TokenAuthorizer(Component):
    """An authorizer in the header `Authorization`, and the permission to ask its function if it has one."""

    id: pulumi.Output[str]
    """Id of the authorizer, once it can be asked."""

    def __init__(self, name: str, args: TokenAuthorizerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        made = aws.apigateway.Authorizer(
            name,
            rest_api=args.rest_api,
            name="tokens",
            identity_source="method.request.header.Authorization",
            **_checks(args),
            opts=self.child(),
        )
        self.id = made.id if args.authorizer is None else self._permitted(name, args, args.authorizer, made)
        self.register_outputs({"id": self.id})

    def _permitted(
        self, name: str, args: TokenAuthorizerArgs, function: LambdaAuthorizer, made: aws.apigateway.Authorizer
    ) -> pulumi.Output[str]:
        permission = aws.lambda_.Permission(
            name,
            action="lambda:InvokeFunction",
            function=function.function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(args.execution_arn, "/authorizers/", made.id),
            opts=self.child(),
        )
        return after(made.id, permission)


def _checks(args: TokenAuthorizerArgs) -> dict[str, Any]:
    if args.cognito is not None:
        return {"type": "COGNITO_USER_POOLS", "provider_arns": [args.cognito.user_pool_arn]}
    if args.authorizer is None:
        raise ValueError("a token authorizer needs a pool or a function")
    service = f"arn:{args.account.partition}:apigateway:{args.account.region}:lambda:path/2015-03-31/functions/"
    return {
        "type": "TOKEN",
        "authorizer_uri": pulumi.Output.concat(service, args.authorizer.function_arn, "/invocations"),
        "authorizer_result_ttl_in_seconds": args.authorizer.cache_seconds,
        "identity_validation_expression": BEARER,
    }


def resource_policy(
    execution_arn: pulumi.Input[str], call: str, vpc_endpoint: In[str] | None, principals: Sequence[In[str]]
) -> pulumi.Output[str] | None:
    """The policy of an API, as JSON; None where strangers may reach it and none of them is named.

    `call` is the end of the only call's ARN, `live/POST/predict`; `vpc_endpoint` the only way to a private API. Within
    one account such a policy alone lets an IAM principal in, so it names principals where callers are such:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    """
    if vpc_endpoint is None and not principals:
        return None
    anyone = "whoever has no IAM identity is told apart by key or token: a policy cannot name them"
    allow = Statement(
        "Call",
        (INVOKE,),
        (pulumi.Output.concat(execution_arn, "/", call),),
        {} if vpc_endpoint is None else {"StringEquals": {"aws:SourceVpce": vpc_endpoint}},
        "" if principals else anyone,
        {"AWS": principals or ("*",)},
    )
    if vpc_endpoint is None:
        return document([allow])
    deny = Statement(
        "OtherWays",
        (INVOKE,),
        (pulumi.Output.concat(execution_arn, "/*"),),
        {"StringNotEquals": {"aws:SourceVpce": vpc_endpoint}},
        principals={"AWS": ("*",)},
        effect="Deny",
    )
    return document([allow, deny])
