"""Serves a pack to the engine: the analyzer protocol (`analyzer.proto` of pulumi/pulumi).

The engine starts the pack as any Python pack, reads the port from its output, and asks in this order: `ConfigureStack`,
`GetAnalyzerInfo`, `Configure`; for each resource before it is made `Remediate` and `Analyze`; once nothing has failed,
`AnalyzeStack`. It sends secrets wrapped, so what is secret is known here and shows in no message.
"""

import functools
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from modelberth_policies.configuration import ConfigurationError
from modelberth_policies.evaluate import Finding, in_force
from modelberth_policies.limits import Limits
from modelberth_policies.rule import Level
from modelberth_policies.sources.analysis import Analysis
from modelberth_policies.sources.wire import (
    PROVIDER,
    STACK_TYPE,
    diagnostic_of,
    known_at_the_end,
    policy_of,
    resource_of,
)

if TYPE_CHECKING:
    from modelberth_policies.packs import Pack, Settings

EXEMPTIONS = "exemptions"
"""The policy under which a pack lists its exemptions. It has no level: the list is always shown and never stops."""
LIST_OF_EXEMPTIONS = "Every exemption in force is listed."
ASKED_AT_ONCE = 4
"""Calls that are answered at the same time: one for each resource that the engine analyses just now."""
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]

Answer = TypeVar("Answer")


