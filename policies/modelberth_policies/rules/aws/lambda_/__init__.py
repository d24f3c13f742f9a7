"""Rules for AWS Lambda."""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.aws.lambda_ import access, code, environment, operation, scaling

RULES: tuple[Rule, ...] = (*access.RULES, *code.RULES, *environment.RULES, *operation.RULES, *scaling.RULES)
