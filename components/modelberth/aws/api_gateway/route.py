"""`POST /predict`: what it asks for, what it checks, what it calls, and what it says when it refuses."""

from typing import Any

import pulumi
import pulumi_aws as aws
from pydantic import Field

from modelberth.aws.api_gateway.callers import Authorization
from modelberth.aws.api_gateway.invocation import Call, Invocation, InvocationArgs
from modelberth.aws.api_gateway.replies import HEADERS, JSON, body, gateway_replies
from modelberth.core.component import Component
from modelberth.core.config import Config, In

PATH = "predict"
METHOD = "POST"
MODEL = "PredictRequest"
"""Name of the model of the request in the API; letters and digits only."""


class MethodAccess(Config):
    """What a request needs to be let in."""

    authorization: Authorization
    """Besides a key."""
    scopes: tuple[str, ...] = ()
    """Of which one must be in the token. Left out: none."""
    key_required: bool
    """Whether it needs a key."""


class RouteArgs(Config):
    """The only method of an API."""

    rest_api: In[str]
    """Id of the API."""
    root: In[str]
    """Id of its root resource."""
    method: MethodAccess
    """What a request needs."""
    authorizer: In[str] | None = None
    """Id of what checks tokens. Left out: nothing does."""
    body_schema: dict[str, Any] = Field(min_length=1)
    """JSON schema of the body."""
    call: Call
    """What is called."""


class Route(Component):
    """One path, one method; everything else is 404."""

    def __init__(self, name: str, args: RouteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        resource = aws.apigateway.Resource(
            name, rest_api=args.rest_api, parent_id=args.root, path_part=PATH, opts=self.child()
        )
        method = self._method(name, args, resource)
        invocation = InvocationArgs(
            rest_api=args.rest_api, resource=resource.id, http_method=method.http_method, call=args.call
        )
        Invocation(f"{name}-invocation", invocation, self.child())
        for reason, status in gateway_replies(args.method.authorization == "AWS_IAM").items():
            aws.apigateway.Response(
                f"{name}-{reason.lower().replace('_', '-')}",
                rest_api_id=args.rest_api,
                response_type=reason,
                status_code=None if status is None else str(status),
                response_templates={JSON: body(status)},
                response_parameters={f"gatewayresponse.header.{key}": f"'{value}'" for key, value in HEADERS.items()},
                opts=self.child(),
            )
        self.register_outputs({})

    def _method(self, name: str, args: RouteArgs, resource: aws.apigateway.Resource) -> aws.apigateway.Method:
        model = aws.apigateway.Model(
            name,
            rest_api=args.rest_api,
            name=MODEL,
            content_type=JSON,
            schema=pulumi.Output.json_dumps(args.body_schema, sort_keys=True),
            opts=self.child(),
        )
        validator = aws.apigateway.RequestValidator(
            name, rest_api=args.rest_api, name="body", validate_request_body=True, opts=self.child()
        )
        return aws.apigateway.Method(
            name,
            rest_api=args.rest_api,
            resource_id=resource.id,
            http_method=METHOD,
            authorization=args.method.authorization,
            authorizer_id=args.authorizer,
            authorization_scopes=list(args.method.scopes) or None,
            api_key_required=args.method.key_required,
            request_validator_id=validator.id,
            request_models={JSON: model.name},
            opts=self.child(),
        )
