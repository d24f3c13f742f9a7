"""One resource as the engine writes it, in a state and in a preview, to one of a plan.

The fields are those of `ResourceV3` in `sdk/go/common/apitype/core.go` of pulumi/pulumi.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from modelberth_policies.resources import Options, Plan, Resource
from modelberth_policies.sources.document import Node
from modelberth_policies.sources.errors import DocumentError
from modelberth_policies.sources.values import STACK_TYPE, value_of

_ADDED = frozenset({"__defaults", "__internal", "__provider"})
"""What providers and SDKs keep beside the properties for themselves; no rule reads it."""
_DEFAULT_PROVIDER = re.compile(r"::pulumi:providers:([^:]+)::default(?:_[0-9][^:]*)?$")


def resource_of(state: Node) -> Resource:
    """The resource. Raises `DocumentError`."""
    urn = state.need("urn", str)
    timeouts = state.node("customTimeouts").values if state.has("customTimeouts") else {}
    return Resource(
        urn=urn,
        type=state.need("type", str),
        name=parts_of(urn, state)[3],
        parent=state.get("parent", str, "") or None,
        custom=state.get("custom", bool, False),
        external=state.get("external", bool, False),
        inputs=properties(state, "inputs"),
        outputs=properties(state, "outputs"),
        dependencies=tuple(sorted(state.texts("dependencies"))),
        property_dependencies=_property_dependencies(state),
        options=_options(state, timeouts),
        source=_source(state),
    )


def parts_of(urn: str, where: Node) -> Sequence[str]:
    """`urn:pulumi:dev`, project, types, name. Raises `DocumentError` for what is no URN."""
    parts = urn.split("::", 3)
    if len(parts) != 4 or not urn.startswith("urn:pulumi:"):
        raise DocumentError(f"{where.what}: {where.path}.urn must be a URN (urn:pulumi:stack::project::type::name)")
    return parts


def properties(state: Node, key: str) -> dict[str, Any]:
    """Inputs or outputs, without what providers add for themselves."""
    return value_of(_without_additions(state.get(key, dict, {})))


def plan_of(resources: Sequence[Resource], outputs: Mapping[str, Any], notes: Sequence[str], where: Node) -> Plan:
    """The plan of all resources of a document, the stack and default providers among them."""
    project, stack = "", ""
    if resources:
        head, project, *_ = parts_of(resources[0].urn, where)
        stack = head.removeprefix("urn:pulumi:")
    defaults = {resource.urn: found[1] for resource in resources if (found := _DEFAULT_PROVIDER.search(resource.urn))}
    return Plan(
        project,
        stack,
        tuple(one for one in resources if one.type != STACK_TYPE and one.urn not in defaults),
        outputs,
        tuple(notes),
        {defaults[one.urn]: one.inputs for one in resources if one.urn in defaults},
    )


def configured_providers(config: Mapping[str, Any], project: str) -> dict[str, dict[str, Any]]:
    """Package → what the configuration (`aws:region`) gives to its default provider."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in config.items():
        package, _, name = key.rpartition(":")
        if package not in ("", project, "pulumi"):
            found.setdefault(package, {})[name] = value
    return found


def _without_additions(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_additions(item) for key, item in value.items() if key not in _ADDED}
    return [_without_additions(item) for item in value] if isinstance(value, list) else value


def _property_dependencies(state: Node) -> dict[str, tuple[str, ...]]:
    if not state.has("propertyDependencies"):
        return {}
    written = state.node("propertyDependencies")
    found = {key: tuple(sorted(written.texts(key))) for key in sorted(written.values)}
    return {key: urns for key, urns in found.items() if urns}


def _options(state: Node, timeouts: Mapping[str, Any]) -> Options:
    provider = state.get("provider", str, "").rpartition("::")[0]
    return Options(
        protect=state.get("protect", bool, False),
        provider=provider if provider and not _DEFAULT_PROVIDER.search(provider) else None,
        aliases=state.texts("aliases"),
        ignore_changes=state.texts("ignoreChanges"),
        replace_on_changes=state.texts("replaceOnChanges"),
        additional_secret_outputs=state.texts("additionalSecretOutputs"),
        retain_on_delete=state.get("retainOnDelete", bool, False),
        deleted_with=state.get("deletedWith", str, "") or None,
        replace_with=state.texts("replaceWith"),
        import_id=state.get("importID", str, "") or (_id(state) if state.get("external", bool, False) else None),
        custom_timeouts={key: _duration(seconds) for key, seconds in timeouts.items() if seconds},
    )


def _id(state: Node) -> str | None:
    return state.get("id", str, "") or None


def _duration(seconds: Any) -> str:
    """A state has seconds where a program writes `10m`."""
    if not isinstance(seconds, int | float):
        return str(seconds)
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size:g}{unit}"
    return f"{seconds:g}s"


def _source(state: Node) -> str:
    """The innermost line in the project's own files: `project:///app/__main__.py#7` → `app/__main__.py:7`."""
    positions = [state.get("sourcePosition", str, "")]
    positions += [frame.get("sourcePosition", str, "") for frame in state.nodes("stackTrace")]
    return next((place for position in positions if (place := _own_place(position))), "")


def _own_place(position: str) -> str:
    place, _, line = position.removeprefix("project:///").partition("#")
    own = position.startswith("project:///") and not place.startswith("../") and "/site-packages/" not in place
    return f"{unquote(place)}:{line}" if own else ""
