"""The process that runs one program: a request on standard input, a result on what was standard output."""

import faulthandler
import importlib
import json
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

import pulumi

from modelberth_policies.sources.monitor import Monitor
from modelberth_policies.sources.running import run
from modelberth_policies.sources.values import UNDECRYPTED


def sdk_version() -> str:
    """Of the SDK that the program runs on; empty where it does not say."""
    try:
        return importlib.import_module("pulumi._version")._VERSION
    except (ImportError, AttributeError):
        return ""


def main() -> None:
    """Reads the request, runs the program, writes a line: records, outputs and notes, or `{"error": text}`."""
    request = json.load(sys.stdin)
    process = os.getpid()
    # What the program prints must not mix with the result, and what it reads must not wait for a terminal.
    result = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    # Ends the process even where the program never lets Python breathe, and where the parent was killed.
    faulthandler.dump_traceback_later(request["timeout"], exit=True)
    line = json.dumps(_result(request))
    # Whoever the program forked comes by here, too.
    if os.getpid() != process:
        os._exit(0)
    result.write(line + "\n")
    result.flush()
    faulthandler.cancel_dump_traceback_later()
    # Threads that the program left running must not hold up the end.
    os._exit(0)


def _result(request: dict[str, Any]) -> dict[str, Any]:
    root = Path(request["root"])
    monitor = Monitor(request["project"], request["stack"], root, request["invokes"])
    # The engine hands the configuration over in the environment too; a process that the program starts may read it.
    os.environ["PULUMI_CONFIG"] = json.dumps(request["config"])
    os.environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(request["secret_keys"])
    try:
        run(
            lambda: _program(Path(request["program"])),
            monitor,
            project=request["project"],
            stack=request["stack"],
            root=root,
            config=request["config"],
            secret_keys=request["secret_keys"],
        )
    except BaseException as error:  # noqa: BLE001 — whatever the program raises is its user's to read
        if not (isinstance(error, SystemExit) and error.code in (None, 0)):
            return {"error": explain(error, root, monitor)}
    return {"records": list(monitor.records.values()), "outputs": monitor.outputs, "notes": monitor.notes}


def _program(program: Path) -> None:
    os.chdir(program if program.is_dir() else program.parent)
    sys.argv = [str(program)]
    if program.is_file():
        sys.path.insert(0, str(program.parent))
    runpy.run_path(str(program), run_name="__main__")


def explain(error: BaseException, root: Path, monitor: Monitor) -> str:
    """One message: where in the user's files, what, and what a plan may have to do with it. No traceback."""
    if isinstance(error, pulumi.RunError):
        return "\n".join([str(error), *_hints(error, monitor)])
    place = _place(error, root)
    what = f"the program called sys.exit({error.code!r})" if isinstance(error, SystemExit) else _named(error)
    return "\n".join([f"{place}: {what}" if place else what, *_hints(error, monitor)])


def _named(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _hints(error: BaseException, monitor: Monitor) -> list[str]:
    hints = []
    if isinstance(error, ModuleNotFoundError):
        hints.append(f"install it for {sys.executable}, or have the program run by another Python")
    if UNDECRYPTED in str(error):
        hints.append(f"{UNDECRYPTED} stands for a `secure:` value, which a plan cannot decrypt; give one in `config`")
    if monitor.unanswered:
        tokens = ", ".join(dict.fromkeys(monitor.unanswered))
        hints.append(f"unknown in a plan: {tokens}; use the `_output` form, or give the result in `invokes`")
    return hints


def _place(error: BaseException, root: Path) -> str:
    """`file:line` of the innermost frame in the user's files, else of the innermost in anyone's but the SDK's."""
    if isinstance(error, SyntaxError) and error.filename:
        return _shown(error.filename, error.lineno or 0, root)
    frames = [frame for cause in _chain(error) for frame in traceback.extract_tb(cause.__traceback__)]
    foreign = [frame for frame in frames if not _is_machinery(frame.filename)]
    own = [frame for frame in foreign if Path(frame.filename).is_relative_to(root) and not _installed(frame.filename)]
    chosen = (own or foreign)[-1:]
    return "".join(_shown(frame.filename, frame.lineno or 0, root) for frame in chosen)


def _chain(error: BaseException) -> list[BaseException]:
    return [error] if error.__cause__ is None else [*_chain(error.__cause__), error]


def _installed(filename: str) -> bool:
    return "site-packages" in Path(filename).parts


def _is_machinery(filename: str) -> bool:
    path = Path(filename)
    machinery = (Path(pulumi.runtime.__file__).parents[1], Path(__file__).parent, Path(os.__file__).parent)
    return filename.startswith("<") or (
        any(path.is_relative_to(folder) for folder in machinery[:2])
        or (path.is_relative_to(machinery[2]) and not _installed(filename))
    )


def _shown(filename: str, line: int, root: Path) -> str:
    path = Path(filename)
    return f"{path.relative_to(root) if path.is_relative_to(root) else path}:{line}"
