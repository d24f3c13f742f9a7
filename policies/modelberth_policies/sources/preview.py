"""The plan of what a preview says will exist: `plan_of_preview(path)` of `pulumi preview --json --show-sames`.

`--json` writes one document, or one event a line with PULUMI_ENABLE_STREAMING_JSON_PREVIEW. Both are read. Inputs are
those that the providers have checked, so defaults of a provider are among them. A secret is `Secret(UNKNOWN)`.

The document does not say what a new stack exports, nor does it show default providers; the events have the exports and
say nothing of dependencies and of the place in the source. Without `--show-sames` the document leaves out what does not
change; a note on the plan then says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelberth_policies.resources import Plan, Resource
from modelberth_policies.sources.document import Node, parse, read_text
from modelberth_policies.sources.engine_resource import configured_providers, plan_of, resource_of
from modelberth_policies.sources.errors import DocumentError
from modelberth_policies.sources.values import SECRET, SIGNATURE, STACK_TYPE, value_of

_GOING = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"})
"""Steps after which a resource, or its earlier self, is gone."""
_STEPS = ("resourcePreEvent", "resOutputsEvent")
_SECRET_TEXT = "[secret]"  # noqa: S105 — what the engine prints in place of one
_EVENT = "sequence"


def plan_of_preview(document: Mapping[str, Any] | str | Path) -> Plan:
    """The plan of a preview, given as the one document or as the path of a file. Raises `DocumentError`.

    A file holds the document, or events line by line.
    """
    if isinstance(document, Mapping):
        return _of_digest(Node(document, "", "the preview"))
    what, text = str(document), read_text(document)
    first = text.lstrip().partition("\n")[0]
    if first.startswith("{") and f'"{_EVENT}":' in first and '"timestamp":' in first:
        return _of_events(text, what)
    return _of_digest(Node(parse(text, what), "", what))


def _of_digest(digest: Node) -> Plan:
    if not digest.has("steps") and not digest.has("changeSummary"):
        raise DocumentError(f"{digest.what}: it has neither 'steps' nor 'changeSummary'; write it with {_COMMAND}")
    steps = [step for step in digest.nodes("steps") if _stays(step)]
    # Of two steps of one resource, such as of a replacement, the later has the state that remains.
    states = {step.need("urn", str): step.node("newState") for step in steps}
    kept = [resource_of(Node(_wrapped(state.values), state.path, state.what)) for state in states.values()]
    outputs = next((one.outputs for one in kept if one.type == STACK_TYPE), {})
    plan = plan_of(kept, outputs, [*_left_out(digest, steps), *_errors(digest)], digest)
    return _with_configured_providers(plan, digest.get("config", dict, {}))


_COMMAND = "`pulumi preview --json --show-sames`"


def _stays(step: Node) -> bool:
    return step.need("op", str) not in _GOING and step.has("newState")


def _left_out(digest: Node, steps: list[Node]) -> Iterator[str]:
    unchanged = digest.node("changeSummary").get("same", int, 0) if digest.has("changeSummary") else 0
    shown = sum(step.need("op", str) == "same" for step in steps)
    if unchanged > shown:
        yield f"{unchanged - shown} unchanged resources are not in the preview; write it with {_COMMAND}"


def _errors(digest: Node) -> Iterator[str]:
    if any(entry.get("severity", str, "") == "error" for entry in digest.nodes("diagnostics")):
        yield "the preview failed, so resources may be missing from it"


def _with_configured_providers(plan: Plan, config: Mapping[str, Any]) -> Plan:
    found = configured_providers(value_of(_wrapped(config)), plan.project)
    return replace(plan, default_providers={**found, **plan.default_providers})


def _wrapped(value: Any) -> Any:
    """A secret's placeholder as the mark that everything else has for secrets."""
    if value == _SECRET_TEXT:
        return {SIGNATURE: SECRET}
    if isinstance(value, Mapping):
        return {key: _wrapped(item) for key, item in value.items()}
    return [_wrapped(item) for item in value] if isinstance(value, list) else value


def _of_events(text: str, what: str) -> Plan:
    resources: dict[str, Resource] = {}
    config: Mapping[str, Any] = {}
    failed = False
    for number, line in enumerate(text.splitlines(), 1):
        event = Node(parse(line, f"{what}, line {number}"), "", f"{what}, line {number}") if line.strip() else None
        if event is None:
            continue
        if event.has("preludeEvent"):
            config = event.node("preludeEvent").get("config", dict, {})
        failed = failed or _is_error(event)
        for metadata in (event.node(key).node("metadata") for key in _STEPS if event.has(key)):
            _take(metadata, resources)
    return _plan_of_events(resources, config, failed, Node({}, "", what))


def _is_error(event: Node) -> bool:
    return event.has("diagnosticEvent") and event.node("diagnosticEvent").get("severity", str, "") == "error"


def _take(metadata: Node, resources: dict[str, Resource]) -> None:
    if metadata.need("op", str) in _GOING or not metadata.has("new"):
        return
    resource = resource_of(metadata.node("new"))
    resources[resource.urn] = resource


def _plan_of_events(resources: dict[str, Resource], config: Mapping[str, Any], failed: bool, where: Node) -> Plan:
    kept = list(resources.values())
    outputs = next((one.outputs for one in kept if one.type == STACK_TYPE), {})
    notes = ["events of a preview do not say what depends on what, nor where the program made it"]
    if failed:
        notes.append("the preview failed, so resources may be missing from it")
    return _with_configured_providers(plan_of(kept, outputs, notes, where), config)
