"""The firewall of a public API: how long a body may be, how fast one address, and what is known to be an attack."""

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from modelberth.aws.api_gateway.config import Internet
from modelberth.aws.api_gateway.rate_limit import WINDOW_SECONDS, window_limit
from modelberth.aws.api_gateway.replies import body
from modelberth.aws.foundation import Foundation
from modelberth.aws.identity import after
from modelberth.aws.monitoring import log_group
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render

if TYPE_CHECKING:
    # The module is large, and most programs make no firewall.
    Rule = aws.wafv2.WebAclRuleArgsDict
    Statement = aws.wafv2.WebAclRuleStatementArgsDict

MANAGED: dict[str, tuple[str, ...]] = {
    # Its own limit of 8 KiB is less than many features take; the rule `body-size` stands in its place.
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
}
"""AWS's own rule groups to those of their rules that only count.
Source: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html"""

REDACTED = ("authorization", "x-api-key")
"""Headers that stay out of the firewall's log."""


class FirewallArgs(Config):
    """What a firewall stands before."""

    stage_arn: In[str]
    """ARN of the API's stage."""
    public: Internet
    """What is allowed."""
    physical_name: str
    """Its name in AWS."""
    foundation: Foundation
    """Key of its log, and how long it is kept."""
    labels: Labels | None = None
    """Left out: no tags."""


class Firewall(Component):
    """A web ACL of AWS WAF in front of one stage. Its log holds what was blocked, without keys and tokens."""

    guarded: pulumi.Output[str]
    """ARN of the stage, once the firewall stands before it."""

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        tags = None if args.labels is None else render(args.labels, "aws")
        acl = aws.wafv2.WebAcl(
            name,
            name=args.physical_name,
            scope="REGIONAL",
            default_action={"allow": {}},
            rules=rules_of(args.public),
            custom_response_bodies=[
                {"key": str(status), "content": body(status), "content_type": "APPLICATION_JSON"}
                for status in (413, 429)
            ],
            association_config={
                "request_bodies": [{"api_gateway": {"default_size_inspection_limit": f"KB_{args.public.max_body_kib}"}}]
            },
            visibility_config=_seen(args.physical_name),
            tags=tags,
            opts=self.child(),
        )
        self._log(name, args, acl, tags)
        joined = aws.wafv2.WebAclAssociation(name, resource_arn=args.stage_arn, web_acl_arn=acl.arn, opts=self.child())
        self.guarded = after(args.stage_arn, joined)
        self.register_outputs({"guarded": self.guarded})

    def _log(self, name: str, args: FirewallArgs, acl: aws.wafv2.WebAcl, tags: dict[str, str] | None) -> None:
        # WAF writes to log groups with this beginning only.
        own = f"aws-waf-logs-{args.physical_name}"
        log = log_group(name, own, args.foundation.log_retention_days, args.foundation.encryption, tags, self.child())
        aws.wafv2.WebAclLoggingConfiguration(
            name,
            resource_arn=acl.arn,
            log_destination_configs=[log.arn],
            redacted_fields=[*({"single_header": {"name": header}} for header in REDACTED), {"query_string": {}}],
            logging_filter={
                "default_behavior": "DROP",
                "filters": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "conditions": [{"action_condition": {"action": "BLOCK"}}],
                    }
                ],
            },
            opts=self.child(),
        )


def rules_of(public: Internet) -> "list[Rule]":
    """The rules in their order: what costs least to check comes first."""
    rate = public.rate_limit if public.per_address is None else public.per_address
    size: Statement = {
        "size_constraint_statement": {
            "comparison_operator": "GT",
            "size": public.max_body_kib * 1024,
            # What is longer than the firewall sees is too long.
            "field_to_match": {"body": {"oversize_handling": "MATCH"}},
            "text_transformations": [{"priority": 0, "type": "NONE"}],
        }
    }
    fast: Statement = {
        "rate_based_statement": {
            "aggregate_key_type": "IP",
            "limit": window_limit(rate),
            "evaluation_window_sec": WINDOW_SECONDS,
        }
    }
    return [
        _own(0, "body-size", size, 413),
        _own(1, "address-rate", fast, 429),
        *(_managed(at, name) for at, name in enumerate(MANAGED, start=2)),
    ]


def _own(priority: int, name: str, statement: "Statement", status: int) -> "Rule":
    return {
        "name": name,
        "priority": priority,
        "statement": statement,
        "action": {"block": {"custom_response": {"response_code": status, "custom_response_body_key": str(status)}}},
        "visibility_config": _seen(name),
    }


def _managed(priority: int, name: str) -> "Rule":
    return {
        "name": name,
        "priority": priority,
        "statement": {
            "managed_rule_group_statement": {
                "vendor_name": "AWS",
                "name": name,
                "rule_action_overrides": [{"name": rule, "action_to_use": {"count": {}}} for rule in MANAGED[name]],
            }
        },
        "override_action": {"none": {}},
        "visibility_config": _seen(name),
    }


def _seen(name: str) -> aws.wafv2.WebAclVisibilityConfigArgsDict:
    # Samples of requests would show their headers, keys among them.
    return {"metric_name": name, "cloudwatch_metrics_enabled": True, "sampled_requests_enabled": False}
