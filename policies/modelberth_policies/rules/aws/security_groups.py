"""Security groups: nothing comes in from everywhere, and a model does not go out to everywhere.

Rules stand in three places: in the group, in a rule of the older kind for either direction, in one of the newer kinds.
"""

from collections.abc import Iterator

from modelberth_policies.resources import UNKNOWN, read, reveal
from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.subject import Subject

GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
PREFIX_LIST_ENTRY = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"

WIDEST_V4, WIDEST_V6 = 8, 16
"""Lengths of prefix from which on a range is not the internet: 10.0.0.0/8 is private, 2000::/3 is all there is."""
HIGHEST_PORT = 65535
_RANGES = ("cidrIpv4", "cidrIpv6", "cidr", "cidrBlocks", "ipv6CidrBlocks")


def coming_in(resource: Subject) -> Iterator[Subject]:
    """What lets in, one by one; of a prefix list, its entries."""
    if resource.type == PREFIX_LIST:
        yield from resource.each("entries")
    elif resource.type == RULE:
        yield from [resource] if resource.value("type") == "ingress" else []
    else:
        yield from resource.each("ingress") if resource.type in GROUPS else [resource]


def going_out(resource: Subject) -> Iterator[Subject]:
    """What lets out, one by one. A group that lists none lets nothing out: Pulumi takes away what AWS adds."""
    if resource.type == RULE:
        yield from [resource] if resource.value("type") == "egress" else []
    else:
        yield from resource.each("egress") if resource.type in GROUPS else [resource]


def worlds(rule: Subject) -> Iterator[str]:
    """The ranges of a rule that are, more or less, the internet; those that are known come first."""
    ranges = [each for path in _RANGES for each in _ranges_at(rule, path)]
    for each in sorted(ranges, key=lambda part: part.whole is UNKNOWN):
        if is_world(each.text("")):
            yield each.text("")


def _ranges_at(rule: Subject, path: str) -> Iterator[Subject]:
    whole = reveal(read(rule.whole, path))
    if whole is UNKNOWN or isinstance(whole, str):
        yield Subject(rule.resource, rule.limits, whole, path)
    else:
        yield from rule.each(path)


def is_world(cidr: str) -> bool:
    """Whether a range is the internet, or a great part of it: two halves are a whole."""
    _, slash, length = cidr.rpartition("/")
    return bool(slash) and length.isdecimal() and int(length) < (WIDEST_V6 if ":" in cidr else WIDEST_V4)


def ports_of(rule: Subject) -> tuple[int, int]:
    """First and last port; all of them where the protocol is `-1`."""
    protocol = rule.value("ipProtocol", rule.value("protocol"))
    first, last = (_port(rule.value(path)) for path in ("fromPort", "toPort"))
    if str(protocol).lower() in ("-1", "all") or first < 0 or last < 0:
        return 0, HIGHEST_PORT
    return first, last


def _port(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else -1


@resource_rule(
    "sg-no-open-ingress",
    Severity.CRITICAL,
    Category.SECURITY,
    *GROUPS,
    RULE,
    INGRESS_RULE,
    PREFIX_LIST,
    PREFIX_LIST_ENTRY,
    frameworks=("NIST SC-7",),
    anchors=("CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_260", "pulumi:ec2/SecurityGroup/disallowPublicInternetIngress"),
    over=coming_in,
    why="A port that is open to the internet is tried within minutes.",
    fix="Name a security group or a range of your own; for 443 of a public balancer, declare it under `public`.",
)
def sg_no_open_ingress(rule: Subject) -> Iterator[str]:
    """A prefix list with such a range would hide it from the rules that name the list."""
    open_ = next(worlds(rule), None)
    if open_ is None:
        return
    if rule.type in (PREFIX_LIST, PREFIX_LIST_ENTRY):
        yield f"lists {open_}, which opens whatever names it"
    elif not rule.limits.is_public(rule.resource.urn) or ports_of(rule) != (443, 443):
        yield f"lets {open_} in (ports {rule.show('fromPort')} to {rule.show('toPort')})"


@resource_rule(
    "sg-model-egress-restricted",
    Severity.MEDIUM,
    Category.SECURITY,
    *GROUPS,
    RULE,
    EGRESS_RULE,
    frameworks=("NIST SC-7(5)",),
    anchors=("CKV_AWS_382",),
    over=going_out,
    why="Code that came with a model can carry data to wherever it may talk.",
    fix="Let it out to security groups and prefix lists of VPC endpoints, at the ports that they take.",
)
def sg_model_egress_restricted(rule: Subject) -> Iterator[str]:
    first, last = ports_of(rule)
    open_ = next(worlds(rule), None) if first <= 1 and last == HIGHEST_PORT else None
    if open_ is not None:
        yield f"lets everything out to {open_}"


RULES = (sg_no_open_ingress, sg_model_egress_restricted)
