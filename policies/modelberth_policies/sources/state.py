"""The plan of what exists: `plan_of_state(path)` of `pulumi stack export`.

Inputs are those of the last update, outputs what the cloud said. A secret is a `Secret`; its value is known only after
`--show-secrets`. What the engine is about to delete, and what it has deleted and not yet made anew, is left out.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modelberth_policies.resources import Plan
from modelberth_policies.sources.document import Node, parse, read_text
from modelberth_policies.sources.engine_resource import plan_of, resource_of
from modelberth_policies.sources.errors import DocumentError
from modelberth_policies.sources.values import STACK_TYPE

VERSIONS = (3, 4)
"""Of the deployment's schema. 4 is 3 with a list of features that an older engine must not overlook."""


def plan_of_state(document: Mapping[str, Any] | str | Path) -> Plan:
    """The plan of an exported state, given as a mapping or as the path of its file. Raises `DocumentError`."""
    given = isinstance(document, Mapping)
    what = "the state" if given else str(document)
    export = Node(document if given else parse(read_text(document), what), "", what)
    version = export.get("version", int, 0)
    if version not in VERSIONS:
        raise DocumentError(
            f"{what}: 'version' must be 3 or 4, got {version or 'none'}; write the file with `pulumi stack export`"
        )
    deployment = export.node("deployment")
    states = list(deployment.nodes("resources"))
    kept = [resource_of(state) for state in states if not _gone(state)]
    outputs = next((one.outputs for one in kept if one.type == STACK_TYPE), {})
    return plan_of(kept, outputs, list(_notes(deployment, states)), export)


def _gone(state: Node) -> bool:
    return state.get("delete", bool, False) or state.get("pendingReplacement", bool, False)


def _notes(deployment: Node, states: list[Node]) -> Iterator[str]:
    for operation in deployment.nodes("pending_operations"):
        urn = operation.node("resource").need("urn", str)
        doing = operation.get("type", str, "changing")
        yield f"{urn}: {doing} it was interrupted, so what exists may differ; run `pulumi refresh`"
    for state in states:
        if _gone(state):
            yield f"{state.need('urn', str)}: left out, because it is deleted or about to be"
