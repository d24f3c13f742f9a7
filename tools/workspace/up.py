"""Bring a stack up and say how to use it: `python tools/workspace/up.py local`."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend import PROJECT, dead_locks, exclusive, prepare
from command import pulumi

from modelberth.stack.files import files_of


def up(stack: str) -> None:
    """Recover from a dead engine, run `pulumi up --refresh`, print what came of it."""
    began = time.monotonic()
    with exclusive():
        prepare(stack)
        recover(stack)
        pulumi("up", "--stack", stack, "--refresh", "--yes", "--suppress-outputs")
        for name in sweep(stack):
            print(f"up: ended {name}, which an interrupted run had left behind")
    print(f"up: {time.monotonic() - began:.1f} s")
    print(guide(stack, outputs(stack)))


def recover(stack: str) -> None:
    """Take away the lock of an engine that was killed, and what it left pending."""
    locks = dead_locks(stack)
    if not locks:
        return
    print(f"up: an earlier run of {stack} ended in the middle; cleaning up after it", flush=True)
    for lock in locks:  # not `pulumi cancel`, which would take the lock of a run that lives too
        lock.unlink(missing_ok=True)
    pulumi("refresh", "--stack", stack, "--clear-pending-creates", "--yes", "--suppress-outputs", capture=True)


def sweep(stack: str) -> list[str]:
    """End the programs on this machine that the stack's state does not know. Returns their names."""
    state = json.loads(pulumi("stack", "export", "--stack", stack, capture=True))
    resources = state["deployment"].get("resources", [])
    known = {resource["id"] for resource in resources if "id" in resource}
    folders = [Path(resource["id"]) for resource in resources if resource["type"].endswith(":RuntimeDirectory")]
    if not folders:
        return []
    from modelberth.local import ports, supervisord  # of the extra `local`, which such a stack has

    found = [(folder, name) for folder in folders for name in supervisord.names(folder) if name not in known]
    for folder, name in found:
        supervisord.remove_program(folder, name)
        ports.release(folder, name)
    return [name for _, name in found]


def outputs(stack: str) -> dict[str, Any]:
    """The stack's outputs, secrets shown."""
    return json.loads(pulumi("stack", "output", "--stack", stack, "--json", "--show-secrets", capture=True))


def guide(stack: str, found: Mapping[str, Any]) -> str:
    """What a newcomer reads: the address, a call that works, what to try next. Keys are not in it."""
    parts = [_of_service(stack, name, endpoint) for name, endpoint in found["endpoints"].items()]
    rollouts = files_of(PROJECT, stack).rollouts.relative_to(PROJECT)
    return "\n".join([*parts, "Next:", f"  change a weight in {rollouts}, then: make up", "  make outputs · make down"])


def _of_service(stack: str, name: str, endpoint: Mapping[str, Any]) -> str:
    split = ", ".join(f"{version} {int(weight)} %" for version, weight in endpoint["versions"].items())
    return f"\n{name}: {endpoint['url']} ({split})\n{_curl(stack, name, endpoint)}\n"


def _curl(stack: str, name: str, endpoint: Mapping[str, Any]) -> str:
    # The key goes to curl through a pipe: an argument could be read in the process list.
    return (
        f"  make -s key STACK={stack} SERVICE={name} | curl -H @- --cacert {endpoint['ca_certificate_file']} "
        f"-H 'content-type: application/json' -d '{{\"features\": [[5.1, 3.5, 1.4, 0.2]]}}' {endpoint['url']}/predict"
    )


if __name__ == "__main__":
    up(sys.argv[1])
