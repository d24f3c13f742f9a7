"""`modelberth pin`: write down which digest each model version has, as a lock file does."""

import argparse
from pathlib import Path

from modelberth.cli.place import add_place
from modelberth.core.errors import ModelberthError
from modelberth.models import pins
from modelberth.models.mlflow_registry import client
from modelberth.models.reference import Reference, parse
from modelberth.stack.compose import hardened
from modelberth.stack.config import StackConfig
from modelberth.stack.files import StackFiles, files_of, read_yaml
from modelberth.stack.rollouts import parse_rollouts


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own options."""
    parser = commands.add_parser("pin", help="write the digests of the models that a stack serves")
    add_place(parser)
    parser.add_argument("--registry", help="MLflow tracking URI (default: that of the stack's own registry)")
    parser.add_argument("uri", nargs="*", help="models:/<name>/<version> (default: all that the stack's files name)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Resolve the versions in the registry and write those that are new or have changed."""
    files = files_of(arguments.project, arguments.stack)
    uris = arguments.uri or named_in(files, arguments.stack)
    registry = arguments.registry or own_registry(arguments.project, files, arguments.stack)
    changed = pins.write(files.pins, client(registry), uris)
    for uri, digest in changed.items():
        print(f"pinned {uri} {digest}")
    print(f"{files.pins.name}: {len(changed)} of {len(uris)} changed")


def named_in(files: StackFiles, stack: str) -> list[str]:
    """The addresses of all versions that the stack's files name."""
    config = config_in(files, stack)
    rollouts = parse_rollouts(read_yaml(files.rollouts), files.rollouts.name, config.services)
    found: list[str] = []
    for name, service in config.services.items():
        reference = _reference(name, service.model.uri)
        rollout = rollouts.services.get(name)
        versions = (rollout.stable, rollout.candidate) if rollout else (reference.version,)
        found += [reference.at(version) for version in versions if version is not None]
    return found


def _reference(name: str, uri: str) -> Reference:
    try:
        return parse(uri)
    except ModelberthError as error:
        raise ModelberthError(f"services.{name}.model.uri: {error}") from None


def config_in(files: StackFiles, stack: str) -> StackConfig:
    """The configuration in a stack's file."""
    return hardened(read_yaml(files.config).get("config", {}).get("modelberth:stack"), stack)


def own_registry(project: Path, files: StackFiles, stack: str) -> str:
    """The registry that the stack's machine uses: the one that its foundation names, or its own."""
    from modelberth.local.foundation import LocalFoundationArgs, directory_of
    from modelberth.local.registry import tracking_uri

    args = LocalFoundationArgs.parse(config_in(files, stack).foundation.get("local", {}), "foundation.local")
    return str(args.registry) if args.registry is not None else tracking_uri(directory_of(args, project, stack))
