"""The network of models: private subnets, the endpoints through which they reach AWS, and nothing else."""

from typing import Annotated, Any, Self

import pulumi
import pulumi_aws as aws
from pydantic import AfterValidator, Field, model_validator

from modelberth.aws.encryption import Encryption
from modelberth.aws.flow_log import FlowLog
from modelberth.aws.identity import after, name_in_aws
from modelberth.aws.ids import Action, BucketName, EndpointId, SecurityGroupId, ServiceWord, SubnetId, VpcId
from modelberth.aws.provider import Account
from modelberth.aws.retention import LogRetentionDays
from modelberth.aws.security_groups import SecurityGroups
from modelberth.aws.service_endpoints import (
    EXECUTE_API,
    REQUIRED,
    S3,
    api_policy,
    check_partition,
    s3_policy,
    service_name,
    service_policy,
)
from modelberth.aws.subnets import Cidr, Zones, subnets_of
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render


def _several(subnets: tuple[Any, ...]) -> tuple[Any, ...]:
    # Source: https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html (two); VpcConfig takes sixteen.
    if not 2 <= len(subnets) <= 16:
        have = "1 subnet" if len(subnets) == 1 else f"{len(subnets)} subnets"
        raise ValueError(f"got {have}, SageMaker wants 2 to 16 in different zones")
    plain = [subnet for subnet in subnets if isinstance(subnet, str)]
    if len(set(plain)) != len(plain):
        raise ValueError("a subnet stands there twice; name subnets of different zones")
    return subnets


class Network(Config):
    """Where models run, and from where callers reach them. Made by `PrivateNetwork`, or one that is there already."""

    vpc_id: In[VpcId]
    """The VPC."""

    subnet_ids: Annotated[tuple[In[SubnetId], ...], AfterValidator(_several)]
    """Private subnets in different zones; two or three."""

    model_security_group_id: In[SecurityGroupId]
    """Security group of the models: out to the VPC's endpoints only, in from nowhere."""

    caller_security_group_id: In[SecurityGroupId] | None = None
    """Security group for callers in this network: out to the VPC's endpoints. Left out: callers bring their own."""

    api_endpoint_id: In[EndpointId] | None = None
    """Interface endpoint of `execute-api`, through which a private API is called. Left out: no private API here."""


class NetworkShape(Config):
    """How large a network is and what it reaches."""

    cidr: Cidr = "10.0.0.0/16"
    """Its addresses, a private range of /16 to /23; each network that is joined to others needs its own. Left out:
    10.0.0.0/16."""

    zones: Zones = "ab"
    """Letters of two or three availability zones: `abc`. Left out: `ab`, the least that SageMaker takes, because each
    zone pays for its own endpoints. A region need not have a b, nor a zone each service: `aws ec2
    describe-vpc-endpoint-services` says which."""

    services: dict[ServiceWord, tuple[Action, ...]] = Field(default_factory=dict)
    """AWS services that models call besides those that each network reaches, to the actions that may pass:
    `{"monitoring": ["cloudwatch:PutMetricData"]}`. Left out: none."""

    buckets: tuple[In[BucketName], ...] = ()
    """Buckets of other accounts that may be read: a shared registry's. Left out: none; those of this account may be."""

    private_api: bool = True
    """Whether private APIs of API Gateway can be called from here. Left out: yes. Then their names, and those of public
    ones, lead to the endpoint: https://repost.aws/knowledge-center/api-gateway-vpc-connections"""

    @model_validator(mode="after")
    def _adds(self) -> Self:
        doubled = sorted({*self.services} & {*REQUIRED, EXECUTE_API, S3})
        if doubled:
            raise ValueError(f"services has {', '.join(doubled)}, which each network reaches; leave it out")
        empty = sorted(service for service, actions in self.services.items() if not actions)
        if empty:
            raise ValueError(f"services has {', '.join(empty)} without an action that may pass; name some")
        return self


class PrivateNetworkArgs(NetworkShape):
    """A network of one's own."""

    account: Account
    """Region and account."""

    encryption: Encryption
    """Key of the flow log."""

    flow_log_days: LogRetentionDays = 90
    """Days for which the flow log is kept. Left out: 90."""

    permissions_boundary: In[str] | None = None
    """ARN of the policy that bounds the flow log's role. Left out: no boundary."""

    labels: Labels | None = None
    """Who owns the network. Left out: no tags but names."""

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        check_partition(self.account)
        return self


