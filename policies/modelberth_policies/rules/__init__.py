"""Every rule, by cloud and product: `rules/aws/kms.py` holds what is asked of KMS. `ALL` lists them."""

from modelberth_policies.rule import Category, Rule
from modelberth_policies.rules import any_cloud, aws, azure, gcp, kubernetes

ALL: tuple[Rule, ...] = (*any_cloud.RULES, *aws.RULES, *gcp.RULES, *azure.RULES, *kubernetes.RULES)
COST: tuple[Rule, ...] = tuple(rule for rule in ALL if rule.category is Category.COST)
"""What the cost pack asks."""
SECURITY: tuple[Rule, ...] = tuple(rule for rule in ALL if rule.category is not Category.COST)
"""What the security pack asks: all that is not about cost."""
