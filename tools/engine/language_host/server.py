"""The language host: a gRPC LanguageRuntime server that runs Python programs, policy packs and provider plugins.

For a Pulumi CLI that was built from its Go modules, which hold no Python language host. Started by
`pulumi-language-python`.
"""
# ruff: noqa: N802 - the methods have the protocol's names

import argparse
import base64
import importlib.metadata
import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

try:
    import grpc
    from google.protobuf.empty_pb2 import Empty
    from google.protobuf.json_format import MessageToDict
    from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2
except ImportError as missing:
    raise SystemExit(f"{sys.executable} cannot import {missing.name}: run `make setup`") from None

from . import process
from .environment import Environment, UnusableEnvironmentError, environment, installed, provider_plugin, top_level

MOST_CALLS_AT_ONCE = 64
"""A running program or plugin holds one call for as long as it lives."""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers one engine. A fault of a project's environment reaches the user as one message."""

    def __init__(self, engine: str, tracing: str) -> None:
        self.engine = engine
        self.tracing = tracing

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.engine = request.engine_address or self.engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        return Empty()

    def GetRequiredPackages(self, request: Any, context: grpc.ServicerContext) -> Any:
        packages = [plugin_pb2.PackageDependency(**plugin) for plugin in required_plugins(request.info, context)]
        return language_pb2.GetRequiredPackagesResponse(packages=packages)

    def GetRequiredPlugins(self, request: Any, context: grpc.ServicerContext) -> Any:
        """For engines that do not know GetRequiredPackages; these have no parameterized packages."""
        found = required_plugins(request.info, context)
        plain = [{key: value for key, value in plugin.items() if key != "parameterization"} for plugin in found]
        return language_pb2.GetRequiredPluginsResponse(plugins=[plugin_pb2.PluginDependency(**each) for each in plain])

    def GetProgramDependencies(self, request: Any, context: grpc.ServicerContext) -> Any:
        packages = installed(chosen(request.info, context))
        wanted = packages if request.transitiveDependencies else top_level(packages)
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=each.name, version=each.version) for each in wanted]
        )

    def About(self, request: Any, context: grpc.ServicerContext) -> Any:
        found = chosen(request.info, context)
        version = subprocess.run([found.python, "-V"], capture_output=True, text=True).stdout.split()[-1:]
        return language_pb2.AboutResponse(
            executable=str(found.python),
            version=version[0] if version else platform.python_version(),
            metadata={"languageHost": "modelberth", "virtualenv": str(found.virtualenv or "")},
        )

    def InstallDependencies(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        """Installs nothing: `make setup` makes the environment, from pinned versions. A missing one is an error."""
        found = chosen(request.info, context)
        line = f"{found.virtualenv or found.python} is there; `make setup` installs and updates its packages\n"
        yield language_pb2.InstallDependenciesResponse(stdout=line.encode())

    def Run(self, request: Any, context: grpc.ServicerContext) -> Any:
        found = chosen(request.info, context)
        if request.attach_debugger:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "--attach-debugger: this language host attaches none")
        arguments = process.program_arguments(request, self.engine, self.tracing)
        variables = found.variables(os.environ) | process.configuration(request)
        words = process.command(found, str(process.EXECUTOR), *arguments)
        program = process.started(words, variables, request.pwd, None)
        ends_with_call(program, context)
        code = program.wait()
        if code == process.ALREADY_REPORTED:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=process.explained(code) if code else "")

    def RunPlugin(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        """A policy pack (kind analyzer) gets the engine's address and its folder; another plugin its own arguments."""
        found = chosen(request.info, context)
        folder = request.info.program_directory
        if not Path(folder, "__main__.py").exists():
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{folder} has no __main__.py, so it cannot be run")
        pack = request.kind == "analyzer"
        arguments = ["-m", "pulumi.policy", *request.args, folder] if pack else [folder, *request.args]
        variables = found.variables(dict(entry.split("=", 1) for entry in request.env if "=" in entry))
        words = process.command(found, *arguments)
        plugin = process.started(words, variables, folder if pack else request.pwd or folder, subprocess.PIPE)
        ends_with_call(plugin, context)
        for stream, piece in process.streamed(plugin):
            yield language_pb2.RunPluginResponse(**{stream: piece})  # pyright: ignore[reportArgumentType]
        yield language_pb2.RunPluginResponse(exitcode=plugin.wait())


def chosen(info: Any, context: grpc.ServicerContext) -> Environment:
    """The environment of a ProgramInfo; ends the call with the reason where there is none."""
    try:
        return environment(Path(info.root_directory), MessageToDict(info.options))
    except UnusableEnvironmentError as fault:
        refuse(context, fault)


def required_plugins(info: Any, context: grpc.ServicerContext) -> list[dict[str, Any]]:
    """One PackageDependency, as keywords, for each provider whose package is installed."""
    try:
        packages = installed(chosen(info, context))
    except UnusableEnvironmentError as fault:
        refuse(context, fault)
    found = filter(None, map(provider_plugin, packages))
    return [plugin | {"kind": "resource", "parameterization": _parameters(plugin)} for plugin in found]


def _parameters(plugin: dict[str, Any]) -> Any:
    described = plugin["parameterization"]
    if described is None:
        return None
    value = base64.b64decode(described.get("value") or "")
    return plugin_pb2.PackageParameterization(name=described["name"], version=described["version"], value=value)


def refuse(context: grpc.ServicerContext, fault: UnusableEnvironmentError) -> NoReturn:
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(fault))
    raise fault  # abort has raised already; its stub does not say so


def ends_with_call(started: subprocess.Popen[bytes], context: grpc.ServicerContext) -> None:
    """Ends a process when its call ends, however that comes about; an already ended process is left alone."""

    def end() -> None:  # in a thread, because a call's callbacks run where all other calls are received
        threading.Thread(target=process.end, args=(started,)).start()

    if not context.add_callback(end):
        end()


def main() -> None:
    """Prints the port, serves until a signal, and leaves; what it has started watches for that."""
    parser = argparse.ArgumentParser(prog="pulumi-language-python")
    parser.add_argument("engine", nargs="?", default="")
    parser.add_argument("--tracing", "-tracing", default="")
    arguments, _ = parser.parse_known_args()
    asked_to_end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_end.set())
    unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(max_workers=MOST_CALLS_AT_ONCE), options=unlimited)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(arguments.engine, arguments.tracing), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    asked_to_end.wait()
    server.stop(grace=0).wait(process.SECONDS_TO_END)
    os._exit(0)


if __name__ == "__main__":
    main()
