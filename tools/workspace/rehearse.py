"""Rehearse an environment without an account: `python tools/workspace/rehearse.py prod`.

The real engine brings the stack up against the stand-in AWS of the tests, from nothing, under both policy packs, in a
folder of its own; shows that a second `up` changes nothing; prints what was made and how long it took; and destroys it.
Nothing of the checkout and no account is touched.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The stand-in and the workspace of its tests: test code, and this is a test that a person runs.
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/engine/aws"), str(ROOT / "tools")]

from aws_workspace import AwsWorkspace  # noqa: E402
from clouds.aws.http import serving  # noqa: E402
from clouds.aws.standin import StandIn  # noqa: E402
from clouds.aws.store import Store  # noqa: E402

from engine.engine import environment, locate  # noqa: E402


def rehearse(stack: str) -> None:
    """Up, up again, destroy. Ends the program with what the engine said where one of them fails."""
    if not (ROOT / f"stacks/config/Pulumi.{stack}.yaml").exists():
        known = ", ".join(sorted(path.suffixes[0][1:] for path in (ROOT / "stacks/config").glob("Pulumi.*.yaml")))
        sys.exit(f"rehearse: no stack {stack!r}; there are: {known}")
    with tempfile.TemporaryDirectory(prefix="modelberth-rehearsal-") as place:
        folder = Path(place)
        (folder / "checkout").mkdir()
        (folder / "cloud").mkdir()
        store = Store(folder / "cloud")
        with serving(store) as url:
            _perform(AwsWorkspace(folder / "checkout", _engine(), StandIn(store.folder, url), stack))


def _engine() -> dict[str, str]:
    python = Path(sys.executable)
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "AWS_"))}
    return environment(locate(python), mine, python)


def _perform(place: AwsWorkspace) -> None:
    stack = place.stack
    print(f"rehearse: {stack} against the stand-in AWS; no account is touched", flush=True)
    place.copy_repository()
    place.copy_packs()
    place.pulumi("stack", "init", stack)
    packs = ("--policy-pack", "policies/security", "--policy-pack", "policies/cost")
    _timed("a preview passes both policy packs", place, "preview", *packs)
    _timed("up from nothing, with both packs", place, "up", "--yes", "--skip-preview", *packs)
    made = Counter(urn.split("::")[2].rpartition("$")[2] for urn in _urns(place))
    for kind, count in sorted(made.items()):
        print(f"  {count:3} {kind}")
    print(f"  {sum(made.values())} resources", flush=True)
    _timed("a second up changes nothing", place, "up", "--yes", "--expect-no-changes")
    place.unprotect()
    _timed("destroy", place, "destroy", "--yes")
    left = place.cloud.count()
    if left:
        sys.exit(f"rehearse: destroy left {dict(left)}")
    print("rehearse: nothing is left in the stand-in cloud")


def _urns(place: AwsWorkspace) -> list[str]:
    return [resource["urn"] for resource in place.state()["deployment"].get("resources", [])]


def _timed(what: str, place: AwsWorkspace, *command: str) -> None:
    began = time.monotonic()
    done = place.pulumi(command[0], "--stack", place.stack, *command[1:], check=False, timeout=600)
    if done.returncode != 0:
        sys.exit(f"rehearse: {what} failed\n{done.stdout}{done.stderr}")
    print(f"rehearse: {what}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    rehearse(sys.argv[1])
