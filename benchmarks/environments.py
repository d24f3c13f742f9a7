"""Environments of their own for contenders that do not go with ours: made on first use from a locked list."""

import subprocess
import sys
from pathlib import Path

from measure import HERE, line

UV = HERE.parent / ".pulumi" / "tools" / "bin" / "uv"


def environment(name: str) -> Path | None:
    """The environment in `NAME/.venv` with what `NAME/requirements.txt` locks. None where it cannot be made."""
    home = HERE / name / ".venv"
    python = home / "bin" / "python"
    if not (home / "done").exists():
        wanted = ["--require-hashes", "--requirement", HERE / name / "requirements.txt", "--python", python]
        made = subprocess.run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, home])
        if made.returncode or subprocess.run([UV, "pip", "install", "--quiet", *wanted]).returncode:
            line(f"no {name}: its packages cannot be installed")
            return None
        (home / "done").touch()
    return home
