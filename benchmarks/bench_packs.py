"""What the policy packs cost on the real engine: `pulumi preview` of one stack without packs, with one, with both.

Beside ours, the SDK's `PolicyPack` runs as many rules on the same types, in an environment of its own.
"""

import ctypes
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import yaml
from aws_plans import BY_HAND, PROGRAMS
from environments import environment
from measure import HERE, Spent, heading, in_turn, line, paired_ratio, spent

REPOSITORY = HERE.parent
sys.path[:0] = [str(REPOSITORY / folder) for folder in ("tests/engine", "tests", "tools")]

from clouds.aws.http import serving  # noqa: E402
from clouds.aws.standin import REGION, StandIn  # noqa: E402
from clouds.aws.store import Store  # noqa: E402

from modelberth_policies.packs import COST, SECURITY  # noqa: E402
from workspace import environment_for_tests  # noqa: E402

SERVICES = 40
ROUNDS = 3
STACK = "bench"
WITHOUT = "without packs"
PACKS = {WITHOUT: (), "security": ("security",), "security and cost": ("security", "cost"), "PolicyPack": ("sdk",)}
SDK_HOME = HERE / "pulumi_policy"
PR_SET_CHILD_SUBREAPER = 36
SECONDS_TO_END = 10


class Place:
    """A project whose program makes the services by hand, with the packs beside it."""

    def __init__(self, folder: Path, cloud: StandIn) -> None:
        self.folder = folder
        self.environment = {
            **environment_for_tests(),
            **cloud.environment,
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "only for this run",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PYTHONPATH": str(PROGRAMS),
        }
        shutil.copy(PROGRAMS / f"{BY_HAND}.py", folder)
        providers = [{"name": "aws", "path": str(REPOSITORY / "tests/clouds/aws")}]
        self._write("Pulumi.yaml", sys.prefix, name=STACK, main=f"{BY_HAND}.py", plugins={"providers": providers})
        # Nothing stops here: what is measured is a preview that comes to its end.
        (folder / "limits.yaml").write_text(f"environments: {{{STACK}: {{production: false}}}}\n")
        for name in ("security", "cost"):
            self.add_pack(name, REPOSITORY / "policies" / name / "__main__.py", sys.prefix)
        self.pulumi("stack", "init", STACK)
        self.pulumi("config", "set", "services", str(SERVICES))
        self.pulumi("config", "set", "aws:region", REGION)

    def add_pack(self, name: str, main: Path, virtualenv: str) -> None:
        """A pack in a folder of its own."""
        (self.folder / name).mkdir()
        shutil.copy(main, self.folder / name / "__main__.py")
        self._write(f"{name}/PulumiPolicy.yaml", virtualenv, version="0.1.0")

    def _write(self, file: str, virtualenv: str, **more: object) -> None:
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": virtualenv}}
        (self.folder / file).write_text(yaml.safe_dump({**more, "runtime": runtime}))

    def pulumi(self, *arguments: str) -> str:
        """Runs the CLI here. Returns what it printed; raises where it failed."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder, env=self.environment, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            said = [each for each in (done.stdout + done.stderr).splitlines() if "[advisory]" not in each]
            raise RuntimeError("\n".join([f"pulumi {' '.join(arguments)} failed:", *said]))
        return done.stdout

    def preview(self, packs: Sequence[str]) -> str:
        """A preview with these packs, all processes of which have ended."""
        chosen = [word for pack in packs for word in ("--policy-pack", pack)]
        said = self.pulumi("preview", "--stack", STACK, "--suppress-outputs", *chosen)
        reap()
        return said


def reap() -> None:
    """Waits for what has outlived its parent, or its processor time would be nobody's."""
    end = time.monotonic() + SECONDS_TO_END
    while time.monotonic() < end:
        try:
            found, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not found:
            time.sleep(0.02)


def compare(place: Place, contenders: Sequence[str]) -> None:
    """Previews in turn, and the ratios to one without packs."""
    found = in_turn({name: partial(spent, partial(place.preview, PACKS[name])) for name in contenders}, ROUNDS)
    line(f"preview, {ROUNDS} rounds", "wall s", "CPU s", "CPU / without", "of the aim")
    for name in contenders:
        cpu, without = ([each.cpu for each in found[which]] for which in (name, WITHOUT))
        _row(name, found[name], paired_ratio(cpu, without))


AIMS = {"security": 1.25, "security and cost": 1.5}


def _row(name: str, found: Sequence[Spent], ratio: float) -> None:
    wall, cpu = (statistics.median(getattr(each, clock) for each in found) for clock in ("wall", "cpu"))
    aim = f"{ratio / AIMS[name]:.2f}" if name in AIMS else ""
    line(name, f"{wall:.2f}", f"{cpu:.2f}", f"{ratio:.2f}", aim)


def main() -> None:
    """Measures and prints."""
    heading("Policy packs on the real engine")
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as temporary:
        store = Store(Path(temporary).resolve() / "cloud")
        store.folder.mkdir(exist_ok=True)
        with serving(store) as url:
            project = Path(temporary).resolve() / "project"
            project.mkdir()
            place = Place(project, StandIn(store.folder, url))
            contenders = list(PACKS)
            if (home := environment(SDK_HOME.name)) is None:
                contenders.remove("PolicyPack")
            else:
                place.add_pack("sdk", SDK_HOME / "__main__.py", str(home))
                asked = [(rule.id, rule.types) for rule in SECURITY.rules]
                (project / "sdk" / "rules.json").write_text(json.dumps(asked))
            line("rules", f"{len(SECURITY.rules)} security", f"{len(COST.rules)} cost")
            made = re.search(r"\+ (\d+) to create", place.preview(()))
            line("resources", made[1] if made else "none")
            compare(place, contenders)


if __name__ == "__main__":
    main()
