"""A name of one's own for a public API: certificate, TLS 1.2 at least, and the record that makes it known."""

import pulumi
import pulumi_aws as aws

from modelberth.aws.api_gateway.config import Domain
from modelberth.aws.identity import after
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render

TLS_POLICY = "SecurityPolicy_TLS13_1_2_2021_06"
"""TLS 1.2 and 1.3; the service's own default for an API on the internet still takes TLS 1.0. The API and its name have
the same one.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html"""

ACCESS_MODE = "STRICT"
"""A request's host must be the one that its TLS connection named. Required beside such a policy."""


class CustomDomainArgs(Config):
    """A name and what it stands for."""

    domain: Domain
    """Name, certificate and zone."""
    rest_api: In[str]
    """Id of the API."""
    stage: In[str]
    """Name of its stage, once it is there."""
    labels: Labels | None = None
    """Left out: no tags."""


class CustomDomain(Component):
    """A domain name in API Gateway, mapped to one stage; and its record, where the zone is given."""

    url: pulumi.Output[str]
    """Address under the name."""
    target: pulumi.Output[str]
    """What the name must be an alias of, where its zone is kept elsewhere."""

    def __init__(self, name: str, args: CustomDomainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        made = aws.apigateway.DomainName(
            name,
            domain_name=args.domain.name,
            regional_certificate_arn=args.domain.certificate_arn,
            endpoint_configuration={"types": "REGIONAL"},
            security_policy=TLS_POLICY,
            endpoint_access_mode=ACCESS_MODE,
            tags=None if args.labels is None else render(args.labels, "aws"),
            opts=self.child(),
        )
        mapping = aws.apigateway.BasePathMapping(
            name, domain_name=made.domain_name, rest_api=args.rest_api, stage_name=args.stage, opts=self.child()
        )
        records = [] if args.domain.zone_id is None else [self._record(name, args.domain, made)]
        self.url = after(f"https://{args.domain.name}", mapping, *records)
        self.target = made.regional_domain_name
        self.register_outputs({"url": self.url, "target": self.target})

    def _record(self, name: str, domain: Domain, made: "aws.apigateway.DomainName") -> "aws.route53.Record":
        return aws.route53.Record(
            name,
            zone_id=domain.zone_id,
            name=domain.name,
            type="A",
            aliases=[
                {
                    "name": made.regional_domain_name,
                    "zone_id": made.regional_zone_id,
                    "evaluate_target_health": False,
                }
            ],
            opts=self.child(),
        )
