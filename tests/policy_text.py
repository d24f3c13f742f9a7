"""Policies of a plan as data: their statements, and what the service authorization reference says of them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from modelberth_policies.resources import Plan, Resource

POLICY_INPUTS = ("assumeRolePolicy", "policy", "resourcePolicy")


def readable(plan: Plan) -> Plan:
    """The plan with policies as mappings, so that an inventory can list them."""
    return Plan(plan.project, plan.stack, tuple(map(_readable, plan)), plan.outputs)


def _readable(resource: Resource) -> Resource:
    inputs = {
        name: json.loads(value) if name in POLICY_INPUTS and isinstance(value, str) else value
        for name, value in resource.inputs.items()
    }
    return replace(resource, inputs=inputs)


def statements(plan: Plan) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
    """Every statement of every policy that is known, with the resource whose policy it is."""
    for resource in readable(plan):
        for name in POLICY_INPUTS:
            policy = resource.inputs.get(name)
            for statement in policy.get("Statement", ()) if isinstance(policy, Mapping) else ():
                yield resource, statement


@cache
def reference() -> Mapping[str, Any]:
    """Actions of each service and the kinds of resources they take, as cfn-lint has them from AWS."""
    return json.loads(files("cfnlint").joinpath("data/AdditionalSpecs/Policies.json").read_text())


def kinds_of(action: str) -> tuple[str, ...] | None:
    """Kinds of resources that an action takes; empty where it takes `*` alone; None where there is no such action."""
    service, _, name = action.partition(":")
    found = reference().get(service, {"Actions": {}})["Actions"].get(name.lower())
    return None if found is None else tuple(found.get("Resources", ()))


def arns_of(action: str) -> tuple[str, ...]:
    """The patterns of the ARNs that an action takes."""
    service = action.partition(":")[0]
    kinds = reference()[service]["Resources"]
    return tuple(form for kind in kinds_of(action) or () for form in kinds.get(kind.lower(), {}).get("ARNFormats", ()))
