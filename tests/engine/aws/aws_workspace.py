"""A project in a folder of its own, run by the real engine against a stand-in AWS."""

import json
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from clouds.aws.standin import StandIn
from clouds.aws.store import Resource

REPOSITORY = Path(__file__).resolve().parents[3]
PLUGIN = REPOSITORY / "tests/clouds/aws"

PROLOGUE = """
import json
import pulumi
import pulumi_aws as aws
provider = aws.Provider("aws", region="eu-central-1", allowed_account_ids=["123456789012"])
def opts(**words):
    return pulumi.ResourceOptions(provider=provider, **words)
"""
"""What every small program begins with."""


class AwsWorkspace:
    """One checkout with one stack, and the cloud that it deploys into."""

    def __init__(self, folder: Path, environment: Mapping[str, str], cloud: StandIn, stack: str) -> None:
        self.folder = folder
        self.cloud = cloud
        self.stack = stack
        self.environment = {
            **environment,
            **cloud.environment,
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
        """A small program: `provider` and `opts()` are there already. May be written anew between two `up`s."""
        self._write_project({"name": "small", "runtime": {"name": "python", "options": {"toolchain": "pip"}}})
        (self.folder / "__main__.py").write_text(PROLOGUE + textwrap.dedent(source))

    def _write_project(self, project: dict[str, Any]) -> None:
        project["runtime"]["options"]["virtualenv"] = sys.prefix
        project["plugins"] = {"providers": [{"name": "aws", "path": str(PLUGIN)}]}
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

    def fails(self, *arguments: str) -> str:
        """`pulumi up` that must fail. Returns what it printed."""
        done = self.pulumi("up", "--stack", self.stack, "--yes", "--skip-preview", *arguments, check=False)
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr

    def _said(self, command: str, *arguments: str, check: bool) -> str:
        done = self.pulumi(command, "--stack", self.stack, *arguments, check=check)
        return done.stdout + done.stderr

    def orphans(self) -> list[Resource]:
        """What this stack made in the cloud and does not know of: a run was interrupted after the cloud had acted."""
        known = {resource["urn"] for resource in self.state()["deployment"].get("resources", [])}
        made = f"urn:pulumi:{self.stack}::"
        return [one for one in self.cloud.read().resources if one.urn.startswith(made) and one.urn not in known]

    def adopt(self) -> None:
        """Bring every orphan under the stack's control with `pulumi import`, as an operator has to."""
        known = {resource["urn"] for resource in self.state()["deployment"].get("resources", [])}
        provider = next(urn for urn in sorted(known) if "pulumi:providers:aws::" in urn)
        names = {f"name-{number}": urn for number, urn in enumerate(sorted(known))}
        word = {urn: name for name, urn in names.items()}
        wanted = [_import(orphan, known, word) | {"provider": word[provider]} for orphan in self.orphans()]
        file = self.folder / "import.json"
        file.write_text(json.dumps({"nameTable": names, "resources": wanted}))
        self._said("import", "--yes", "--file", str(file), "--generate-code=false", "--protect=false", check=True)

    def unchanged(self) -> bool:
        """Whether another `up` would change nothing."""
        return self.pulumi("preview", "--stack", self.stack, "--expect-no-changes", check=False).returncode == 0

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets shown."""
        return json.loads(self.pulumi("stack", "output", "--stack", self.stack, "--json", "--show-secrets").stdout)

    def state(self) -> dict[str, Any]:
        """The stack's state, secrets sealed."""
        return json.loads(self.pulumi("stack", "export", "--stack", self.stack).stdout)

    def resources(self) -> dict[str, dict[str, Any]]:
        """The stack's resources by their names in the program."""
        found = self.state()["deployment"].get("resources", [])
        return {resource["urn"].rpartition("::")[2]: resource for resource in found}


def _import(orphan: Resource, known: Iterable[str], word: Mapping[str, str]) -> dict[str, Any]:
    """What `pulumi import` wants to know of a resource."""
    *_, types, name = orphan.urn.split("::")
    above = types.rpartition("$")[0]
    parents = [urn for urn in known if above and urn.split("::")[2] == above and name.startswith(urn.split("::")[3])]
    parent = {"parent": word[max(parents, key=len)]} if parents else {}
    return {"type": orphan.type, "name": name, "id": orphan.id, **parent}


WorkspaceFactory = Callable[..., AwsWorkspace]
"""The fixture `aws_workspace`."""
