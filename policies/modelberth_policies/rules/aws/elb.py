"""Load balancers: TLS of today, inside unless declared, a firewall where public, and hardened."""

import re
from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.aws.waf import firewalls_of, limits_rate
from modelberth_policies.subject import Stack, Subject

LISTENERS = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
CLASSIC = "aws:elb/loadBalancer:LoadBalancer"
ENCRYPTED = ("HTTPS", "TLS")
PASSING = ("TCP", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")
"""Protocols that hand on what they get: encrypted only where it is, which is expected at port 443."""
_TLS12 = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-.+")


@resource_rule(
    "alb-https-tls12",
    Severity.CRITICAL,
    Category.SECURITY,
    *LISTENERS,
    frameworks=("FSBP ELB.1",),
    anchors=(
        "CKV_AWS_2",
        "CKV_AWS_103",
        "CKV2_AWS_20",
        "AWS-0054",
        "AWS-0047",
        "FSBP:ELB.1",
        "awsguard:alb-http-to-https-redirection",
    ),
    why="Requests, answers and keys in clear text are read by whoever stands between.",
    fix='Use protocol "HTTPS" with an ssl_policy of TLS 1.2 or newer; let an HTTP listener redirect to HTTPS only.',
)
def alb_https_tls12(listener: Subject) -> Iterator[str]:
    """A listener of a gateway load balancer has neither protocol nor port: it takes every packet."""
    protocol = listener.value("protocol", "HTTP" if listener.present("port") else "GENEVE")
    if protocol in ENCRYPTED:
        if not _TLS12.fullmatch(listener.text("sslPolicy", "ELBSecurityPolicy-2016-08")):
            yield f"takes TLS older than 1.2 (sslPolicy is {listener.show('sslPolicy')})"
    elif protocol in PASSING:
        if str(listener.value("port")) != "443":
            yield f"takes {protocol} at port {listener.show('port')}, which is not that of TLS"
    elif protocol != "GENEVE" and not _redirects(listener):
        yield f"takes {listener.show('protocol')} without TLS and does not redirect it"


def _redirects(listener: Subject) -> bool:
    actions = list(listener.each("defaultActions"))
    return bool(actions) and all(
        action.value("type") == "redirect" and action.value("redirect.protocol") == "HTTPS" for action in actions
    )


def _kind(balancer: Subject) -> object:
    return balancer.value("loadBalancerType", "application")


@resource_rule(
    "alb-internal-unless-declared",
    Severity.HIGH,
    Category.SECURITY,
    *BALANCERS,
    CLASSIC,
    frameworks=("NIST SC-7",),
    anchors=("AWS-0053",),
    why="A model is open to the internet by decision, not by default.",
    fix="Set internal to true, or declare the resource under `public` in policies/limits.yaml.",
)
def alb_internal_unless_declared(balancer: Subject) -> Iterator[str]:
    """Nobody reaches a gateway load balancer from outside."""
    if balancer.limits.is_public(balancer.resource.urn) or _kind(balancer) == "gateway":
        return
    if balancer.value("internal") is not True:
        yield f"is reachable from the internet (internal is {balancer.show('internal')})"


@graph_rule(
    "alb-public-needs-waf",
    Severity.HIGH,
    Category.SECURITY,
    *BALANCERS,
    frameworks=("FSBP ELB.16", "AISF-INFRA-03"),
    anchors=("CKV2_AWS_28", "FSBP:ELB.16", "prowler:elbv2_waf_acl_attached"),
    why="Whoever asks a public model without limit pays nothing, takes its capacity and may copy it.",
    fix="Put a wafv2 WebAcl with a rate_based_statement that blocks in front of it by a WebAclAssociation.",
)
def alb_public_needs_waf(balancer: Subject, stack: Stack) -> Iterator[str]:
    """Only application load balancers can have one."""
    if _kind(balancer) != "application" or balancer.value("internal") is True:
        return
    firewalls = firewalls_of(balancer, stack)
    if not firewalls:
        yield "is public and has no firewall"
    elif not any(limits_rate(firewall, stack) for firewall in firewalls):
        yield "is public, and its firewall limits nobody's rate"


@resource_rule(
    "alb-hardening",
    Severity.LOW,
    Category.SECURITY,
    *BALANCERS,
    frameworks=("FSBP ELB.4", "FSBP ELB.5", "FSBP ELB.6", "FSBP ELB.12"),
    anchors=(
        "CKV_AWS_91",
        "CKV_AWS_131",
        "CKV_AWS_150",
        "CKV_AWS_328",
        "AWS-0052",
        "FSBP:ELB.4",
        "FSBP:ELB.5",
        "FSBP:ELB.6",
        "FSBP:ELB.12",
    ),
    why="Smuggled requests pass a balancer that reads headers loosely, and without a log nobody sees them.",
    fix="Set access_logs, drop_invalid_header_fields, desync_mitigation_mode and enable_deletion_protection.",
)
def alb_hardening(balancer: Subject) -> Iterator[str]:
    kind = _kind(balancer)
    if kind == "gateway":
        return
    if kind == "application" and balancer.value("dropInvalidHeaderFields") is not True:
        yield f"passes invalid headers on (dropInvalidHeaderFields is {balancer.show('dropInvalidHeaderFields')})"
    if kind == "application" and balancer.value("desyncMitigationMode", "defensive") not in ("defensive", "strictest"):
        yield f"lets ambiguous requests pass (desyncMitigationMode is {balancer.show('desyncMitigationMode')})"
    if balancer.limits.production and balancer.value("enableDeletionProtection") is not True:
        yield f"can be deleted (enableDeletionProtection is {balancer.show('enableDeletionProtection')})"
    if balancer.value("accessLogs.enabled") is not True or not balancer.present("accessLogs.bucket"):
        yield "writes no access log"


RULES = (alb_https_tls12, alb_internal_unless_declared, alb_public_needs_waf, alb_hardening)
