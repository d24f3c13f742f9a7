"""Finds, installs or builds the Pulumi CLI with its Python language host.

`python3 tools/engine/engine.py [--python PATH]` prints progress on stderr and, on stdout, the one folder to put in
front of PATH. Standard library only: it runs before any virtual environment exists.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

if __package__:
    from .build import BuildError, engine_folder, outdated, ticking
else:  # run by its path
    from build import BuildError, engine_folder, outdated, ticking

OLDEST = (3, 259, 0)
"""The oldest CLI whose behaviour the project's tests have seen; also the one that is built."""

CHECKOUT = Path(__file__).resolve().parents[2]
INSTALLER = "https://get.pulumi.com/install.sh"
"""What PulumiCommand.install fetches, without a time limit of its own."""

SECONDS_TO_REACH_INSTALLER = 6
SECONDS_TO_INSTALL = 300

Say = Callable[[str], None]
Route = tuple[str, Callable[[Path | None, Say], Path]]


class NotTakenError(Exception):
    """A route does not lead to a CLI on this machine; the message is the reason."""


class NoEngineError(Exception):
    """No route leads to a CLI; the message lists every reason and what to install."""


def version_of(text: str) -> tuple[int, int, int] | None:
    """`v3.259.0-dev+1` as (3, 259, 0); None for what is no version."""
    match = re.match(r"\s*v?(\d+)\.(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def shortfall(text: str) -> str | None:
    """Why a CLI that prints `text` as its version cannot be used; None where it can. Another major is another CLI."""
    found = version_of(text)
    if found is None:
        return f"its version {text.strip()!r} is not readable"
    wanted = ".".join(map(str, OLDEST))
    if found < OLDEST or found[0] != OLDEST[0]:
        return f"it is version {text.strip()}, wanted is {wanted} or a later 3.x"
    return None


def on_path(python: Path | None, say: Say) -> Path:
    """A CLI that is installed already; the engine looks for a language host on PATH before it looks beside itself."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise NotTakenError("no pulumi on PATH")
    _refuse_unusable(Path(pulumi))
    folder = Path(pulumi).absolute().parent
    # A shell that sourced env.sh finds this checkout's own link, and a link must not be made to point to itself.
    folder = folder.resolve() if folder == CHECKOUT / ".pulumi" / "engine" else folder
    if not (folder / "pulumi-language-python").exists() and shutil.which("pulumi-language-python") is None:
        raise NotTakenError(f"{pulumi} has no pulumi-language-python beside it or on PATH")
    if outdated(folder):
        raise NotTakenError(f"{pulumi} was built for another state of tools/engine/language_host")
    return folder


def installed(python: Path | None, say: Say) -> Path:
    """The CLI that Pulumi's installer puts into `.pulumi/cli` of this checkout, by the Automation API of `python`."""
    root = CHECKOUT / ".pulumi" / "cli"
    folder = root / "bin"
    with suppress(NotTakenError):
        _refuse_unusable(folder / "pulumi")
        return folder
    if python is None or not _imports_pulumi(python):
        raise NotTakenError("no --python with the package pulumi was given, which runs the installer")
    _refuse_unreachable_installer()
    install = f"import pulumi.automation as a; a.PulumiCommand.install(root={str(root)!r})"
    with ticking(say, lambda: "installing"):
        _run([str(python), "-c", install], SECONDS_TO_INSTALL, "the installer")
    _refuse_unusable(folder / "pulumi")
    return folder


def built(python: Path | None, say: Say) -> Path:
    """A CLI built from its Go modules, with the project's own language host."""
    try:
        return engine_folder(say)
    except BuildError as fault:
        raise NotTakenError(str(fault)) from fault


ROUTES: Sequence[Route] = (("on PATH", on_path), ("Pulumi's installer", installed), ("built from Go modules", built))


def locate(python: Path | None = None, say: Say = lambda line: None, routes: Sequence[Route] = ROUTES) -> Path:
    """The folder to put in front of PATH: it holds `pulumi` or, for a CLI on PATH, is where that lies.

    `python`: an interpreter that has the package pulumi; left out, Pulumi's installer is not tried.
    `say` is handed each line of progress. Raises NoEngineError with every route's reason.
    """
    reasons = []
    for name, find in routes:
        began = time.monotonic()
        try:
            folder = find(python, say)
        except NotTakenError as reason:
            reasons.append(f"{name}: {reason}")
            say(f"{name}: not taken after {time.monotonic() - began:.1f} s: {reason}")
        else:
            say(f"{name}: {folder} ({time.monotonic() - began:.1f} s)")
            return folder
    tried = "\n".join(f"  - {reason}" for reason in reasons)
    raise NoEngineError(
        f"No Pulumi CLI of version {'.'.join(map(str, OLDEST))} or later was found, installed or built:\n{tried}\n"
        "Install the Pulumi CLI (https://www.pulumi.com/docs/install/), or Go 1.25.11 or later, and run this again."
    )


def environment(folder: Path, base: Mapping[str, str] | None = None, python: Path | None = None) -> dict[str, str]:
    """The variables to run `pulumi` with: `base` (left out: this process's), and the folder of `locate` before PATH.

    `python`, which has the package pulumi, runs the project's own language host; left out, the project's virtualenv
    does. A program in a folder that lies outside its project's needs it.
    """
    variables = dict(os.environ if base is None else base)
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # doubles the time of every import
    path = os.pathsep.join(filter(None, [str(folder), variables.get("PATH")]))
    host = {} if python is None else {"MODELBERTH_PYTHON": str(python)}
    return {**variables, "PATH": path, "PULUMI_SKIP_UPDATE_CHECK": "true", **host}


def _refuse_unusable(pulumi: Path) -> None:
    variables = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    why = shortfall(_run([str(pulumi), "version"], 30, str(pulumi), variables))
    if why is not None:
        raise NotTakenError(f"{pulumi}: {why}")


def _refuse_unreachable_installer() -> None:
    # In a process of its own, because the look-up of a name takes no time limit.
    fetch = f"import urllib.request as u; u.urlopen(u.Request({INSTALLER!r}, method='HEAD'), timeout=5)"
    try:
        _run([sys.executable, "-c", fetch], SECONDS_TO_REACH_INSTALLER, INSTALLER)
    except NotTakenError as reason:
        raise NotTakenError(f"cannot reach the installer: {reason}") from reason


def _imports_pulumi(python: Path) -> bool:
    try:
        _run([str(python), "-c", "import pulumi.automation"], 60, str(python))
    except NotTakenError:
        return False
    return True


def _run(words: Sequence[str], seconds: float, name: str, variables: Mapping[str, str] | None = None) -> str:
    pipe = subprocess.PIPE
    try:
        # A group of its own: what an installer has started holds its output open, so it must end with it.
        running = subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True, env=variables, start_new_session=True)
    except OSError as fault:
        raise NotTakenError(f"{name} cannot be run: {fault.strerror}") from fault
    try:
        output, errors = running.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise NotTakenError(f"{name} gave no answer in {seconds:.0f} s") from None
    finally:
        if running.returncode is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
    if running.returncode != 0:
        last = (errors or output).strip().splitlines()[-1:]
        raise NotTakenError(f"{name}: {last[0] if last else f'exit code {running.returncode}'}")
    return output


def main() -> int:
    """Prints the folder, or says why there is none (exit code 1)."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--python", type=Path, help="an interpreter that has the package pulumi; it runs Pulumi's installer"
    )
    arguments = parser.parse_args()
    try:
        folder = locate(arguments.python, lambda line: print(f"engine: {line}", file=sys.stderr, flush=True))
    except NoEngineError as reason:
        print(reason, file=sys.stderr)
        return 1
    print(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
