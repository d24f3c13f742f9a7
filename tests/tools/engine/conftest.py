"""A tiny Pulumi project in a folder of its own, and the engine that runs it."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.engine import environment, locate


@dataclass(frozen=True)
class Engine:
    """The folder of a Pulumi CLI, and whether its language host is the project's own."""

    folder: Path
    own_host: bool


@dataclass(frozen=True)
class Project:
    """A project folder with a backend, a home and a passphrase of its own; stack `dev` is selected."""

    folder: Path
    variables: dict[str, str]

    def command(self, *words: str) -> list[str]:
        return ["pulumi", *words, "--non-interactive", "--color", "never"]

    def pulumi(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs the CLI to its end; nothing is checked."""
        return subprocess.run(
            self.command(*words), cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=120
        )

    def done(self, *words: str) -> str:
        """Runs the CLI, which has to succeed; gives what it printed."""
        run = self.pulumi(*words)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def refused(self, *words: str) -> str:
        """Runs the CLI, which has to fail; gives all that it printed."""
        run = self.pulumi(*words)
        assert run.returncode != 0, run.stdout
        return run.stdout + run.stderr


@pytest.fixture(scope="session")
def engine(pytestconfig: pytest.Config) -> Engine:
    lines: list[str] = []
    folder = locate(Path(sys.executable), lines.append)
    found = Engine(folder, (folder / "language_host").is_dir())
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        host = "the project's own language host" if found.own_host else "Pulumi's language host"
        print("\nengine:", lines[-1], f"with {host}")
    return found


@pytest.fixture
def own_host(engine: Engine) -> Engine:
    if not engine.own_host:
        pytest.skip(f"{engine.folder} has Pulumi's language host, and this is a claim about the project's own")
    return engine


@pytest.fixture
def project(engine: Engine, tmp_path: Path) -> Callable[..., Project]:
    def made(program: str, main: str = ".", virtualenv: str = sys.prefix, extra: str = "") -> Project:
        folder = tmp_path / "project"
        (folder / main).mkdir(parents=True)
        (folder / main / "__main__.py").write_text(program)
        runtime = f"runtime: {{name: python, options: {{toolchain: pip, virtualenv: {virtualenv}}}}}"
        (folder / "Pulumi.yaml").write_text(f"name: tiny\nmain: {main}\n{runtime}\n{extra}")
        for name in ("state", "home"):
            (tmp_path / name).mkdir()
        (tmp_path / "passphrase").write_text("not a secret")
        own = {
            "PULUMI_HOME": str(tmp_path / "home"),
            "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(tmp_path / "passphrase"),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        made = Project(folder, environment(engine.folder) | own)
        made.done("stack", "init", "dev")
        return made

    return made
