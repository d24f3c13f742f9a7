"""`modelberth rollout sync`: write the rollouts file anew from what the stack last began."""

import argparse
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from modelberth.cli.place import add_place
from modelberth.core.errors import ModelberthError
from modelberth.core.files import write_atomically
from modelberth.stack.files import files_of, read_yaml
from modelberth.stack.record import CONTENT, RECORD_TYPE

HEAD = "# Which versions of a service run, and how its requests are split. Written by `modelberth rollout sync`.\n"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own options."""
    parser = commands.add_parser("rollout", help="the traffic of a stack")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    sync = actions.add_parser("sync", help="write rollouts.<env>.yaml anew from the stack's state")
    add_place(sync)
    sync.set_defaults(run=run_sync)


def run_sync(arguments: argparse.Namespace) -> None:
    """Take every service's traffic from the state; keep the services that it does not know."""
    file = files_of(arguments.project, arguments.stack).rollouts
    recorded = recorded_in(exported(arguments.project, arguments.stack))
    write_atomically(file, HEAD + yaml.safe_dump({**read_yaml(file), **recorded}, sort_keys=False), mode=0o666)
    for name, rollout in recorded.items():
        print(f"{file.name}: {name} at generation {rollout['generation']}")


def exported(project: Path, stack: str) -> Mapping[str, Any]:
    """The stack's state. Raises `ModelberthError` with the engine's own words."""
    command = ["pulumi", "stack", "export", "--stack", stack]
    try:
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ModelberthError("pulumi is not on PATH; run `. ./env.sh` first") from None
    if done.returncode != 0:
        raise ModelberthError(f"pulumi stack export failed: {done.stderr.strip()}")
    return json.loads(done.stdout)


def recorded_in(state: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Service to the traffic that was last begun. Pure. Raises `ModelberthError` where there is none."""
    resources = (state.get("deployment") or {}).get("resources") or []
    records = [resource["outputs"] for resource in resources if resource["type"] == RECORD_TYPE]
    records = [record for record in records if int(record["generation"]) > 0]
    if not records:
        raise ModelberthError("the stack has recorded no rollout yet; nothing was changed")
    return {
        record["service"]: {
            "generation": int(record["generation"]),
            **{name: record[name] for name in CONTENT if record.get(name) is not None},
        }
        for record in records
    }
