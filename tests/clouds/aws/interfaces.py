"""Network interfaces: one of each live endpoint in a network, and those that SageMaker has not taken away yet.

A test puts the latter into the cloud, `add("aws:ec2/networkInterface:NetworkInterface", "eni-1", securityGroups=[…])`;
each goes when it was shown once, or `live["calls"]` times. While it is there, its group cannot be deleted.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .endpoints import behind
from .rules import ENDPOINT, RefusedError, values
from .store import Cloud

INTERFACE = "aws:ec2/networkInterface:NetworkInterface"
GROUPS = "vpcConfig.securityGroupIds[]"


def described(asked: Mapping[str, Any], cloud: Cloud) -> dict[str, Any]:
    """The interfaces in one security group, in the words of EC2's XML."""
    if asked.get("Filter.1.Name") != "group-id":
        raise RefusedError("InvalidParameterValue: the stand-in AWS filters network interfaces by group-id only")
    group = asked["Filter.1.Value.1"]
    found = [*_of_endpoints(cloud, group), *_lingering(cloud, group)]
    return {"networkInterfaceSet": [{"networkInterfaceId": id_, "status": "in-use"} for id_ in found]}


def _of_endpoints(cloud: Cloud, group: str) -> Iterator[str]:
    for endpoint in cloud.of(ENDPOINT):
        groups = {one for part in behind(cloud, endpoint.properties) for one in values(part, GROUPS)}
        if group in groups:
            yield f"eni-of-{endpoint.id}"


def _lingering(cloud: Cloud, group: str) -> Iterator[str]:
    for one in cloud.of(INTERFACE):
        if group not in one.properties["securityGroups"]:
            continue
        one.live["calls"] = one.live.get("calls", 1) - 1
        if one.live["calls"] <= 0:
            cloud.remove(one)
        yield one.id
