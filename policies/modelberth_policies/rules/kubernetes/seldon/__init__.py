"""Seldon Core 1 (`SeldonDeployment`) and 2 (`Model`, `Server`), for those who run it."""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.kubernetes.seldon import models, pods, scaling

RULES: tuple[Rule, ...] = (*pods.RULES, *models.RULES, *scaling.RULES)
