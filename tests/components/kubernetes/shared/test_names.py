"""Names, networks and choices: what the API server would take, and nothing else."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from modelberth.kubernetes.names import Cidr, DnsLabel, DnsName, LabelKey, LabelValue, network_of
from modelberth.kubernetes.peers import UNREACHED, address_peer, excepted

V4 = st.builds(
    lambda bits, prefix: ipaddress.ip_network((bits, prefix), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)
V6 = st.builds(
    lambda bits, prefix: ipaddress.IPv6Network((bits, prefix), strict=False),
    st.integers(0, 2**128 - 1),
    st.integers(0, 128),
)
NETWORKS = st.one_of(V4, V6)


@given(NETWORKS)
def test_a_network_has_one_spelling(network):
    assert network_of(str(network)) == network_of(network_of(str(network))) == str(network)
    assert network_of(network.exploded) == str(network)


@given(NETWORKS.filter(lambda network: network.prefixlen < network.max_prefixlen), st.data())
def test_an_address_with_bits_after_its_prefix_is_refused_with_its_network(network, data):
    last = int(network.broadcast_address)
    address = ipaddress.ip_address(data.draw(st.integers(int(network.network_address) + 1, last)))
    if address.version != network.version:  # an IPv6 address of small number reads as IPv4
        address = ipaddress.IPv6Address(int(address))
    with pytest.raises(ValueError, match=f"write {network}"):
        network_of(f"{address}/{network.prefixlen}")


@given(st.text(max_size=20).filter(lambda text: not any(sign in text for sign in ".:")))
def test_what_is_no_address_is_no_network(text):
    with pytest.raises(ValueError, match=r"write one like 10\.0\.0\.0/8"):
        network_of(text)


@given(NETWORKS)
def test_what_a_network_leaves_out_lies_in_it_and_is_less(network):
    """The API server refuses an `except` that is not within its network."""
    for hole in map(ipaddress.ip_network, excepted(str(network))):
        assert hole.subnet_of(network)
        assert hole.prefixlen > network.prefixlen


@given(NETWORKS.filter(lambda network: network.prefixlen < 10))
def test_no_wide_network_opens_the_metadata_of_nodes(network):
    holes = [ipaddress.ip_network(hole) for hole in excepted(str(network))]
    for address in map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254")):
        if address in network:
            assert any(address in hole for hole in holes)


def test_what_must_stay_unreached_can_be_named_itself():
    assert address_peer("169.254.169.254/32") == {"ipBlock": {"cidr": "169.254.169.254/32"}}
    assert [excepted(hole) for hole in UNREACHED] == [[], [], []]


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (DnsLabel, ["a", "models", "a-1", "1", "x" * 63], ["", "A", "a_b", "-a", "a-", "a.b", "x" * 64]),
        (
            DnsName,
            ["a", "a.b", "eg", "models.example.com"],
            ["", "a..b", ".a", "A.b", "*.example.com", "a." * 127 + "a"],
        ),
        (LabelKey, ["app", "a.b/C_d.e", "x" * 63], ["", "/a", "a/", "A.b/c/d", "x" * 64, "-a"]),
        (LabelValue, ["", "a", "1.4.0", "x" * 63], ["-a", "a b", "x" * 64, "a/b"]),
        (Cidr, ["10.0.0.0/8", "::/0"], ["10.0.0.1/8", "10.0.0.0/33", "models"]),
    ],
)
def test_names_are_those_that_kubernetes_takes(type_, good, bad):
    adapter = TypeAdapter(type_)
    for text in good:
        assert adapter.validate_python(text) == text
    for text in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)
