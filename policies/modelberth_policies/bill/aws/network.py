"""What a VPC costs: NAT gateways, interface endpoints, public addresses."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item, NotPriceable

ENDPOINT_SUBNET = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"


def nat_gateway(item: Item) -> Iterator[Entry]:
    """Its hours, and what passes it."""
    yield item.line("gateway", "nat-gateway", "gateway hour", item.hours, f"1 gateway x {item.use.hours:g} h")
    passed = item.monthly(item.use.processed_gb)
    yield item.line("data processed", "nat-gateway", "data processed", passed, f"{item.use.processed_gb:g} GB")


def vpc_endpoint(item: Item) -> Iterator[Entry]:
    """An interface endpoint, by the hour in each zone; one of the gateway kind is free."""
    kind = item.text("vpcEndpointType", "Gateway")
    if kind == "Gateway":
        yield item.free("a gateway endpoint costs nothing")
        return
    if kind != "Interface":
        yield item.unpriced(f"the catalogue has no price of a {kind} endpoint")
        return
    zones = max(item.count("subnetIds"), item.count("subnetConfigurations")) + _associated(item)
    if zones == 0:
        raise NotPriceable("subnetIds names no subnet, so nobody knows in how many zones it is billed")
    words = f"{zones} zones x {item.use.hours:g} h"
    yield item.line("endpoint", "vpc-endpoint", "interface endpoint per AZ", item.hours * zones, words)
    passed = item.monthly(item.use.processed_gb)
    yield item.line("data processed", "vpc-endpoint", "data processed", passed, f"{item.use.processed_gb:g} GB")


def _associated(item: Item) -> int:
    found = item.plan.of_type(ENDPOINT_SUBNET)
    return sum(item.resource.urn in each.property_dependencies.get("vpcEndpointId", ()) for each in found)


def elastic_ip(item: Item) -> Iterator[Entry]:
    """A public IPv4 address, in use or not."""
    yield item.line("public address", "public-ipv4", "in-use address", item.hours, f"1 address x {item.use.hours:g} h")
