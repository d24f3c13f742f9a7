"""What an interrupted run may have made: which things are looked for, under which id, and whose they must be. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What a preview writes for a value that only the cloud will know."""

NAMED = {
    "aws:budgets/budget:Budget": "{account}:{name}",
    "aws:cloudwatch/logGroup:LogGroup": "{name}",
    "aws:ecr/repository:Repository": "{name}",
    "aws:iam/role:Role": "{name}",
    "aws:kms/alias:Alias": "{name}",
    "aws:s3/bucket:Bucket": "{bucket}",
    "aws:sagemaker/endpoint:Endpoint": "{name}",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "{name}",
    "aws:sagemaker/model:Model": "{name}",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": "{modelPackageGroupName}",
}
"""Type to its import id in the words of its inputs. Source: the section "Import" of each type in
https://www.pulumi.com/registry/packages/aws/api-docs/."""

TAGGED = {
    "aws:apigateway/apiKey:ApiKey": ("apigateway", "/apikeys/"),
    "aws:apigateway/restApi:RestApi": ("apigateway", "/restapis/"),
    "aws:apigateway/usagePlan:UsagePlan": ("apigateway", "/usageplans/"),
    "aws:ec2/flowLog:FlowLog": ("ec2", "vpc-flow-log/"),
    "aws:ec2/routeTable:RouteTable": ("ec2", "route-table/"),
    "aws:ec2/securityGroup:SecurityGroup": ("ec2", "security-group/"),
    "aws:ec2/subnet:Subnet": ("ec2", "subnet/"),
    "aws:ec2/vpc:Vpc": ("ec2", "vpc/"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("ec2", "vpc-endpoint/"),
    "aws:kms/key:Key": ("kms", "key/"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ("ec2", "security-group-rule/"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("ec2", "security-group-rule/"),
}
"""Type whose id AWS makes up, to the service and the resource of its ARN; the id follows.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/"""


@dataclass(frozen=True)
class Creation:
    """A resource that is to be made, and may have been made already."""

    urn: str
    type: str
    inputs: Mapping[str, Any]
    parent: str
    provider: str
    """URN of its provider."""

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.rpartition("::")[2]

    @property
    def kind(self) -> str:
        """Last word of its type: `Role`."""
        return self.type.rpartition(":")[2]

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags that the program gives it, as far as they are known."""
        tags = self.inputs.get("tags")
        return tags if isinstance(tags, dict) else {}


@dataclass(frozen=True)
class Found:
    """A resource that AWS has."""

    arn: str
    tags: Mapping[str, str]


def to_be_made(state: Mapping[str, Any], planned: Mapping[str, Any]) -> list[Creation]:
    """What a preview creates and what the state says was being created, each once; not what the state has."""
    has = {resource["urn"] for resource in resources_of(state)}
    operations = state["deployment"].get("pending_operations") or []
    pending = [one["resource"] for one in operations if one["type"] == "creating"]
    steps = [step["newState"] for step in planned.get("steps", []) if step["op"] == "create"]
    # The pending ones come last: their inputs are those that AWS was sent.
    found = {one["urn"]: _creation(one) for one in [*steps, *pending] if one.get("custom")}
    return [one for urn, one in found.items() if urn not in has and one.parent in {*has, ""}]


def _creation(resource: Mapping[str, Any]) -> Creation:
    provider = resource.get("provider", "").rpartition("::")[0]
    return Creation(resource["urn"], resource["type"], resource.get("inputs", {}), resource.get("parent", ""), provider)


def named_id(creation: Creation, account: str) -> str | None:
    """The id under which a resource is imported whose name is in its inputs. None: it has none, or not yet."""
    template = NAMED.get(creation.type)
    known = {word: value for word, value in creation.inputs.items() if isinstance(value, str) and value != UNKNOWN}
    if template is None:
        return None
    try:
        return template.format_map({"account": account, **known})
    except KeyError:
        return None


def tagged_ids(
    creations: Sequence[Creation], listed: Iterable[Found], known: set[str]
) -> tuple[dict[str, str], list[Creation]]:
    """URN to the id of the one resource of its type that has its tags; and those of which that cannot be told."""
    strange = [one for one in listed if one.arn not in known]
    ids: dict[str, str] = {}
    ambiguous: list[Creation] = []
    for creation in creations:
        same = [one for one in creations if _signature(one) == _signature(creation)]
        found = [id_ for one in strange if (id_ := id_in(one.arn, creation.type)) and one.tags == creation.tags]
        if len(found) == len(same) == 1:
            ids[creation.urn] = found[0]
        elif found:
            ambiguous.append(creation)
    return ids, ambiguous


def _signature(creation: Creation) -> tuple[Any, ...]:
    return (TAGGED[creation.type], sorted(creation.tags.items()))


def id_in(arn: str, type_: str) -> str | None:
    """The id in the ARN of a resource of a type; None where it is of another one."""
    service, start = TAGGED[type_]
    found = re.fullmatch(rf"arn:[^:]+:{service}:[^:]*:[^:]*:{re.escape(start)}([^/]+)", arn)
    return found[1] if found else None


def is_ours(creation: Creation, resource: Mapping[str, Any]) -> bool:
    """Whether what was imported has the tags of the program; where a type has none, whether it says what was asked."""
    outputs = resource.get("outputs", {})
    if creation.tags:
        return creation.tags.items() <= (outputs.get("tagsAll") or outputs.get("tags") or {}).items()
    return all(outputs.get(word) == value for word, value in creation.inputs.items() if not word.startswith("__"))


def import_file(creations: Iterable[Creation], ids: Mapping[str, str]) -> dict[str, Any]:
    """What `pulumi import --file` reads."""
    words: dict[str, str] = {}
    entries = [
        {"type": one.type, "name": one.name, "id": ids[one.urn]}
        | {role: _word(words, urn) for role, urn in (("parent", one.parent), ("provider", one.provider)) if urn}
        for one in creations
    ]
    return {"nameTable": {word: urn for urn, word in words.items()}, "resources": entries}


def _word(words: dict[str, str], urn: str) -> str:
    return words.setdefault(urn, f"name-{len(words)}")


def resources_of(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The resources in an exported state."""
    return state["deployment"].get("resources") or []


def known_arns(state: Mapping[str, Any]) -> set[str]:
    """The ARNs of what the stack has."""
    return {arn for resource in resources_of(state) if (arn := resource.get("outputs", {}).get("arn"))}


def provider_of(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inputs of the stack's AWS provider; empty where it has none."""
    providers = [one for one in resources_of(state) if one["type"] == "pulumi:providers:aws"]
    return providers[0]["inputs"] if providers else {}


def account_of(state: Mapping[str, Any]) -> str:
    """Id of the account that the stack's provider allows; empty where the stack has none yet."""
    return next(iter(json.loads(provider_of(state).get("allowedAccountIds", "[]"))), "")
