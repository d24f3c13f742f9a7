"""Rules for Amazon EKS."""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.aws.eks import clusters, nodes

RULES: tuple[Rule, ...] = (*clusters.RULES, *nodes.RULES)
