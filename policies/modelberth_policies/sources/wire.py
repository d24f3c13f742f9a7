"""The engine's policy protocol as values: its requests read as resources, findings written as its diagnostics."""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from modelberth_policies.evaluate import Finding
from modelberth_policies.resources import MISSING, UNKNOWN, Options, Resource
from modelberth_policies.rule import Level, Rule
from modelberth_policies.sources.values import value_of

PROVIDER = "pulumi:providers:"
STACK_TYPE = "pulumi:pulumi:Stack"
LEVELS = {
    Level.DISABLED: analyzer_pb2.DISABLED,
    Level.ADVISORY: analyzer_pb2.ADVISORY,
    Level.MANDATORY: analyzer_pb2.MANDATORY,
}


class Properties(Mapping[str, Any]):
    """The properties of a request, each made a value of a plan when it is first read: most are never."""

    __slots__ = ("_fields", "_values")

    def __init__(self, struct: struct_pb2.Struct) -> None:
        self._fields = struct.fields
        self._values: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dict."""
        found = self._values.get(key, MISSING)
        if found is MISSING:
            if key not in self._fields:
                return default
            found = self._values[key] = _value(self._fields[key])
        return found

    def __getitem__(self, key: str) -> Any:
        if key not in self._fields:
            raise KeyError(key)
        return self.get(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def _value(value: struct_pb2.Value) -> Any:
    try:
        return value_of(written(value))
    except Exception:  # noqa: BLE001 — what nobody can read, nobody knows: no rule may pass because of it
        return UNKNOWN


def written(value: struct_pb2.Value) -> Any:
    """A protobuf value as JSON, signatures and all."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {key: written(item) for key, item in value.struct_value.fields.items()}
    if kind == "list_value":
        return [written(item) for item in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)


def resource_of(request: analyzer_pb2.AnalyzeRequest, default_providers: Container[str]) -> Resource:
    """The resource that is about to be made: its inputs, as the provider completed them."""
    options = request.options
    provider = request.provider.urn
    return Resource(
        request.urn,
        request.type,
        request.name,
        parent=options.parent or None,
        custom=request.HasField("provider") or request.type.startswith(PROVIDER),
        inputs=Properties(request.properties),
        options=Options(
            protect=options.protect,
            provider=provider if provider and provider not in default_providers else None,
            aliases=tuple(options.aliases),
            ignore_changes=tuple(options.ignoreChanges),
            additional_secret_outputs=tuple(options.additionalSecretOutputs),
            delete_before_replace=options.deleteBeforeReplace if options.deleteBeforeReplaceDefined else None,
            custom_timeouts=_timeouts(options.customTimeouts),
        ),
    )


def _timeouts(given: analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts) -> dict[str, str]:
    """Seconds, as the engine has them, in the words of a program."""
    return {field.name: f"{seconds:g}s" for field, seconds in given.ListFields()}


def known_at_the_end(message: analyzer_pb2.AnalyzerResource) -> Resource:
    """A resource as the engine shows it once all are known: outputs and dependencies, no inputs."""
    return Resource(
        message.urn,
        message.type,
        message.name,
        parent=message.parent or None,
        custom=message.HasField("provider") or message.type.startswith(PROVIDER),
        outputs=Properties(message.properties),
        dependencies=tuple(message.dependencies),
        property_dependencies={key: tuple(found.urns) for key, found in message.propertyDependencies.items()},
    )


def diagnostic_of(finding: Finding, pack: str, why: str) -> analyzer_pb2.AnalyzeDiagnostic:
    """A finding as the engine reports it. What is undeterminable is never left out: disabled, it is advisory."""
    mandatory = finding.level is Level.MANDATORY
    fix = f"\nFix: {finding.fix}" if finding.kind == "violation" else ""
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=finding.rule,
        policyPackName=pack,
        description=why,
        message=f"{finding.message}.{fix}",
        enforcementLevel=analyzer_pb2.MANDATORY if mandatory else analyzer_pb2.ADVISORY,
        urn=finding.urn,
        severity=finding.severity.value,  # pyright: ignore[reportArgumentType] — the protocol counts as we do
    )


def policy_of(rule: Rule, level: Level) -> analyzer_pb2.PolicyInfo:
    """A rule as the engine lists it. The protocol has one framework a policy, so the others are tags."""
    first = rule.frameworks[0].rpartition(" ") if rule.frameworks else ("", "", "")
    kind = analyzer_pb2.POLICY_TYPE_RESOURCE if rule.scope == "resource" else analyzer_pb2.POLICY_TYPE_STACK
    return analyzer_pb2.PolicyInfo(
        name=rule.id,
        displayName=rule.id.replace("-", " "),
        description=rule.why,
        message=rule.fix,
        remediation_steps=rule.fix,
        enforcementLevel=LEVELS[level],
        policy_type=kind,
        severity=rule.severity.value,  # pyright: ignore[reportArgumentType]
        framework=analyzer_pb2.PolicyComplianceFramework(name=first[0], reference=first[2]) if first[2] else None,
        tags=[rule.category.name.lower(), *rule.frameworks],
    )
