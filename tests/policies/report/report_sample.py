"""A report as a fixed value, with one of everything that a format has to show."""

import dataclasses
import datetime

from modelberth_policies.bill import UNBOUNDED, Bill, Line, Range, Unpriced
from modelberth_policies.evaluate import Finding
from modelberth_policies.exemptions import Exemption
from modelberth_policies.prices import Price
from modelberth_policies.report.model import Exempted, Node, Past, Report, StackReport, key_of
from modelberth_policies.rule import Category, Level, Rule, Severity

HOUR = Price(0.25, "hour", "ml.m5.xlarge", "eu-central-1", "AWS price list", "2026-07-20")
GB = Price(0.023, "GB-month", "storage", "eu-central-1", "AWS price list", "2026-07", derived="us-east-1 x 1.06")


def rule(id, severity, category=Category.SECURITY, **about):
    given = {"why": f"Why {id}.", "fix": f"Mend {id}.", "frameworks": ("NIST SC-28",), **about}
    return Rule(id, severity, category, ("acme:serving:Endpoint",), "resource", lambda _: (), **given)


RULES = {
    each.id: each
    for each in (
        rule("role-narrow", Severity.CRITICAL),
        rule("endpoint-kms", Severity.HIGH),
        rule("budget", Severity.HIGH, Category.COST, frameworks=()),
        rule("two-instances", Severity.MEDIUM, Category.RELIABILITY),
        rule("owner-tag", Severity.LOW, Category.GOVERNANCE),
        rule("region", Severity.HIGH, Category.PRIVACY),
        rule("nobody-breaks-it", Severity.MEDIUM),
        rule("broken-rule", Severity.LOW),
    )
}


def urn(name, type_="acme:serving:Endpoint", stack="prod"):
    return f"urn:pulumi:{stack}::shop::{type_}::{name}"


def finding(
    rule_id, message, *, kind="violation", level=Level.MANDATORY, name="ranker", path="", line=10, stack="prod"
):
    of = RULES[rule_id]
    source = f"services/ranker.py:{line}" if line else ""
    place = urn(name, stack=stack)
    words = f"{name} {message}"
    return Finding(rule_id, kind, of.severity, level, words, place, "acme:serving:Endpoint", name, source, path, of.fix)


KMS = finding("endpoint-kms", "has no key (kmsKeyArn is unset)")
ROLE = finding("role-narrow", "allows `*` | <b>everything</b>", path="policy.Statement[0]", line=7)
AGAIN = finding("role-narrow", "allows iam:PassRole", path="policy.Statement[0]", line=7)
BUDGET = dataclasses.replace(
    finding("budget", "is expected to cost 365.50; the budget is 300.00", name="prod", line=0),
    urn=urn("shop-prod", "pulumi:pulumi:Stack"),
    type="pulumi:pulumi:Stack",
)
TWO = finding("two-instances", "starts with 1 instance; the least is 2", level=Level.ADVISORY)
LATER = finding("region", "has a value that is known only later", kind="undeterminable", level=Level.ADVISORY)
RAISED = finding("broken-rule", "cannot be judged: broken-rule raised KeyError at own.py:3", kind="error")
TAG = finding("owner-tag", "has no tag owner", level=Level.ADVISORY, name="logs", line=22)
GONE = finding("owner-tag", "had no tag <owner>", level=Level.ADVISORY, name="old")

EXEMPTION = Exemption(
    rule="owner-tag",
    resource="urn:pulumi:prod::shop::*::logs",
    reason="The platform team | tags it in January.",
    owner="@acme/platform",
    expires=datetime.date(2027, 1, 31),
)
IDLE = EXEMPTION.model_copy(update={"resource": "urn:pulumi:dev::shop::*::logs", "reason": "Nothing to exempt today."})

TREE = (
    Node(urn("site", "acme:index:Site"), urn("shop-prod", "pulumi:pulumi:Stack"), "acme:index:Site", "site", True),
    Node(urn("ranker"), urn("site", "acme:index:Site"), "acme:serving:Endpoint", "ranker"),
    Node(urn("logs"), urn("site", "acme:index:Site"), "acme:serving:Endpoint", "logs"),
)


def line(name, service, what, price, quantity, formula):
    return Line(urn(name), service, "SageMaker", what, price, quantity, formula)


BILL = Bill(
    "prod",
    "prod",
    lines=(
        line("ranker", "ranker", "ml.m5.xlarge", HOUR, Range(730, 1460, 7300), "1 to 10 instances x 730 h"),
        line("logs", "logs", "storage", GB, Range(10, 20, UNBOUNDED), "20 GB (assumed)"),
    ),
    unpriced=(Unpriced(urn("odd"), "acme:odd:Thing", "the catalogue has no price of it"),),
    rollouts=(line("ranker", "ranker", "ml.m5.xlarge", HOUR, Range.of(2), "2 instances x 1 h"),),
)
CHEAPER = Range(182.5, 240, 1825)
PAST = Past({key_of(each): each.message for each in (TWO, LATER, GONE)}, CHEAPER, {"ranker": CHEAPER})

PROD = StackReport(
    "shop",
    "prod",
    "prod",
    2,
    tuple(RULES.values()),
    (ROLE, AGAIN, KMS, BUDGET, RAISED, TWO, LATER),
    (Exempted(TAG, EXEMPTION),),
    BILL,
    PAST,
    TREE,
    ("stack 'prod' imports secrets/base of Pulumi ESC, which cannot be read here",),
)
DEV = StackReport("shop", "dev", "dev", 0, tuple(RULES.values())[:2], (), (), Bill("dev", "dev"))
REPORT = Report((PROD, DEV), (EXEMPTION, IDLE), "teams/shop/Pulumi.yaml", "1.2.3")
FIRST = Report((dataclasses.replace(PROD, past=None),), (EXEMPTION,), "Pulumi.yaml", "1.2.3")
"""Without a baseline, in a repository of its own."""
CLEAN = Report((DEV,), (), "Pulumi.yaml")


def many(findings, services=1):
    """A stack with so many findings, each on a resource of its own, and so many services."""
    found = tuple(finding("endpoint-kms", "has no key " + "x" * 60, name=f"ranker-{n}") for n in range(findings))
    lines = tuple(line(f"s-{n}", f"service-{n}", "ml.m5.xlarge", HOUR, Range.of(n), "always") for n in range(services))
    root = urn("shop-prod", "pulumi:pulumi:Stack")
    tree = tuple(Node(each.urn, root, each.type, each.name) for each in found)
    stack = dataclasses.replace(PROD, findings=found, bill=Bill("prod", "prod", lines=lines), tree=tree)
    return Report((stack,), (EXEMPTION,), "Pulumi.yaml")
