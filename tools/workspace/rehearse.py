"""Rehearse an environment without an account: `python tools/workspace/rehearse.py prod`.

The real engine brings the stack up, from nothing, under both policy packs, in a folder of its own: against the stand-in
AWS of the tests, or against a Kubernetes API server of its own. It shows that a second `up` changes nothing, prints
what was made and how long it took, plays what can happen afterwards where the place knows how, and destroys it.
Nothing of the checkout and no account is touched.
"""

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The stand-ins and the workspaces of their tests: test code, and this is a test that a person runs.
FOLDERS = (
    "tests",
    "tests/engine/aws",
    "tests/engine/kubernetes",
    "tests/engine",
    "tools",
    "components",
    "tools/workspace",
)
sys.path[:0] = [str(ROOT / folder) for folder in FOLDERS]

from clouds.wire import type_of  # noqa: E402
from rehearsals import Place, done, in_aws, in_kubernetes  # noqa: E402

from engine.engine import environment, locate  # noqa: E402
from modelberth.stack.files import read_yaml  # noqa: E402

PLACES = {"aws": in_aws, "kubernetes": in_kubernetes}
"""Cloud of a stack's foundation to where it is rehearsed."""


def rehearse(stack: str) -> None:
    """Up, up again, what happens later, destroy. Ends the program with what the engine said where one of them fails."""
    cloud = _cloud(stack)
    with (
        tempfile.TemporaryDirectory(prefix="modelberth-rehearsal-") as folder,
        PLACES[cloud](Path(folder), _engine(), stack) as place,
    ):
        _perform(place)


def _cloud(stack: str) -> str:
    """The one cloud that a stack lies in. Ends the program where there is no such stack, or none that can be played."""
    file = ROOT / f"stacks/config/Pulumi.{stack}.yaml"
    if not file.exists():
        known = ", ".join(sorted(path.suffixes[0][1:] for path in file.parent.glob("Pulumi.*.yaml")))
        sys.exit(f"rehearse: no stack {stack!r}; there are: {known}")
    clouds = list(read_yaml(file)["config"]["modelberth:stack"].get("foundation", {}))
    if len(clouds) != 1 or clouds[0] not in PLACES:
        sys.exit(
            f"rehearse: {stack} lies in {', '.join(clouds) or 'no cloud'}; what can be played: {', '.join(PLACES)}"
        )
    return clouds[0]


def _engine() -> dict[str, str]:
    python = Path(sys.executable)
    hidden = ("PULUMI_", "AWS_", "KUBE")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return environment(locate(python), mine, python)


def _perform(place: Place) -> None:
    work = place.work
    print(f"rehearse: {work.stack} against {place.played}", flush=True)
    work.copy_repository()
    work.copy_packs()
    work.pulumi("stack", "init", work.stack)
    packs = ("--policy-pack", "policies/security", "--policy-pack", "policies/cost")
    done("a preview passes both policy packs", work, "preview", *packs)
    done("up from nothing, with both packs", work, "up", "--yes", "--skip-preview", *packs)
    made = Counter(type_of(urn) for urn in work.urns())
    for kind, count in sorted(made.items()):
        print(f"  {count:3} {kind}")
    print(f"  {sum(made.values())} resources", flush=True)
    done("a second up changes nothing", work, "up", "--yes", "--expect-no-changes")
    place.later()
    work.unprotect()
    done("destroy", work, "destroy", "--yes")
    if left := place.left():
        sys.exit(f"rehearse: destroy left {left}")
    print(f"rehearse: nothing is left in {place.name}")


if __name__ == "__main__":
    rehearse(sys.argv[1])