def guarded(answer: "Callable[[Analyzer, Any, grpc.ServicerContext], Answer]") -> Callable[..., Answer]:
    """Ends a call that failed with one message. That of an unforeseen error might hold values, so it is not told."""

    @functools.wraps(answer)
    def guard(self: "Analyzer", request: Any, context: grpc.ServicerContext) -> Answer:
        try:
            return answer(self, request, context)
        except ConfigurationError as fault:
            reason, code = str(fault), grpc.StatusCode.FAILED_PRECONDITION
        except Exception as error:  # noqa: BLE001
            place = traceback.extract_tb(error.__traceback__)[-1]
            reason = f"{self.pack.name}: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
            code = grpc.StatusCode.INTERNAL
        context.abort(code, reason)
        raise AssertionError("abort has raised already; its stub does not say so")

    return guard


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers one engine for one pack. `folder` holds the limits, exemptions and usage."""

    # ruff: noqa: N802 — the methods have the protocol's names

    def __init__(self, pack: "Pack", folder: Path) -> None:
        self.pack, self._folder = pack, folder
        self._why = {rule.id: rule.why for rule in pack.rules} | {EXEMPTIONS: LIST_OF_EXEMPTIONS}
        self._stack = self._project = ""
        self._preview = False
        self._settings: Settings | None = None
        self._analysis: Analysis | None = None
        self._default_providers: set[str] = set()

    @guarded
    def ConfigureStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Which stack it is. Whatever is wrong with the files is said here, before anything is done."""
        self._stack, self._project, self._preview = request.stack, request.project, request.dry_run
        self._settings = self.pack.settings(self._folder, request.stack, request.config)
        self._begin(self._settings, self._settings.limits)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def _begin(self, settings: "Settings", limits: Limits) -> None:
        self._analysis = Analysis(
            self.pack.rules, limits, settings.exemptions, preview=self._preview, bill=settings.bill
        )

    @guarded
    def GetAnalyzerInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The rules, with the levels of the stack's environment; of production where it is asked of no stack."""
        limits = (self._settings or self.pack.settings(self._folder, self._stack, {})).limits
        asked = {rule.id for rule in in_force(self.pack.rules, limits)}
        policies = [
            policy_of(rule, limits.level(rule) if rule.id in asked else Level.DISABLED) for rule in self.pack.rules
        ]
        exemptions = analyzer_pb2.PolicyInfo(
            name=EXEMPTIONS,
            displayName=EXEMPTIONS,
            description=LIST_OF_EXEMPTIONS,
            policy_type=analyzer_pb2.POLICY_TYPE_STACK,
        )
        return analyzer_pb2.AnalyzerInfo(
            name=self.pack.name,
            displayName=self.pack.name,
            description=self.pack.description,
            supportsConfig=True,
            policies=[*policies, exemptions],
        )

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing: the version is that of PulumiPolicy.yaml."""
        return plugin_pb2.PluginInfo()

    @guarded
    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The level of every rule, as the engine has put it together from ours and `--policy-pack-config`."""
        settings = self._settings or self.pack.settings(self._folder, self._stack, {})
        self._begin(settings, configured(settings.limits, request.policyConfig, self.pack.known))
        return empty_pb2.Empty()

    def Remediate(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing: our rules change no resource."""
        return analyzer_pb2.RemediateResponse()

    @guarded
    def Analyze(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The rules on one resource."""
        if request.type == STACK_TYPE:
            return analyzer_pb2.AnalyzeResponse()
        if request.type.startswith(PROVIDER) and not request.options.parent:
            # The SDKs give every resource a parent; the engine gives none to the providers that it adds itself.
            self._default_providers.add(request.urn)
            return analyzer_pb2.AnalyzeResponse()
        return self._answer(self._running.of_resource(resource_of(request, self._default_providers)))

    @guarded
    def AnalyzeStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The rules that need all resources, and those that could not be answered before."""
        known = (
            known_at_the_end(each)
            for each in request.resources
            if each.type != STACK_TYPE and each.urn not in self._default_providers
        )
        try:
            answer = self._answer(self._running.of_stack(self._project, self._stack, known))
        except ConfigurationError as fault:
            return analyzer_pb2.AnalyzeResponse(diagnostics=[self._of_exemptions(str(fault), Level.MANDATORY)])
        if listed := self._running.exemptions_of(self._stack):
            lines = (
                f"{each.rule} for {each.resource} until {each.expires} ({each.owner}: {each.reason}), findings: {count}"
                for each, count in listed
            )
            answer.diagnostics.append(self._of_exemptions("\n".join(("in force:", *lines)), Level.ADVISORY))
        return answer

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        """No answer takes long enough to be cut short."""
        return empty_pb2.Empty()

    @property
    def _running(self) -> Analysis:
        if self._analysis is None:
            raise ConfigurationError(
                f"{self.pack.name} needs an engine that names the stack first: Pulumi 3.259 or later"
            )
        return self._analysis

    def _answer(self, findings: list[Finding]) -> Any:
        return analyzer_pb2.AnalyzeResponse(
            diagnostics=[diagnostic_of(each, self.pack.name, self._why[each.rule]) for each in findings]
        )

    def _of_exemptions(self, message: str, level: Level) -> Any:
        return analyzer_pb2.AnalyzeDiagnostic(
            policyName=EXEMPTIONS,
            policyPackName=self.pack.name,
            description=LIST_OF_EXEMPTIONS,
            message=message,
            enforcementLevel=analyzer_pb2.MANDATORY if level is Level.MANDATORY else analyzer_pb2.ADVISORY,
        )


def configured(limits: Limits, given: Mapping[str, Any], known: frozenset[str]) -> Limits:
    """The limits with these levels. Raises `ConfigurationError` for an unknown rule and for a property of a rule."""
    levels: dict[str, Level] = {}
    for name, config in given.items():
        if name in ("all", EXEMPTIONS):
            continue
        if name not in known:
            raise ConfigurationError(f"--policy-pack-config: there is no rule {name!r}; correct it, or remove it")
        if config.properties.fields:
            raise ConfigurationError(
                f"--policy-pack-config: {name} takes a level only, got {', '.join(sorted(config.properties.fields))}; "
                "limits are set in limits.yaml"
            )
        levels[name] = _LEVELS[config.enforcementLevel]
    return limits.model_copy(update={"levels": levels})


_LEVELS = {
    analyzer_pb2.DISABLED: Level.DISABLED,
    analyzer_pb2.ADVISORY: Level.ADVISORY,
    analyzer_pb2.MANDATORY: Level.MANDATORY,
    analyzer_pb2.REMEDIATE: Level.MANDATORY,
}


def started(pack: "Pack", folder: Path) -> tuple[grpc.Server, int]:
    """A server for the pack on loopback, and its port. `folder` holds the limits, exemptions and usage."""
    server = grpc.server(ThreadPoolExecutor(ASKED_AT_ONCE), options=UNLIMITED)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(pack, folder), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def serve(pack: "Pack", folder: Path) -> None:
    """Prints the port, as the engine wants it, and serves until the process is ended."""
    server, port = started(pack, folder)
    print(port, flush=True)
    with suppress(KeyboardInterrupt):
        server.wait_for_termination()
