"""Rules for Amazon ECS."""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.aws.ecs import containers, isolation, scaling, services

RULES: tuple[Rule, ...] = (*containers.RULES, *isolation.RULES, *scaling.RULES, *services.RULES)
