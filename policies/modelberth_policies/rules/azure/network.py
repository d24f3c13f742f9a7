"""Azure networks: no door open to everyone, and a guard at the one that has to be."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.azure.words import says
from modelberth_policies.rules.parts import known, of_each
from modelberth_policies.subject import Stack, Subject, Undeterminable

SECURITY_GROUP = "azure-native:network:NetworkSecurityGroup"
SECURITY_RULE = "azure-native:network:SecurityRule"
GATEWAY = "azure-native:network:ApplicationGateway"
FIREWALL = "azure-native:network:WebApplicationFirewallPolicy"
_ANYWHERE = ("*", "any", "internet")
_HTTPS = "443"


def rules_of(resource: Subject) -> Iterator[Subject]:
    """A rule that stands by itself, or those within a security group."""
    if resource.type == SECURITY_GROUP:
        yield from resource.each("securityRules")
    else:
        yield resource


@resource_rule(
    "nsg-no-open-ingress",
    Severity.CRITICAL,
    Category.SECURITY,
    SECURITY_GROUP,
    SECURITY_RULE,
    frameworks=("NIST SC-7",),
    anchors=("CKV_AZURE_9", "CKV_AZURE_10", "CKV_AZURE_160"),
    over=rules_of,
    why="A port that is open to all is found within minutes, and tried for ever after.",
    fix="Name the networks in source_address_prefix; port 443 may be open where it is declared under `public`.",
)
def nsg_no_open_ingress(rule: Subject) -> Iterator[str]:
    if not says(rule, "access", "Allow") or not says(rule, "direction", "Inbound"):
        return
    if rule.limits.is_public(rule.resource.urn) and _opens_https_only(rule):
        return
    yield from _open(rule, "sourceAddressPrefix")
    yield from of_each(rule.each("sourceAddressPrefixes"), _open)


def _open(part: Subject, path: str = "") -> Iterator[str]:
    source = known(part, path)
    if source.lower() in _ANYWHERE or source.endswith("/0"):
        yield f"lets everyone in ({path or 'a source'} is {part.show(path)})"


def _opens_https_only(rule: Subject) -> bool:
    ports = [rule.text("destinationPortRange"), *(each.text("") for each in rule.each("destinationPortRanges"))]
    return {port for port in ports if port} == {_HTTPS}


@graph_rule(
    "appgw-waf",
    Severity.HIGH,
    Category.SECURITY,
    GATEWAY,
    frameworks=("NIST SC-7",),
    anchors=("CKV_AZURE_120", "CKV_AZURE_122"),
    why="What stands on the internet is attacked by machines; only a firewall that blocks keeps them off the model.",
    fix='Set sku.tier "WAF_v2" and firewall_policy to a WebApplicationFirewallPolicy with mode "Prevention".',
)
def appgw_waf(gateway: Subject, stack: Stack) -> Iterator[str]:
    """Undeterminable where the policy is not of this stack, so that its mode cannot be seen."""
    if not says(gateway, "sku.tier", "WAF_v2"):
        yield f"has no firewall (sku.tier is {gateway.show('sku.tier')})"
        return
    if gateway.present("firewallPolicy.id"):
        policies = [each for each in stack.of_type(FIREWALL) if stack.refers(gateway, "firewallPolicy.id", each)]
        if not policies:
            raise Undeterminable("firewallPolicy.id")
        for policy in policies:
            yield from _only_watches(policy)
        return
    own = "webApplicationFirewallConfiguration"
    if gateway.value(f"{own}.enabled") is not True or not says(gateway, f"{own}.firewallMode", "Prevention"):
        yield f"blocks nothing ({own} is not in Prevention mode)"


def _only_watches(policy: Subject) -> Iterator[str]:
    if says(policy, "policySettings.state", "Disabled"):
        yield f"blocks nothing ({policy.name} is turned off)"
    elif not says(policy, "policySettings.mode", "Prevention"):
        yield f"blocks nothing ({policy.name} has policySettings.mode {policy.show('policySettings.mode')})"


RULES = (nsg_no_open_ingress, appgw_waf)
