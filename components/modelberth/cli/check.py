"""`modelberth check`: what breaks a rule, what it costs, and what differs from the base branch. No cloud, no engine."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from modelberth import __version__
from modelberth.cli.errors import CommandError

if TYPE_CHECKING:
    from modelberth_policies.report.model import Past, Report, StackReport
    from modelberth_policies.resources import Plan
    from modelberth_policies.rule import Rule
    from modelberth_policies.sources.project import Project

FORMATS = ("text", "json", "sarif", "junit", "markdown", "html")
FAIL_ON = ("mandatory", "critical", "high", "medium", "low", "never")
FILES = ("limits", "exemptions", "usage")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's own options."""
    parser = commands.add_parser(
        "check",
        help="rules and cost of a stack, without cloud and engine",
        description="Ends with 0 if nothing stops, 1 for findings at or above --fail-on or a broken budget, "
        "2 if the program or a file cannot be read.",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--stack", action="append", help="a stack; may be repeated (default: the only one there is)")
    which.add_argument("--all-stacks", action="store_true", help="every stack that has a file")
    parser.add_argument("--project", type=Path, default=Path.cwd(), help="folder of Pulumi.yaml (default: this one)")
    parser.add_argument("--format", choices=FORMATS, default="text", help="form of the report (default: text)")
    parser.add_argument("--output", type=Path, help="file for the report (default: standard output)")
    parser.add_argument("--baseline", metavar="REF|FILE", help="compare with a git ref, or with a saved JSON report")
    parser.add_argument("--fail-on", choices=FAIL_ON, default="mandatory", help="default: mandatory")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds for one program (default: 120)")
    for name in FILES:
        parser.add_argument(f"--{name}", type=Path, help=f"default: PROJECT/policies/{name}.yaml, if there is one")
    parser.add_argument("--rules", type=Path, action="append", default=[], help="a Python file with more RULES")
    parser.add_argument("--explain", metavar="RULE", help="say what a rule is for, or list `all`, and check nothing")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Check the stacks and print the report."""
    if arguments.explain is not None:
        with faults_told():
            print(explained(arguments.explain, rules_of(arguments)))
        return
    with faults_told():
        report = report_of(arguments)
    from modelberth_policies.report.model import FailOn, failing

    text = import_module(f"modelberth_policies.report.{arguments.format}").render(report)
    if arguments.output is None:
        print(text, end="" if text.endswith("\n") else "\n")
    else:
        _write(arguments.output, text)
    if failing(report, FailOn(arguments.fail_on)):
        sys.exit(1)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--output {file}: cannot be written: {error.strerror}") from None


@contextmanager
def faults_told() -> Iterator[None]:
    """Faults of programs and files, as the one message with which the command ends."""
    from modelberth_policies.configuration import ConfigurationError
    from modelberth_policies.sources.program import ProgramError

    try:
        yield
    except (ProgramError, ConfigurationError) as error:
        raise CommandError(str(error)) from None


def rules_of(arguments: argparse.Namespace) -> tuple["Rule", ...]:
    """Ours, and those of the files that were named."""
    from modelberth_policies.rules import ALL
    from modelberth_policies.rules.own import load_rules

    return (*ALL, *(rule for file in arguments.rules for rule in load_rules(file)))


def explained(wanted: str, rules: Sequence["Rule"]) -> str:
    """What a rule is for; of `all`, one line each. Raises `CommandError` for an id that no rule has."""
    if wanted == "all":
        return "\n".join(f"{rule.id:45} {rule.severity.name.lower():9} {rule.why}" for rule in rules)
    rule = next((each for each in rules if each.id == wanted), None)
    if rule is None:
        raise CommandError(f"there is no rule {wanted!r}; `modelberth check --explain all` lists them")
    rows = {
        "severity": f"{rule.severity.name.lower()}, {rule.category.name.lower().replace('_', ' ')}",
        "asked of": ", ".join(rule.types) or "the stack",
        "why": rule.why,
        "fix": rule.fix,
        "controls": ", ".join(rule.frameworks) or "none",
        "asked elsewhere": ", ".join(rule.anchors) or "nowhere",
    }
    return "\n".join([rule.id, *(f"  {name + ':':16} {text}" for name, text in rows.items())])


@dataclass(frozen=True, slots=True)
class _Plans:
    """The plans of a stack, as they come: now, and at the baseline's ref."""

    now: "Future[Plan]"
    before: "Future[Plan] | None"
    """None also where the stack did not exist then."""


def report_of(arguments: argparse.Namespace) -> "Report":
    """Runs the programs, asks the rules. What is imported here is imported while the programs run."""
    from modelberth_policies.sources.program import plan, start_plan
    from modelberth_policies.sources.project import project_at

    project = project_at(arguments.project)
    stacks = chosen(arguments.stack, arguments.all_stacks, tuple(project.stack_files), project.name)
    with ExitStack() as open_:
        threads = open_.enter_context(ThreadPoolExecutor(2))
        open_.callback(threads.shutdown, cancel_futures=True)
        first, *others = stacks
        # Not on a thread: what is imported meanwhile would hold up the start.
        running = open_.enter_context(start_plan(arguments.project, first, timeout=arguments.timeout))
        now = {first: threads.submit(running.result)}
        now |= {stack: threads.submit(plan, arguments.project, stack, timeout=arguments.timeout) for stack in others}
        before = _started_before(arguments, project, stacks, open_, threads)
        return _judged(arguments, project.file, {stack: _Plans(now[stack], before.get(stack)) for stack in stacks})


def _started_before(
    arguments: argparse.Namespace,
    project: "Project",
    stacks: Sequence[str],
    open_: ExitStack,
    threads: ThreadPoolExecutor,
) -> "Mapping[str, Future[Plan]]":
    """The plans at the baseline's ref, of the stacks that existed then."""
    ref = arguments.baseline
    if ref is None or Path(ref).is_file():
        return {}
    from modelberth_policies.repository import checkout, imports_then
    from modelberth_policies.sources.program import plan
    from modelberth_policies.sources.project import project_at

    folder = open_.enter_context(checkout(arguments.project, ref))
    if not (folder / project.file.name).is_file():
        return {}

    env = {"PYTHONPATH": imports_then(project.python, project.root, folder)}

    def plan_then(stack: str) -> "Plan":
        with _told_of(ref, folder):
            return plan(folder, stack, timeout=arguments.timeout, python=project.python, env=env)

    with _told_of(ref, folder):
        then = project_at(folder).stack_files
    # Where there is no stack file at all, any name is a stack.
    existed = [stack for stack in stacks if stack in then or not (then or project.stack_files)]
    return {stack: threads.submit(plan_then, stack) for stack in existed}


@contextmanager
def _told_of(ref: str, folder: Path) -> Iterator[None]:
    """Says of a fault that it is the baseline's."""
    from modelberth_policies.sources.errors import ProgramError

    try:
        yield
    except ProgramError as error:
        raise ProgramError(f"--baseline {ref}: {str(error).replace(str(folder), ref)}") from None


def _judged(arguments: argparse.Namespace, file: Path, plans: Mapping[str, _Plans]) -> "Report":
    from modelberth_policies.baseline import NO_STACK, load_past, past_of
    from modelberth_policies.check import check
    from modelberth_policies.clock import today
    from modelberth_policies.exemptions import load_exemptions
    from modelberth_policies.limits import load_limits
    from modelberth_policies.report.model import Report
    from modelberth_policies.repository import place_of
    from modelberth_policies.usage import load_usage

    rules = rules_of(arguments)
    ids = frozenset(rule.id for rule in rules)
    limits = load_limits(file_of(arguments, "limits"), ids)
    exemptions = load_exemptions(file_of(arguments, "exemptions"), ids, today())
    usage = load_usage(file_of(arguments, "usage"))
    saved = load_past(Path(arguments.baseline)) if arguments.baseline and Path(arguments.baseline).is_file() else {}

    def judge(plan: "Plan", past: "Past | None") -> "StackReport":
        return check(plan, rules, limits.of_stack(plan.stack), usage, exemptions, past)

    def past_at(plans: _Plans, key: tuple[str, str]) -> "Past | None":
        if arguments.baseline is None:
            return None
        return saved.get(key, NO_STACK) if plans.before is None else past_of(judge(plans.before.result(), None))

    reports, urns = [], []
    for stack, found in plans.items():
        now = found.now.result()
        reports.append(judge(now, past_at(found, (now.project, stack))))
        urns += [resource.urn for resource in now]
    exemptions.check_used(plans.keys(), urns)
    return Report(tuple(reports), exemptions.entries, place_of(file), __version__)


def chosen(wanted: Sequence[str] | None, every: bool, known: tuple[str, ...], project: str) -> tuple[str, ...]:
    """The stacks to check. Raises `CommandError` where it is not clear which."""
    if wanted:
        return tuple(dict.fromkeys(wanted))
    if every and known:
        return known
    if len(known) == 1:
        return known
    if not known:
        raise CommandError(f"{project} has no Pulumi.<stack>.yaml; name a stack with --stack")
    raise CommandError(f"{project} has the stacks {', '.join(known)}; name one with --stack, or use --all-stacks")


def file_of(arguments: argparse.Namespace, name: str) -> Path | None:
    """A file that was named, else the project's own if there is one."""
    given = getattr(arguments, name)
    default = arguments.project / "policies" / f"{name}.yaml"
    return given if given is not None else default if default.is_file() else None
