"""Firewalls, read for rules: whether a web ACL limits the rate of requests."""

from collections.abc import Iterator, Mapping

from modelberth_policies.subject import Stack, Subject, Undeterminable

ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
ACL_RULE = "aws:wafv2/webAclRule:WebAclRule"
RULE_GROUP = "aws:wafv2/ruleGroup:RuleGroup"


def firewalls_of(guarded: Subject, stack: Stack) -> list[Subject]:
    """The associations that put a web ACL in front of the resource."""
    return stack.referring(guarded, ASSOCIATION, "resourceArn")


def limits_rate(association: Subject, stack: Stack) -> bool:
    """Whether the web ACL blocks who asks too often. Raises `Undeterminable` for an ACL of another stack."""
    acls = [acl for acl in stack.of_type(WEB_ACL) if stack.refers(association, "webAclArn", acl)]
    if not acls:
        raise Undeterminable("webAclArn")
    return any(_is_rate_rule(rule) for acl in acls for rule in _rules_of(acl, stack)) or any(
        '"RateBasedStatement"' in acl.text("ruleJson") for acl in acls
    )


def _rules_of(acl: Subject, stack: Stack) -> Iterator[Subject]:
    yield from acl.each("rules")
    yield from stack.referring(acl, ACL_RULE, "webAclArn")
    for group in stack.of_type(RULE_GROUP):
        if stack.refers(acl, "rules", group):
            yield from group.each("rules")


def _is_rate_rule(rule: Subject) -> bool:
    """Counting stops nobody."""
    return isinstance(rule.value("statement.rateBasedStatement"), Mapping) and any(
        isinstance(rule.value(f"action.{action}"), Mapping) for action in ("block", "captcha", "challenge")
    )
