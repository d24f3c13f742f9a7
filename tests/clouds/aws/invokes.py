"""The functions of the provider: who am I, where am I."""

from collections.abc import Callable
from typing import Any

from .outputs import Place
from .rules import RefusedError
from .store import Cloud

Args = dict[str, Any]


def answer(token: str, args: Args, cloud: Cloud, region: str) -> Args:
    """The result of a function. Raises RefusedError for one that the stand-in does not know."""
    function = FUNCTIONS.get(token)
    if function is None:
        raise RefusedError(f"the stand-in AWS has no function {token}; it knows {', '.join(sorted(FUNCTIONS))}")
    return {**args, "id": region, **function(Place(cloud.account, region), args)}


def _caller(place: Place, args: Args) -> Args:
    arn = f"arn:{place.partition}:iam::{place.account}:user/stand-in"
    return {"id": place.account, "accountId": place.account, "arn": arn, "userId": "AIDASTANDIN"}


def _zones(place: Place, args: Args) -> Args:
    names = [f"{place.region}{letter}" for letter in "abc"]
    ids = [f"{place.region[:2]}{place.region.split('-')[1][0]}{place.region[-1]}-az{number}" for number in (1, 2, 3)]
    return {"names": names, "zoneIds": ids, "groupNames": [place.region]}


def _partition(place: Place, args: Args) -> Args:
    suffix = "amazonaws.com.cn" if place.partition == "aws-cn" else "amazonaws.com"
    reverse = ".".join(reversed(suffix.split(".")))
    return {"id": place.partition, "partition": place.partition, "dnsSuffix": suffix, "reverseDnsPrefix": reverse}


def _region(place: Place, args: Args) -> Args:
    return {"name": place.region, "region": place.region, "description": "a region", "endpoint": ""}


def _prefix_list(place: Place, args: Args) -> Args:
    name = args.get("name") or f"com.amazonaws.{place.region}.s3"
    return {"id": "pl-6ea54007", "name": name, "prefixListId": "pl-6ea54007", "cidrBlocks": ["192.0.2.0/24"]}


FUNCTIONS: dict[str, Callable[[Place, Args], Args]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
}
