"""How the model is called: a role that may invoke one endpoint, the integration with it, its answers."""

import re
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.api_gateway.mapping import invocation_uri
from modelberth.aws.api_gateway.replies import ANSWERS, HEADERS, JSON, Answer
from modelberth.aws.identity import Statement, service_role
from modelberth.aws.provider import Account
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.errors import ModelberthError
from modelberth.core.labels import Labels, render

ENDPOINT_ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:endpoint/([a-zA-Z0-9-]{1,63})")


class Call(Config):
    """What is called, and how."""

    account: Account
    """Where it is."""
    endpoint_arn: In[str]
    """ARN of the endpoint."""
    components: tuple[str, ...] = ()
    """Inference components on the endpoint that may be called. Left out: none is needed."""
    template: str
    """Mapping template of the request."""
    timeout_ms: int
    """How long SageMaker may take."""
    permissions_boundary: In[str] | None = None
    """ARN of the policy that bounds the role. Left out: no boundary."""
    labels: Labels | None = None
    """Left out: no tags."""


class InvocationArgs(Config):
    """One method of an API and what it calls."""

    rest_api: In[str]
    """Id of the API."""
    resource: In[str]
    """Id of the resource that holds the method."""
    http_method: In[str]
    """The method, once it is there."""
    call: Call
    """What is called."""


def endpoint_name(arn: str) -> str:
    """The name in the ARN of an endpoint. Raises `ModelberthError` for any other ARN."""
    match = ENDPOINT_ARN.fullmatch(arn)
    if match is None:
        raise ModelberthError(f"the endpoint's resource_id is {arn!r}; needed is the ARN of a SageMaker endpoint")
    return match[1]


def permission(call: Call) -> Statement:
    """What the role may do: invoke this endpoint, and the inference components that are named."""
    components = tuple(call.account.arn("sagemaker", f"inference-component/{name}") for name in call.components)
    return Statement("InvokeEndpoint", ("sagemaker:InvokeEndpoint",), (call.endpoint_arn, *components))


class Invocation(Component):
    """A call of InvokeEndpoint from one method of an API, without a function in between."""

    def __init__(self, name: str, args: InvocationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        integration = self._integration(name, args, self._role(name, args.call))
        for answer in ANSWERS:
            self._answer(name, args, answer, integration)
        self.register_outputs({})

    def _role(self, name: str, call: Call) -> pulumi.Output[str]:
        made = service_role(
            name,
            "apigateway.amazonaws.com",
            call.account,
            [permission(call)],
            call.permissions_boundary,
            None if call.labels is None else render(call.labels, "aws"),
            self.child(),
        )
        return made.arn

    def _integration(self, name: str, args: InvocationArgs, role: pulumi.Output[str]) -> aws.apigateway.Integration:
        call = args.call
        endpoint = pulumi.Output.from_input(call.endpoint_arn).apply(endpoint_name)
        return aws.apigateway.Integration(
            name,
            rest_api=args.rest_api,
            resource_id=args.resource,
            http_method=args.http_method,
            type="AWS",
            integration_http_method="POST",
            uri=endpoint.apply(lambda found: invocation_uri(call.account, found)),
            credentials=role,
            # Anything but JSON is refused (415), because nothing would check it.
            passthrough_behavior="NEVER",
            request_templates={JSON: call.template},
            request_parameters={
                "integration.request.header.Content-Type": f"'{JSON}'",
                "integration.request.header.Accept": f"'{JSON}'",
            },
            timeout_milliseconds=call.timeout_ms,
            opts=self.child(),
        )

    def _answer(self, name: str, args: InvocationArgs, answer: Answer, integration: aws.apigateway.Integration) -> None:
        headers = {**HEADERS, "Content-Type": JSON}
        place: dict[str, Any] = {
            "rest_api": args.rest_api,
            "resource_id": args.resource,
            "http_method": args.http_method,
        }
        told = aws.apigateway.MethodResponse(
            f"{name}-{answer.role}",
            **place,
            status_code=str(answer.status),
            response_parameters={f"method.response.header.{header}": True for header in headers},
            opts=self.child(),
        )
        aws.apigateway.IntegrationResponse(
            f"{name}-{answer.role}",
            **place,
            status_code=told.status_code,
            selection_pattern=answer.selection,
            response_parameters={f"method.response.header.{header}": f"'{value}'" for header, value in headers.items()},
            response_templates=None if answer.template is None else {JSON: answer.template},
            opts=self.child(depends_on=[integration]),
        )
