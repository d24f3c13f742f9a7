"""The Pulumi CLI, run in the checkout."""

import subprocess
import sys


def pulumi(*arguments: str, capture: bool = False) -> str:
    """Run it. Ends this program with its exit code when it fails; it has said why."""
    done = subprocess.run(["pulumi", *arguments], text=True, capture_output=capture, check=False)
    if done.returncode != 0:
        said = f"{done.stderr or ''}{done.stdout or ''}".strip()
        sys.exit(said or done.returncode)
    return done.stdout or ""
