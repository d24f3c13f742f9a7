"""WAF: the list, its rules, and the requests that it sees."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item, Values
from modelberth_policies.bill.model import Range

PAID_GROUPS = ("BotControl", "ATPRuleSet", "ACFPRuleSet")
"""Parts of the names of AWS's own rule groups that have a price of their own."""


def web_acl(item: Item) -> Iterator[Entry]:
    """One list. A group of rules counts as one rule; some groups cost extra."""
    share = item.use.hours / 730
    rules = item.each("rules")
    yield item.line("web ACL", "wafv2", "web ACL", Range.of(share), "1 list")
    yield item.line("rules", "wafv2", "rule", Range.of(len(rules) * share), f"{len(rules)} rules")
    millions = item.monthly(item.use.requests / 1e6)
    yield item.line("requests", "wafv2", "requests", millions, f"{item.use.requests:g} requests")
    for rule in rules:
        yield from _group(item, rule)


def _group(item: Item, rule: Values) -> Iterator[Entry]:
    group = rule.under("statement").under("managedRuleGroupStatement")
    if not group.has("name"):
        return
    vendor, name = group.text("vendorName", "AWS"), group.text("name")
    if vendor != "AWS" or any(part in name for part in PAID_GROUPS):
        yield item.unpriced("the catalogue has no price of this group of rules", f"{vendor} {name}")
