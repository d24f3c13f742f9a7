"""How addresses are shared out: nothing overlaps, nothing moves, nothing is too small."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from modelberth.aws.subnets import LARGEST_PREFIX, PRIVATE, SMALLEST_PREFIX, ZONE_LETTERS, Cidr, Zones, subnets_of

RESERVED = 5  # of each subnet, by AWS
ENDPOINTS = 10


@st.composite
def cidrs(draw):
    private = draw(st.sampled_from(PRIVATE))
    prefix = draw(st.integers(LARGEST_PREFIX, SMALLEST_PREFIX))
    address = draw(st.integers(int(private.network_address), int(private.broadcast_address)))
    return str(IPv4Network((address, prefix), strict=False))


zone_letters = st.permutations(ZONE_LETTERS).flatmap(
    lambda letters: st.sampled_from(["".join(letters[:2]), "".join(letters[:3])])
)


@given(cidrs(), zone_letters)
def test_subnets_lie_inside_the_range_and_apart_from_one_another(cidr, zones):
    assert TypeAdapter(Cidr).validate_python(cidr) == cidr
    assert TypeAdapter(Zones).validate_python(zones) == zones
    subnets = {zone: IPv4Network(subnet) for zone, subnet in subnets_of(cidr, zones).items()}
    assert list(subnets) == list(zones)
    assert all(subnet.subnet_of(IPv4Network(cidr)) for subnet in subnets.values())
    assert not any(left.overlaps(right) for a, left in subnets.items() for b, right in subnets.items() if a != b)


@given(cidrs(), zone_letters, zone_letters)
def test_a_zone_that_comes_or_goes_moves_no_other(cidr, before, after):
    old, new = subnets_of(cidr, before), subnets_of(cidr, after)
    assert all(old[zone] == new[zone] for zone in old.keys() & new.keys())
    assert not any(old[zone] == new[other] for zone in old for other in new if zone != other)


@given(cidrs())
def test_each_subnet_has_room_for_its_endpoints_and_for_ten_instances_of_two_versions(cidr):
    for subnet in subnets_of(cidr, "ab").values():
        assert IPv4Network(subnet).num_addresses - RESERVED >= ENDPOINTS + 10 * 2 * 2


def test_the_default_range():
    assert subnets_of("10.0.0.0/16", "abc") == {"a": "10.0.0.0/19", "b": "10.0.32.0/19", "c": "10.0.64.0/19"}


def fault(kind, value):
    with pytest.raises(ValidationError) as error:
        TypeAdapter(kind).validate_python(value)
    return error.value.errors()[0]["msg"].removeprefix("Value error, ")


NO_RANGE = "not a range of IPv4 addresses with its host bits zero; write one like 10.0.0.0/16"


@pytest.mark.parametrize(
    ("cidr", "message"),
    [
        ("10.0.0.0/24", "/24 is too small, allowed are /16 to /23; write one like 10.0.0.0/16"),
        ("10.0.0.0/15", "/15 is too large, allowed are /16 to /23; write one like 10.0.0.0/16"),
        ("10.0.0.1/16", NO_RANGE),
        ("10.0.0.0", "/32 is too small, allowed are /16 to /23; write one like 10.0.0.0/16"),
        ("fd00::/64", NO_RANGE),
        ("office", NO_RANGE),
        ("8.8.0.0/16", "not a private range; take one within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10"),
    ],
)
def test_a_range_that_cannot_be_used_is_refused(cidr, message):
    assert fault(Cidr, cidr) == message


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        ("a", "got 1, allowed are 2 or 3 zones; write ab or abc"),
        ("abcd", "got 4, allowed are 2 or 3 zones; write ab or abc"),
        ("", "got 0, allowed are 2 or 3 zones; write ab or abc"),
        ("aa", "a zone stands there twice; write each letter once"),
        ("12", "zones are letters from a to f; write ab or abc"),
        ("eu-central-1a", "zones are letters from a to f; write ab or abc"),
    ],
)
def test_zones_that_cannot_be_used_are_refused(zones, message):
    assert fault(Zones, zones) == message
