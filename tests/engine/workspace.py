"""A project in a folder of its own, run by the real engine: the repository's program and files, nobody's state."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import yaml

from modelberth.local import processes
from modelberth.stack.files import read_yaml

REPOSITORY = Path(__file__).resolve().parents[2]
STACK = "local"


class Workspace:
    """One checkout with one stack. `end` ends its processes by their own ids, whatever happened."""

    def __init__(self, folder: Path, environment: Mapping[str, str], registry: Path) -> None:
        self.folder = folder
        self.runtime = folder / ".modelberth" / STACK
        self.environment = {
            **environment,
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(folder / "passphrase"),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        (folder / "state").mkdir()
        (folder / "passphrase").write_text("only for this test")
        shutil.copytree(REPOSITORY / "stacks", folder / "stacks", ignore=shutil.ignore_patterns(".venv", "pins*"))
        project = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())
        project["runtime"]["options"]["virtualenv"] = sys.prefix
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        self.config = folder / "stacks/config/Pulumi.local.yaml"
        self.rollouts = folder / "stacks/config/rollouts.local.yaml"
        self.runtime.parent.mkdir()
        shutil.copytree(registry, self.runtime, symlinks=True)
        shutil.move(self.runtime / "pins.local.yaml", folder / "stacks/config/pins.local.yaml")

    def pulumi(self, *arguments: str, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the CLI here. A failure that was not expected shows what it printed."""
        options = {"timeout": 240, **options}
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, **options,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def init(self) -> None:
        """Make the stack."""
        self.pulumi("stack", "init", STACK)

    def up(self, *arguments: str, check: bool = True) -> str:
        """`pulumi up`, preview included. Returns what it printed."""
        done = self.pulumi("up", "--stack", STACK, "--yes", *arguments, check=check)
        return done.stdout + done.stderr

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets shown."""
        return json.loads(self.pulumi("stack", "output", "--stack", STACK, "--json", "--show-secrets").stdout)

    def state(self) -> dict[str, Any]:
        """The stack's state, secrets sealed."""
        return json.loads(self.pulumi("stack", "export", "--stack", STACK).stdout)

    def roll(self, **changes: Any) -> None:
        """Change the traffic of iris in the rollouts file and raise its generation."""
        current = dict(read_yaml(self.rollouts)["iris"])
        self.rollouts.write_text(
            yaml.safe_dump({"iris": {**current, "generation": current["generation"] + 1, **changes}})
        )

    def configure(self, **changes: Any) -> None:
        """Change fields of the service iris in the stack's file."""
        content = json.loads(json.dumps(read_yaml(self.config)))
        content["config"]["modelberth:stack"]["services"]["iris"].update(changes)
        self.config.write_text(json.dumps(content))  # JSON is YAML, and keeps `on` a text

    def processes(self) -> list[psutil.Process]:
        """Everything that carries this runtime directory's mark."""
        return list(processes.marked(self.runtime))

    def end(self) -> None:
        """End every process that was started here."""
        processes.end_all(self.runtime, patience=5)
        for lock in self.folder.glob("**/modelberth-*.sock"):
            lock.unlink()
        assert not self.processes()


def environment_for_tests() -> dict[str, str]:
    """The shell's environment with the engine on PATH."""
    from engine.engine import environment, locate

    python = Path(sys.executable)
    base = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    return environment(locate(python), base, python)
