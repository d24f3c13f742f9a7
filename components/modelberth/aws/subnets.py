"""How the addresses of a network are shared out: arithmetic, and nothing else."""

from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator

# AWS takes networks of /16 to /28, and keeps five addresses of each subnet for itself. An eighth of a /23 has 59 left:
# the endpoints of the services take one each, and SageMaker advises two for each instance, of both versions meanwhile.
# Sources: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html,
# https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html
LARGEST_PREFIX, SMALLEST_PREFIX = 16, 23

PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""Ranges that nobody reaches over the internet (RFC 1918, RFC 6598)."""

ZONE_LETTERS = "abcdef"


def _cidr(text: str) -> str:
    try:
        network = IPv4Network(text)
    except ValueError:
        raise ValueError("not a range of IPv4 addresses with its host bits zero; write one like 10.0.0.0/16") from None
    if not LARGEST_PREFIX <= network.prefixlen <= SMALLEST_PREFIX:
        wrong = "large" if network.prefixlen < LARGEST_PREFIX else "small"
        raise ValueError(
            f"/{network.prefixlen} is too {wrong}, allowed are /{LARGEST_PREFIX} to /{SMALLEST_PREFIX}; "
            f"write one like 10.0.0.0/{LARGEST_PREFIX}"
        )
    if not any(network.subnet_of(private) for private in PRIVATE):
        raise ValueError(f"not a private range; take one within {', '.join(map(str, PRIVATE))}")
    return text


def _zones(letters: str) -> str:
    if not set(letters) <= set(ZONE_LETTERS):
        raise ValueError(f"zones are letters from {ZONE_LETTERS[0]} to {ZONE_LETTERS[-1]}; write ab or abc")
    if len(set(letters)) != len(letters):
        raise ValueError("a zone stands there twice; write each letter once")
    if len(letters) not in (2, 3):
        raise ValueError(f"got {len(letters)}, allowed are 2 or 3 zones; write ab or abc")
    return letters


Cidr = Annotated[str, AfterValidator(_cidr)]
"""A private range of IPv4 addresses: `10.0.0.0/16`."""

Zones = Annotated[str, AfterValidator(_zones)]
"""Letters of two or three availability zones: `ab`."""


def subnets_of(cidr: str, zones: str) -> dict[str, str]:
    """Letter of each zone to the addresses of its subnet.

    Each letter has an eighth of the range for itself, whichever others are chosen: a zone that comes or goes moves no
    other, and a new subnet never wants the addresses of one that is still there.
    """
    eighths = dict(zip(ZONE_LETTERS, IPv4Network(cidr).subnets(prefixlen_diff=3), strict=False))
    return {letter: str(eighths[letter]) for letter in zones}
