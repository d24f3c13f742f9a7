"""Find what an interrupted run made in AWS and could not record, and bring it under the stack's control.

`python tools/workspace/adopt.py prod`

When the engine or its provider dies between AWS's answer and the state, the next `up` would meet "already exists" for
what has a unique name, and make a second one of what has none. So the creations that a preview plans, and those that
the state calls pending, are looked for: by the name in their inputs, or else by their tags. What is there is imported,
if its tags are the program's; what belongs to somebody else is left alone and named.

Not looked for is what AWS overwrites when it is made again (alarms, policies, a bucket's settings).
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from backend import dead_locks, exclusive
from command import pulumi
from creations import (
    TAGGED,
    Creation,
    Found,
    account_of,
    import_file,
    is_ours,
    known_arns,
    named_id,
    provider_of,
    resources_of,
    tagged_ids,
    to_be_made,
)


def recover(stack: str) -> list[str]:
    """Take away dead locks, adopt what is there, clear what is pending. Returns a line for each thing to tell."""
    for lock in dead_locks(stack):
        lock.unlink(missing_ok=True)
    told = adopt(stack)
    pulumi("refresh", "--stack", stack, "--clear-pending-creates", "--yes", "--suppress-outputs", capture=True)
    return told


def adopt(stack: str) -> list[str]:
    """Import what an interrupted run has made. Returns a line for each thing that was adopted or could not be."""
    before = _state(stack)
    if not provider_of(before):
        return []
    creations = to_be_made(before, _planned(stack))
    ids = {one.urn: id_ for one in creations if (id_ := named_id(one, account_of(before)))}
    ambiguous: list[Creation] = []
    tagged = [one for one in creations if one.type in TAGGED and one.tags]
    if tagged:
        by_tags, ambiguous = tagged_ids(tagged, _listed(before, tagged), known_arns(before))
        ids |= by_tags
    wanted = [one for one in creations if one.urn in ids]
    _import_all(stack, wanted, ids)
    after = {resource["urn"]: resource for resource in resources_of(_state(stack))}
    theirs = [one for one in wanted if one.urn in after and not is_ours(one, after[one.urn])]
    for one in theirs:
        pulumi("state", "delete", one.urn, "--stack", stack, "--yes", "--force", capture=True)
    ours = [one for one in wanted if one.urn in after and one not in theirs]
    return [
        *(f"adopted {one.kind} {ids[one.urn]} as {one.name}" for one in ours),
        *(f"{one.kind} {ids[one.urn]} is not that of {one.name}: its tags or settings differ" for one in theirs),
        *(f"which {one.kind} is that of {one.name} cannot be told: several have its tags" for one in ambiguous),
    ]


def _import_all(stack: str, creations: Sequence[Creation], ids: Mapping[str, str]) -> None:
    """Import what is there. One that is not ends a run of the engine, which goes on without it in the next."""
    left = list(creations)
    while left:
        said = _import(stack, import_file(left, ids))
        has = {resource["urn"] for resource in resources_of(_state(stack))}
        missing = set(re.findall(r"resource '(.+?)' does not exist", said))
        after = [one for one in left if one.urn not in has and ids[one.urn] not in missing]
        if len(after) == len(left):
            sys.exit(said)
        left = after


def _import(stack: str, content: Mapping[str, Any]) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(json.dumps(content))
        file.flush()
        arguments = ["--file", file.name, "--generate-code=false", "--protect=false", "--skip-preview", "--yes"]
        command = ["pulumi", "import", "--stack", stack, *arguments, "--suppress-outputs", "--color", "never"]
        done = subprocess.run(command, text=True, capture_output=True, check=False)
    return done.stdout + done.stderr


def _state(stack: str) -> dict[str, Any]:
    return json.loads(pulumi("stack", "export", "--stack", stack, capture=True))


def _planned(stack: str) -> dict[str, Any]:
    return json.loads(pulumi("preview", "--stack", stack, "--json", capture=True))


def _listed(state: Mapping[str, Any], creations: Sequence[Creation]) -> list[Found]:
    """What AWS has with the tags that all of these share.

    Source: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
    """
    from modelberth.aws.provider import Account, client

    shared = set.intersection(*(set(one.tags.items()) for one in creations))
    provider = provider_of(state)
    roles = json.loads(provider.get("assumeRoles", "[]"))
    role = {"role": roles[0]["roleArn"]} if roles else {}
    account = Account.parse({"region": provider["region"], "id": account_of(state), **role})
    pages = (
        client(account, "resourcegroupstaggingapi")
        .get_paginator("get_resources")
        .paginate(TagFilters=[{"Key": key, "Values": [value]} for key, value in sorted(shared)])
    )
    return [
        Found(one["ResourceARN"], {tag["Key"]: tag["Value"] for tag in one["Tags"]})
        for page in pages
        for one in page["ResourceTagMappingList"]
    ]


if __name__ == "__main__":
    with exclusive():
        for line in recover(sys.argv[1]):
            print(f"adopt: {line}")
