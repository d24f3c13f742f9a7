"""Who may talk to whom in a network: models and callers to the endpoints of AWS services, and nobody else."""

from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.identity import name_in_aws
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render

HTTPS: dict[str, Any] = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}
"""All that any rule opens."""

GROUPS = {
    "models": "Models: out to the endpoints of AWS services and to S3, in from nowhere",
    "callers": "Callers of models: out to the endpoints of AWS services, in from nowhere",
    "endpoints": "Endpoints of AWS services: in from models and callers, out to nowhere",
}
"""Role to description. A changed description replaces its group, which AWS refuses while something is in it."""


class SecurityGroupsArgs(Config):
    """The groups of one network."""

    vpc_id: In[str]
    """The VPC."""

    s3_prefix_list_id: In[str]
    """Prefix list of S3 in this region, from its gateway endpoint."""

    labels: Labels | None = None
    """Who owns the network. Left out: no tags."""


class SecurityGroups(Component):
    """Three groups whose rules open port 443 between them, and the VPC's default group without any rule."""

    models: pulumi.Output[str]
    """Id of the models' group."""
    callers: pulumi.Output[str]
    """Id of the callers' group."""
    endpoints: pulumi.Output[str]
    """Id of the endpoints' group."""
    rules: tuple[pulumi.Resource, ...]
    """What opens and closes them."""

    def __init__(
        self, name: str, args: SecurityGroupsArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = SecurityGroupsArgs.parse(args, name)
        super().__init__(name, args, opts)
        self._tags = None if args.labels is None else render(args.labels, "aws")
        # Taken over without rules: what names no group of its own must not get one that lets its members talk.
        default = aws.ec2.DefaultSecurityGroup(
            f"{name}-default", vpc_id=args.vpc_id, ingress=[], egress=[], tags=self._tags, opts=self.child()
        )
        groups = {role: self._group(name, role, args.vpc_id) for role in GROUPS}
        self.models, self.callers, self.endpoints = (groups[role].id for role in ("models", "callers", "endpoints"))
        self.rules = (
            default,
            self._out(name, "models", self.models, "endpoints", referenced_security_group_id=self.endpoints),
            self._out(name, "models", self.models, "s3", prefix_list_id=args.s3_prefix_list_id),
            self._out(name, "callers", self.callers, "endpoints", referenced_security_group_id=self.endpoints),
            self._in(name, "models", self.models),
            self._in(name, "callers", self.callers),
        )
        self.register_outputs({"models": self.models, "callers": self.callers, "endpoints": self.endpoints})

    def _group(self, name: str, role: str, vpc_id: pulumi.Input[str]) -> "aws.ec2.SecurityGroup":
        # Rules are resources of their own: the group must not list any, or the two would undo each other.
        return aws.ec2.SecurityGroup(
            f"{name}-{role}",
            name=name_in_aws(f"{name}-{role}", "aws-iam-role"),
            description=GROUPS[role],
            vpc_id=vpc_id,
            tags=self._tags,
            opts=self.child(),
        )

    def _out(
        self, name: str, source: str, source_id: pulumi.Output[str], target: str, **to: Any
    ) -> "aws.vpc.SecurityGroupEgressRule":
        return aws.vpc.SecurityGroupEgressRule(
            f"{name}-{source}-to-{target}",
            security_group_id=source_id,
            description=f"{source} to {target}",
            tags=self._tags,
            opts=self.child(),
            **HTTPS,
            **to,
        )

    def _in(self, name: str, source: str, source_id: pulumi.Output[str]) -> "aws.vpc.SecurityGroupIngressRule":
        return aws.vpc.SecurityGroupIngressRule(
            f"{name}-endpoints-from-{source}",
            security_group_id=self.endpoints,
            referenced_security_group_id=source_id,
            description=f"endpoints from {source}",
            tags=self._tags,
            opts=self.child(),
            **HTTPS,
        )
