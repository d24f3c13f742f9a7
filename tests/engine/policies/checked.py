"""A small program, checked by packs on the real engine while it is deployed into a stand-in AWS."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aws_workspace import AwsWorkspace
from clouds.aws.standin import StandIn

SECURITY, COST, OWN = "policies/security", "policies/cost", "policies/own"
"""The two packs of the repository, and the one of the rules in `own_rules.py`."""

OWN_MAIN = "from own_rules import PACK\n\nPACK.serve(__file__)\n"


def only(rule: str) -> dict[str, str]:
    """A configuration in which this rule alone is asked, so that a test does not depend on the others."""
    return {"all": "disabled", rule: "mandatory"}


class Checked(AwsWorkspace):
    """A checkout with packs in `policies/`."""

    def __init__(self, folder: Path, environment: Mapping[str, str], cloud: StandIn, stack: str, program: str) -> None:
        super().__init__(folder, environment, cloud, stack)
        self.environment["PYTHONPATH"] = str(Path(__file__).parent)
        self.policies = self.copy_packs()
        for name in ("limits", "exemptions", "usage"):
            (self.policies / f"{name}.yaml").unlink(missing_ok=True)
        shutil.copytree(self.policies / "security", self.policies / "own")
        (self.policies / "own/__main__.py").write_text(OWN_MAIN)
        self.write_program(program)
        self.pulumi("stack", "init", stack)

    def run(
        self, command: str, *packs: str, config: Mapping[str, Any] | None = None, logged: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """`preview`, or `up` without a preview, with packs; `config` is the policy-pack-config of each.

        `logged`: the engine and its plugins write what they log to stderr, up to the level at which the engine itself
        begins to write every value.
        """
        words = ["--yes", "--skip-preview"] if command == "up" else []
        words += ["--logtostderr", "--logflow", "-v=5"] if logged else []
        words += [word for pack in packs for word in ("--policy-pack", pack)]
        if config is not None:
            (self.folder / "levels.json").write_text(json.dumps(config))
            words += [word for _ in packs for word in ("--policy-pack-config", "levels.json")]
        return self.pulumi(command, "--stack", self.stack, *words, check=False, timeout=120)

    def passes(self, command: str, *packs: str, **options: Any) -> str:
        """A run that must succeed. Returns what it printed."""
        done = self.run(command, *packs, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def stops(self, command: str, *packs: str, **options: Any) -> str:
        """A run that must fail. Returns what it printed."""
        done = self.run(command, *packs, **options)
        assert done.returncode != 0, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return done.stdout + done.stderr

    def write(self, name: str, content: str) -> None:
        """`limits.yaml` or `exemptions.yaml` beside the packs."""
        (self.policies / name).write_text(content)


CheckedFactory = Callable[..., Checked]
"""The fixture `checked`."""
