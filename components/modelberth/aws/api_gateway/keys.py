"""API keys: one for each caller, and usage plans that say how fast and how much each may ask."""

import pulumi
import pulumi_aws as aws

from modelberth.aws.api_gateway.callers import Callers, Plan
from modelberth.aws.api_gateway.rate_limit import plans_of, usage
from modelberth.aws.identity import after
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render


class GatewayKeysArgs(Config):
    """The keys of one API."""

    rest_api: In[str]
    """Id of the API."""
    stage: In[str]
    """Name of its stage, once it is there."""
    callers: Callers
    """Whose keys, and what each may."""
    physical_name: str
    """What the names in AWS begin with."""
    labels: Labels | None = None
    """Left out: no tags."""


class GatewayKeys(Component):
    """One key for each named caller, and a usage plan for those that share their limits."""

    keys: pulumi.Output[dict[str, str]]
    """Caller to its key, secret, once it lets in."""
    joined: pulumi.Output[str]
    """Names of the callers, once all their keys let in."""

    def __init__(self, name: str, args: GatewayKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        self._tags = None if args.labels is None else render(args.labels, "aws")
        values: dict[str, pulumi.Output[str]] = {}
        joined: list[aws.apigateway.UsagePlanKey] = []
        for role, (plan, clients) in plans_of(args.callers).items():
            made = self._plan(name, role, plan, args)
            for client in clients:
                key, key_of_plan = self._key(name, client, made, args)
                values[client] = after(key.value, key_of_plan)
                joined.append(key_of_plan)
        self.keys = pulumi.Output.secret(pulumi.Output.all(**values))
        self.joined = after(",".join(sorted(values)), *joined)
        self.register_outputs({"keys": self.keys})

    def _plan(self, name: str, role: str, plan: Plan, args: GatewayKeysArgs) -> aws.apigateway.UsagePlan:
        suffix = f"-{role}" if role else ""
        return aws.apigateway.UsagePlan(
            f"{name}{suffix}",
            name=f"{args.physical_name}{suffix}",
            api_stages=[{"api_id": args.rest_api, "stage": args.stage}],
            **usage(plan),
            tags=self._tags,
            opts=self.child(),
        )

    def _key(
        self, name: str, client: str, plan: aws.apigateway.UsagePlan, args: GatewayKeysArgs
    ) -> tuple[aws.apigateway.ApiKey, aws.apigateway.UsagePlanKey]:
        key = aws.apigateway.ApiKey(
            f"{name}-{client}", name=f"{args.physical_name}-{client}", tags=self._tags, opts=self.child()
        )
        joined = aws.apigateway.UsagePlanKey(
            f"{name}-{client}", key_id=key.id, key_type="API_KEY", usage_plan_id=plan.id, opts=self.child()
        )
        return key, joined
