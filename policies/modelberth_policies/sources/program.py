"""The plan of a Pulumi Python program without engine, cloud or credentials: `plan("stacks", "dev")`.

The program runs in preview against a monitor of our own. What only a cloud knows stays `UNKNOWN`: of a custom resource
all but its inputs, of a stack reference all outputs. A data source (`get_…`) that `invokes` has no answer for is
unknown as a whole: its `_output` form goes on with an unknown Output, its plain form gets None, which the
program rarely survives; the error then names the data source. No provider runs, dynamic ones neither. A packaged
component stands in the plan without children, and its methods give unknowns; `Plan.notes` says so.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelberth_policies.resources import Plan
from modelberth_policies.sources.configuration import Configuration, configuration_of
from modelberth_policies.sources.engine_resource import configured_providers
from modelberth_policies.sources.errors import ProgramError
from modelberth_policies.sources.process import Process
from modelberth_policies.sources.project import Project, project_at
from modelberth_policies.sources.values import plan_of_records

if TYPE_CHECKING:
    from modelberth_policies.sources.monitor import Answer

__all__ = ["ProgramError", "Running", "plan", "run_in_process", "start_plan"]


class Running:
    """A program on its way to its plan, in a process of its own. As a context manager it ends that process."""

    def __init__(self, project: Project, stack: str, configuration: Configuration, process: Process) -> None:
        self._project, self._stack, self._configuration, self._process = project, stack, configuration, process

    def result(self) -> Plan:
        """Waits for the plan. To be called once. Raises `ProgramError`, with the user's own file and line."""
        answer = self._process.answer()
        if "error" in answer:
            raise ProgramError("\n".join([answer["error"], *_hints(answer["error"], self._configuration)]))
        return plan_of_records(
            self._project.name,
            self._stack,
            answer["records"],
            answer["outputs"],
            notes=[*_notes(self._stack, self._configuration), *answer["notes"]],
            default_providers=configured_providers(self._configuration.values, self._project.name),
        )

    def end(self) -> None:
        """Ends the process and whatever it started, whether it is done or not."""
        self._process.end()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


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
    with start_plan(
        project_dir, stack, config=config, invokes=invokes, timeout=timeout, python=python, env=env
    ) as running:
        return running.result()


def start_plan(
    project_dir: str | Path,
    stack: str,
    *,
    config: Mapping[str, Any] | None = None,
    invokes: Mapping[str, Mapping[str, Any]] | None = None,
    timeout: float = 120.0,
    python: str | Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Running:
    """Starts what `plan` does and returns at once: there is time to import the rules until `result()` has the plan.

    Raises `ProgramError` for a project or a configuration at fault; for a program at fault, `result` does.
    """
    project = project_at(project_dir)
    configuration = configuration_of(project, stack, config or {})
    request = {
        "project": project.name,
        "stack": stack,
        "root": str(project.root),
        "program": str(project.program),
        "config": configuration.values,
        "secret_keys": configuration.secret_keys,
        "invokes": invokes or {},
        "timeout": timeout,
    }
    interpreter = Path(python) if python is not None else project.python
    process = Process(project, stack, request, interpreter, {**os.environ, **(env or {})})
    return Running(project, stack, configuration, process)


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

    bare = Project(Path(), Path.cwd(), project, Path(), Path(), Path(sys.executable), {}, {})
    configuration = configuration_of(bare, stack, config or {})
    values, secret_keys = configuration.values, configuration.secret_keys
    monitor = Monitor(project, stack, bare.root, invokes or {})
    run_apart(
        lambda: run(
            function, monitor, project=project, stack=stack, root=bare.root, config=values, secret_keys=secret_keys
        )
    )
    return plan_of_records(
        project,
        stack,
        list(monitor.records.values()),
        monitor.outputs,
        notes=monitor.notes,
        default_providers=configured_providers(values, project),
    )


def _notes(stack: str, configuration: Configuration) -> list[str]:
    if not configuration.environments:
        return []
    names = ", ".join(configuration.environments)
    return [f"stack {stack!r} imports {names} of Pulumi ESC, which cannot be read here: what only they give is missing"]


def _hints(error: str, configuration: Configuration) -> list[str]:
    if not configuration.environments or "Missing required configuration variable" not in error:
        return []
    return [f"{', '.join(configuration.environments)} of Pulumi ESC may give it; give it in `config`"]
