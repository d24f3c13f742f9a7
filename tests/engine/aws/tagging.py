"""The stand-in's answer to the Resource Groups Tagging API: which resources have these tags.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html: all types, but not IAM's
users and roles.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from clouds.aws import answers
from clouds.aws.store import Cloud, Resource

ACTION = ("ResourceGroupsTaggingAPI_20170126", "GetResources")


def resources(asked: Mapping[str, Any], cloud: Cloud) -> dict[str, Any]:
    """Every tagged resource that passes all filters."""
    filters = {one["Key"]: one["Values"] for one in asked.get("TagFilters", [])}
    found = [one for one in cloud.resources if _is_listed(one) and _passes(_tags(one), filters)]
    return {
        "PaginationToken": "",
        "ResourceTagMappingList": [
            {"ResourceARN": one.properties["arn"], "Tags": [{"Key": k, "Value": v} for k, v in _tags(one).items()]}
            for one in found
        ],
    }


def _is_listed(one: Resource) -> bool:
    return bool(_tags(one)) and "arn" in one.properties and not one.type.startswith("aws:iam/")


def _tags(one: Resource) -> dict[str, str]:
    return one.properties.get("tagsAll") or {}


def _passes(tags: Mapping[str, str], filters: Mapping[str, list[str]]) -> bool:
    return all(tags.get(key) in values for key, values in filters.items())


@contextmanager
def answered() -> Iterator[None]:
    """While the block runs, every stand-in of this process answers."""
    with mock.patch.dict(answers.ACTIONS, {ACTION: resources}):
        yield
