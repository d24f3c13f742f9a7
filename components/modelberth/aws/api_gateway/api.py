"""A REST API in front of an endpoint: `RestFrontDoor("ranker", {"endpoint": …, "foundation": …, "callers": …})`."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.api_gateway.access import TokenAuthorizer, TokenAuthorizerArgs, resource_policy
from modelberth.aws.api_gateway.config import STAGE, RestFrontDoorArgs
from modelberth.aws.api_gateway.content import call_of, fingerprint_of, method_of, schema_of
from modelberth.aws.api_gateway.domain import ACCESS_MODE, TLS_POLICY, CustomDomain, CustomDomainArgs
from modelberth.aws.api_gateway.keys import GatewayKeys, GatewayKeysArgs
from modelberth.aws.api_gateway.release import Release, ReleaseArgs
from modelberth.aws.api_gateway.route import METHOD, PATH, Route, RouteArgs
from modelberth.aws.api_gateway.waf import Firewall, FirewallArgs
from modelberth.aws.provider import Account
from modelberth.core.component import Component
from modelberth.core.endpoint import MetricQuery, Signal, TrafficControl
from modelberth.core.labels import render
from modelberth.core.naming import physical_name

CALL = f"{STAGE}/{METHOD}/{PATH}"
"""The only call there is, as it ends in ARNs."""


class RestFrontDoor(Component):
    """`POST /predict` in API Gateway, in front of a SageMaker endpoint, without a function in between.

    Private, reached through the network's endpoint of `execute-api`, unless `public` says otherwise; then behind a
    firewall. It is a serving endpoint itself: what it does not say of its own, it hands through. The account's role for
    API Gateway's logs is not made here (see `release.py`).
    """

    url: pulumi.Output[str]
    """Address of the API; the model answers at `/predict` under it. Known once callers are let in and limited."""
    resource_id: pulumi.Output[str]
    """ARN of the endpoint behind it."""
    versions: pulumi.Output[dict[str, int]]
    """Version to its share of requests, in percent, as the endpoint says."""
    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to query, as the endpoint says."""
    api_keys: pulumi.Output[dict[str, str]]
    """Caller to its key, secret; sent in the header `x-api-key`."""
    ca_certificate_file: pulumi.Output[str] | None = None
    """None: every machine trusts Amazon's certificates."""
    protocols: tuple[str, ...] = ("rest-predict",)
    """What it speaks, in the words of `runtimes/`."""
    traffic_control: TrafficControl
    """Who moves the weights, as the endpoint says."""
    call_arn: pulumi.Output[str]
    """ARN of `POST /predict`, for `execute-api:Invoke` in the policies of other accounts."""
    domain_target: pulumi.Output[str] | None = None
    """What the domain's name must be an alias of. None: there is no domain."""

    def __init__(
        self, name: str, args: RestFrontDoorArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = RestFrontDoorArgs.parse(args, name)
        super().__init__(name, args, opts)
        self._physical = physical_name(name, pulumi.get_stack(), "aws-iam-role", "front-door")
        self._tags = None if args.labels is None else render(args.labels, "aws")
        api = self._api(name, args)
        release = self._release(name, args, api)
        keys = self._keys(name, args, api, release)
        # Complete when returned: whoever has the address finds the keys let in and the firewall in place.
        ready = [*([] if keys is None else [keys.joined]), *self._firewall(name, args, release)]
        self.url = pulumi.Output.all(self._address(name, args, api, release), *ready).apply(lambda found: found[0])
        self.api_keys = pulumi.Output.secret({}) if keys is None else keys.keys
        self.resource_id = args.endpoint.resource_id
        self.versions = args.endpoint.versions
        self.metrics = args.endpoint.metrics
        self.traffic_control = args.endpoint.traffic_control
        self.call_arn = pulumi.Output.concat(api.execution_arn, f"/{CALL}")
        self.register_outputs(
            {"url": self.url, "resource_id": self.resource_id, "versions": self.versions, "api_keys": self.api_keys}
        )

    def _api(self, name: str, args: RestFrontDoorArgs) -> aws.apigateway.RestApi:
        public = args.public is not None
        return aws.apigateway.RestApi(
            name,
            name=self._physical,
            description=f"{METHOD} /{PATH} in front of {name}",
            endpoint_configuration=_way_in(args),
            # A private API takes TLS 1.2 at least in any case.
            security_policy=TLS_POLICY if public else None,
            endpoint_access_mode=ACCESS_MODE if public else None,
            disable_execute_api_endpoint=args.domain is not None,
            tags=self._tags,
            opts=self.child(),
        )

    def _release(self, name: str, args: RestFrontDoorArgs, api: aws.apigateway.RestApi) -> Release:
        authorizer, policy = self._authorizer(name, args, api), policy_of(args, api.execution_arn)
        route = RouteArgs(
            rest_api=api.id,
            root=api.root_resource_id,
            method=method_of(args.callers),
            authorizer=authorizer,
            body_schema=schema_of(args),
            call=call_of(args),
        )
        parts: list[pulumi.Resource] = [Route(f"{name}-predict", route, self.child())]
        if policy is not None:
            parts.append(aws.apigateway.RestApiPolicy(name, rest_api_id=api.id, policy=policy, opts=self.child()))
        varying = {"endpoint": args.endpoint.resource_id, "authorizer": authorizer, "policy": policy}
        release = ReleaseArgs(
            foundation=args.foundation,
            rest_api=api.id,
            api_name=self._physical,
            content={"plain": fingerprint_of(args), **{key: at for key, at in varying.items() if at is not None}},
            rate_limit=args.rate_limit if args.public is None else args.public.rate_limit,
            alarms=args.alarms,
            logs=args.logs,
            labels=args.labels,
        )
        # A deployment holds only what is there when it is made; without its policy a private API has none at all.
        return Release(f"{name}-release", release, self.child(depends_on=parts))

    def _authorizer(self, name: str, args: RestFrontDoorArgs, api: aws.apigateway.RestApi) -> pulumi.Output[str] | None:
        callers = args.callers
        if callers is None or (callers.cognito is None and callers.authorizer is None):
            return None
        tokens = TokenAuthorizerArgs(
            account=args.foundation.account,
            rest_api=api.id,
            execution_arn=api.execution_arn,
            cognito=callers.cognito,
            authorizer=callers.authorizer,
        )
        return TokenAuthorizer(f"{name}-tokens", tokens, self.child()).id

    def _keys(
        self, name: str, args: RestFrontDoorArgs, api: aws.apigateway.RestApi, release: Release
    ) -> GatewayKeys | None:
        if args.callers is None or not args.callers.keys:
            return None
        keys = GatewayKeysArgs(
            rest_api=api.id,
            stage=release.stage,
            callers=args.callers,
            physical_name=self._physical,
            labels=args.labels,
        )
        return GatewayKeys(f"{name}-keys", keys, self.child())

    def _firewall(self, name: str, args: RestFrontDoorArgs, release: Release) -> list[pulumi.Output[str]]:
        if args.public is None:
            return []
        firewall = FirewallArgs(
            stage_arn=release.stage_arn,
            public=args.public,
            physical_name=self._physical,
            foundation=args.foundation,
            labels=args.labels,
        )
        return [Firewall(f"{name}-firewall", firewall, self.child()).guarded]

    def _address(
        self, name: str, args: RestFrontDoorArgs, api: aws.apigateway.RestApi, release: Release
    ) -> pulumi.Output[str]:
        if args.domain is not None:
            wanted = CustomDomainArgs(domain=args.domain, rest_api=api.id, stage=release.stage, labels=args.labels)
            domain = CustomDomain(f"{name}-domain", wanted, self.child())
            self.domain_target = domain.target
            return domain.url
        if args.public is not None:
            return release.invoke_url
        account, way_in = args.foundation.account, args.foundation.network.api_endpoint_id
        return pulumi.Output.all(api.id, way_in, release.stage).apply(lambda found: private_url(account, *found))


def policy_of(args: RestFrontDoorArgs, execution_arn: pulumi.Input[str]) -> pulumi.Output[str] | None:
    """Who may call from where, as JSON; None where strangers may reach the API and none of them is named."""
    way_in = None if args.public is not None else args.foundation.network.api_endpoint_id
    return resource_policy(execution_arn, CALL, way_in, () if args.callers is None else args.callers.principals)


def _way_in(args: RestFrontDoorArgs) -> aws.apigateway.RestApiEndpointConfigurationArgs:
    if args.public is not None:
        return aws.apigateway.RestApiEndpointConfigurationArgs(types="REGIONAL")
    inside = args.foundation.network.api_endpoint_id
    return aws.apigateway.RestApiEndpointConfigurationArgs(
        types="PRIVATE", vpc_endpoint_ids=None if inside is None else [inside]
    )


def private_url(account: Account, api: str, vpc_endpoint: str, stage: str) -> str:
    """The address that API Gateway makes for a private API and one VPC endpoint, with or without private DNS there.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
    """
    suffix = "amazonaws.com.cn" if account.partition == "aws-cn" else "amazonaws.com"
    return f"https://{api}-{vpc_endpoint}.execute-api.{account.region}.{suffix}/{stage}"
