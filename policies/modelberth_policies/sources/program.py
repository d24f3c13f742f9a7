"""The plan of a Pulumi Python program without engine, cloud or credentials: `plan("stacks", "dev")`.

The program runs in preview against a monitor of our own. What only a cloud knows stays `UNKNOWN`: of a custom resource
all but its inputs, of a stack reference all outputs. A data source (`get_…`) that `invokes` has no answer for is
unknown as a whole: its `_output` form goes on with an unknown Output, its plain form gets None, which the
program rarely survives; the error then names the data source. No provider runs, dynamic ones neither.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from modelberth_policies.resources import Plan
from modelberth_policies.sources.project import ProgramError, Project, config_of, project_at
from modelberth_policies.sources.values import plan_of_records

if TYPE_CHECKING:
    from modelberth_policies.sources.monitor import Answer

__all__ = ["ProgramError", "plan", "run_in_process"]

_GRACE_SECONDS = 5.0
"""How long a process may outlive its time limit, which it keeps itself, before it is killed."""

# The program's own environment comes first: this package's folder is appended, and only while it is imported.
_BOOT = (
    "import sys, pulumi; sys.path.append(sys.argv[1]); from modelberth_policies.sources import child; "
    "sys.path.remove(sys.argv[1]); child.main()"
)
_PACKAGE_ROOT = Path(__file__).parents[2]


def plan(
    project_dir: str | Path,
    stack: str,
    *,
    config: Mapping[str, Any] | None = None,
    invokes: Mapping[str, Mapping[str, Any]] | None = None,
    timeout: float = 120.0,
    python: str | Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Plan:
    """Runs the program of a project for one stack, in a process of its own, and gives its plan.

    `config`: values before those of the stack's file; keys without namespace are the project's.
    `invokes`: token of a data source → its result, names as on the wire (`{"accountId": …}`).
    `timeout`: seconds until the process, with all that it started, is killed.
    `python`: the interpreter. Left out: that of the project's `virtualenv`, if it exists; else this one.
    `env`: environment variables beside those of this process.
    Raises `ProgramError`, with the user's own file and line where there is one.
    """
    project = project_at(project_dir)
    values, secret_keys = config_of(project, stack, config or {})
    request = {
        "project": project.name,
        "stack": stack,
        "root": str(project.root),
        "program": str(project.program),
        "config": values,
        "secret_keys": secret_keys,
        "invokes": invokes or {},
        "timeout": timeout,
    }
    interpreter = Path(python) if python is not None else project.python
    answer = _answer(project, stack, request, interpreter, {**os.environ, **(env or {})})
    if "error" in answer:
        raise ProgramError(answer["error"])
    return plan_of_records(project.name, stack, answer["plan"]["records"], answer["plan"]["outputs"])


def run_in_process(
    function: Callable[[], Any],
    project: str = "p",
    stack: str = "s",
    config: Mapping[str, Any] | None = None,
    *,
    invokes: "Mapping[str, Answer] | None" = None,
) -> Plan:
    """The plan of a function that makes resources: what a test of a component wants.

    `config` keys without namespace are the project's; lists and mappings become JSON. `invokes` may hold functions of
    the arguments. The function runs on a thread of its own, so that no event loop and no setting of the SDK goes in or
    comes out. Its exceptions come out as they are. No time limit.
    """
    from modelberth_policies.sources.monitor import Monitor
    from modelberth_policies.sources.running import run, run_apart

    bare = Project(Path.cwd(), project, Path(), Path(), Path(sys.executable), {}, {})
    values, secret_keys = config_of(bare, stack, config or {})
    monitor = Monitor(project, stack, bare.root, invokes or {})
    run_apart(
        lambda: run(
            function, monitor, project=project, stack=stack, root=bare.root, config=values, secret_keys=secret_keys
        )
    )
    return plan_of_records(project, stack, list(monitor.records.values()), monitor.outputs)


def _answer(
    project: Project, stack: str, request: Mapping[str, Any], python: Path, env: Mapping[str, str]
) -> dict[str, Any]:
    """What the child says. Its standard error is a file: a process that it leaves behind cannot hold a pipe open."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [python, "-P", "-c", _BOOT, str(_PACKAGE_ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=project.directory,
            env=env,
            start_new_session=True,
        )
        try:
            written, _ = process.communicate(json.dumps(request).encode(), request["timeout"] + _GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            written = b""
        finally:
            _end(process)
        if written:
            return json.loads(written)
        raise ProgramError(_without_result(process.returncode, _text(log), project, stack, request["timeout"]))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills the process and whatever it started; nothing is left after this."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _text(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode(errors="replace")


def _without_result(code: int, log: str, project: Project, stack: str, timeout: float) -> str:
    if "No module named 'pulumi'" in log:
        return f"{project.python} has no Pulumi SDK; install the program's requirements there (`pulumi install`)"
    if code == -signal.SIGKILL or "Timeout (" in log:
        return (
            f"stack {stack!r} of {project.name} was not done after {timeout:g} s{_standing(log, project)}; "
            "a loop or a wait in the program, or in an apply, does not end; or give it more time with `timeout`"
        )
    last = log.strip().rpartition("\n")[2]
    ended = f"by signal {-code}" if code < 0 else f"with code {code}"
    return f"the process of {project.program} ended {ended} before it had a plan{': ' + last if last else ''}"


def _standing(log: str, project: Project) -> str:
    """Where the program stood at its time limit: the innermost of its own lines in the last dump of the stack."""
    frames = re.findall(r'File "(.+?)", line (\d+)', log.rpartition("Timeout (")[2])
    own = [f"{Path(name).relative_to(project.root)}:{line}" for name, line in frames if _is_own(Path(name), project)]
    return f", at {own[0]}" if own else ""


def _is_own(path: Path, project: Project) -> bool:
    return path.is_relative_to(project.root) and "site-packages" not in path.parts