class PrivateNetwork(Component):
    """Private subnets without any way to or from the internet, and the endpoints through which AWS is reached.

    Two zones with the eight endpoints that each network has are sixteen endpoint hours per hour on the bill.
    """

    network: Network
    """The network, once models can run in it."""

    def __init__(
        self, name: str, args: PrivateNetworkArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = PrivateNetworkArgs.parse(args, name)
        super().__init__(name, args, opts)
        self._name, self._args = name, args
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.cidr,
            # Both, or private DNS names of endpoints do not resolve.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags(),
            opts=self.child(),
        )
        self._vpc_id = vpc.id
        subnets = self._subnets()
        table, joined = self._routes(subnets)
        s3 = self._s3_endpoint(table)
        groups = SecurityGroups(
            f"{name}-groups",
            {"vpc_id": vpc.id, "s3_prefix_list_id": s3.prefix_list_id, "labels": args.labels},
            self.child(),
        )
        endpoints = self._service_endpoints(subnets, groups.endpoints)

        # What a model needs is there once any part of the network is used.
        needed = (s3, *endpoints.values(), *joined, *groups.rules, self._flow_log().log)
        self.network = Network(
            vpc_id=after(vpc.id, *needed),
            subnet_ids=tuple(after(subnet.id, *needed) for subnet in subnets.values()),
            model_security_group_id=after(groups.models, *needed),
            caller_security_group_id=after(groups.callers, *needed),
            api_endpoint_id=after(endpoints[EXECUTE_API].id, *needed) if args.private_api else None,
        )
        self.register_outputs({"vpc_id": self.network.vpc_id, "subnet_ids": list(self.network.subnet_ids)})

    def _tags(self, role: str = "") -> dict[str, str]:
        labels = {} if self._args.labels is None else render(self._args.labels, "aws")
        return {"Name": name_in_aws(f"{self._name}{role}", "aws-iam-role"), **labels}

    def _subnets(self) -> "dict[str, aws.ec2.Subnet]":
        return {
            zone: aws.ec2.Subnet(
                f"{self._name}-{zone}",
                vpc_id=self._vpc_id,
                cidr_block=cidr,
                availability_zone=f"{self._args.account.region}{zone}",
                map_public_ip_on_launch=False,
                tags=self._tags(f"-{zone}"),
                opts=self.child(),
            )
            for zone, cidr in subnets_of(self._args.cidr, self._args.zones).items()
        }

    def _routes(
        self, subnets: "dict[str, aws.ec2.Subnet]"
    ) -> "tuple[aws.ec2.RouteTable, list[aws.ec2.RouteTableAssociation]]":
        """One table for all zones: it leads to the network itself and to S3, which is the same in each of them."""
        table = aws.ec2.RouteTable(self._name, vpc_id=self._vpc_id, tags=self._tags(), opts=self.child())
        return table, [
            aws.ec2.RouteTableAssociation(
                f"{self._name}-{zone}", route_table_id=table.id, subnet_id=subnet.id, opts=self.child()
            )
            for zone, subnet in subnets.items()
        ]

    def _s3_endpoint(self, table: "aws.ec2.RouteTable") -> "aws.ec2.VpcEndpoint":
        account = self._args.account
        return aws.ec2.VpcEndpoint(
            f"{self._name}-{S3}",
            vpc_id=self._vpc_id,
            vpc_endpoint_type="Gateway",
            service_name=service_name(account, S3),
            route_table_ids=[table.id],
            policy=s3_policy(account, self._args.buckets),
            tags=self._tags(f"-{S3}"),
            opts=self.child(),
        )

    def _service_endpoints(
        self, subnets: "dict[str, aws.ec2.Subnet]", group: pulumi.Output[str]
    ) -> "dict[str, aws.ec2.VpcEndpoint]":
        account = self._args.account
        passing = {**REQUIRED, **self._args.services}
        policies = {service: service_policy(account, service, actions) for service, actions in passing.items()}
        if self._args.private_api:
            policies[EXECUTE_API] = api_policy(account)
        return {
            service: aws.ec2.VpcEndpoint(
                f"{self._name}-{service.replace('.', '-')}",
                vpc_id=self._vpc_id,
                vpc_endpoint_type="Interface",
                service_name=service_name(account, service),
                subnet_ids=[subnet.id for subnet in subnets.values()],
                security_group_ids=[group],
                private_dns_enabled=True,
                policy=policy,
                tags=self._tags(f"-{service.replace('.', '-')}"),
                opts=self.child(),
            )
            for service, policy in policies.items()
        }

    def _flow_log(self) -> FlowLog:
        args = self._args
        return FlowLog(
            f"{self._name}-flow-log",
            {
                "account": args.account,
                "vpc_id": self._vpc_id,
                "encryption": args.encryption,
                "retention_days": args.flow_log_days,
                "permissions_boundary": args.permissions_boundary,
                "labels": args.labels,
            },
            self.child(),
        )
