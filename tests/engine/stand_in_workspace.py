"""A project in a folder of its own, run by the real engine whose providers are stand-ins."""

import json
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


class StandInWorkspace:
    """One checkout with one stack."""

    prologue = ""
    """What every small program begins with."""

    plugins: Mapping[str, Path] = {}
    """The folder of each provider's stand-in."""

    def __init__(self, folder: Path, environment: Mapping[str, str], stack: str) -> None:
        self.folder = folder
        self.stack = stack
        self.environment = {
            **environment,
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "only for this test",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PYTHONPATH": str(REPOSITORY / "components"),
        }
        (folder / "state").mkdir()

    def copy_repository(self) -> None:
        """The repository's program with the files of every environment."""
        shutil.copytree(REPOSITORY / "stacks", self.folder / "stacks", ignore=shutil.ignore_patterns(".venv"))
        self._write_project(yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text()))

    def copy_packs(self) -> Path:
        """The repository's two packs with the files that they read, in `policies/`."""
        policies = self.folder / "policies"
        shutil.copytree(REPOSITORY / "policies", policies, ignore=shutil.ignore_patterns("modelberth_policies"))
        self.environment["PYTHONPATH"] = f"{REPOSITORY}/policies:{self.environment.get('PYTHONPATH', '')}"
        for file in policies.glob("*/PulumiPolicy.yaml"):
            self.use_python(file)
        return policies

    @staticmethod
    def use_python(file: Path) -> None:
        """Has a pack run by the Python that runs this."""
        about = yaml.safe_load(file.read_text())
        about["runtime"]["options"]["virtualenv"] = sys.prefix
        file.write_text(yaml.safe_dump(about))

    def write_program(self, source: str) -> None:
        """A small program, after the prologue. May be written anew between two `up`s."""
        self._write_project({"name": "small", "runtime": {"name": "python", "options": {"toolchain": "pip"}}})
        (self.folder / "__main__.py").write_text(self.prologue + textwrap.dedent(source))

    def _write_project(self, project: dict[str, Any]) -> None:
        project["runtime"]["options"]["virtualenv"] = sys.prefix
        providers = [{"name": name, "path": str(folder)} for name, folder in self.plugins.items()]
        project["plugins"] = {"providers": providers}
        (self.folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))

    @property
    def config(self) -> Path:
        """The stack's configuration file, of the repository's program."""
        return self.folder / f"stacks/config/Pulumi.{self.stack}.yaml"

    @property
    def rollouts(self) -> Path:
        """The stack's rollouts file, of the repository's program."""
        return self.folder / f"stacks/config/rollouts.{self.stack}.yaml"

    def pulumi(self, *arguments: str, check: bool = True, timeout: float = 240) -> subprocess.CompletedProcess[str]:
        """Run the CLI here. A failure that was not expected shows what it printed."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=timeout,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def up(self, *arguments: str, check: bool = True) -> str:
        """`pulumi up`, preview left out. Returns what it printed."""
        return self._said("up", "--yes", "--skip-preview", *arguments, check=check)

    def preview(self, *arguments: str, check: bool = True) -> str:
        """`pulumi preview`. Returns what it printed."""
        return self._said("preview", *arguments, check=check)

    def refresh(self, *arguments: str, check: bool = True) -> str:
        """`pulumi refresh`. Returns what it printed."""
        return self._said("refresh", "--yes", "--skip-preview", *arguments, check=check)

    def destroy(self, *arguments: str, check: bool = True) -> str:
        """`pulumi destroy`, protection taken off first. Returns what it printed."""
        self.unprotect()
        return self._said("destroy", "--yes", "--skip-preview", *arguments, check=check)

    def unprotect(self) -> None:
        """Take off the protection that strict profiles put on keys and registries: the second key to destroying."""
        self.pulumi("state", "unprotect", "--all", "--yes", "--stack", self.stack)

    def fails(self, *arguments: str, command: str = "up") -> str:
        """`pulumi up`, or another command, that must fail. Returns what it printed."""
        words = () if command == "preview" else ("--yes", "--skip-preview")
        done = self.pulumi(command, "--stack", self.stack, *words, *arguments, check=False)
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr

    def _said(self, command: str, *arguments: str, check: bool) -> str:
        done = self.pulumi(command, "--stack", self.stack, *arguments, check=check)
        return done.stdout + done.stderr

    def unchanged(self) -> bool:
        """Whether another `up` would change nothing."""
        return self.pulumi("preview", "--stack", self.stack, "--expect-no-changes", check=False).returncode == 0

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets shown."""
        return json.loads(self.pulumi("stack", "output", "--stack", self.stack, "--json", "--show-secrets").stdout)

    def state(self) -> dict[str, Any]:
        """The stack's state, secrets sealed."""
        return json.loads(self.pulumi("stack", "export", "--stack", self.stack).stdout)

    def urns(self) -> list[str]:
        """Every resource of the stack: two may have one name, so this is longer than `resources`."""
        return [resource["urn"] for resource in self.state()["deployment"].get("resources", [])]

    def resources(self) -> dict[str, dict[str, Any]]:
        """The stack's resources by their names in the program."""
        found = self.state()["deployment"].get("resources", [])
        return {resource["urn"].rpartition("::")[2]: resource for resource in found}
