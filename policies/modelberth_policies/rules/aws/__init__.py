"""Rules for Amazon Web Services."""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.aws import kms, s3

RULES: tuple[Rule, ...] = (*kms.RULES, *s3.RULES)
