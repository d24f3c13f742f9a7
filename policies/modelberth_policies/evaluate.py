"""Asks rules of a plan: `evaluate(plan, rules, limits) -> findings`. Pure, and no rule can end it.

Standard library only.
"""

import json
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from modelberth_policies.resources import Plan, Secret, reveal
from modelberth_policies.rule import ANY, Level, Rule, Severity, by_type, parts_of
from modelberth_policies.subject import Limits, Stack, Subject, Undeterminable

if TYPE_CHECKING:
    from modelberth_policies.bill import Bill, Range

Kind: TypeAlias = Literal["violation", "undeterminable", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule has to say."""

    rule: str
    kind: Kind
    """A broken rule, one that meets a value which nobody knows yet, or one that raised."""
    severity: Severity
    level: Level
    message: str
    """One sentence, said of the resource by its name."""
    urn: str
    type: str
    name: str
    source: str
    """`file:line` that made the resource; empty where nobody knows."""
    path: str
    """Where in the resource's inputs; empty for the whole."""
    fix: str


def evaluate(
    plan: Plan,
    rules: Sequence[Rule],
    limits: Limits,
    bill: "Callable[[], Bill] | None" = None,
    before: "Range | None" = None,
) -> list[Finding]:
    """All findings, in the order of the plan, then of the rules. Disabled rules are not asked.

    `bill`: draws up what the stack costs, for the rules that ask; `before`: what it cost by the baseline.
    """
    stack = Stack(plan, limits, bill, before)
    asked = in_force(rules, limits)
    index = by_type(rule for rule in asked if rule.scope != "stack")
    findings = [finding for subject in stack.subjects for finding in _of_subject(subject, index, stack)]
    for rule in asked:
        if rule.scope == "stack":
            findings += of_stack(rule, stack)
    return findings


def in_force(rules: Iterable[Rule], limits: Limits) -> list[Rule]:
    """The rules that the environment wants."""
    return [
        rule
        for rule in rules
        if limits.level(rule) is not Level.DISABLED and (rule.applies is None or rule.applies(limits))
    ]


def rules_of(subject: Subject, index: Mapping[str, tuple[Rule, ...]]) -> tuple[Rule, ...]:
    """The rules that are asked of a resource."""
    return index.get(subject.type, ()) + index.get(ANY, ())


def _of_subject(subject: Subject, index: Mapping[str, tuple[Rule, ...]], stack: Stack) -> Iterator[Finding]:
    for rule in rules_of(subject, index):
        yield from of_resource(rule, subject, stack)


def of_resource(rule: Rule, subject: Subject, stack: Stack | None = None) -> Iterator[Finding]:
    """What one rule has to say of one resource, each part by itself."""
    parts = parts_of(rule, subject)
    while True:
        try:
            part = next(parts)
        except StopIteration:
            return
        except Undeterminable as unknown:
            yield _finding(rule, subject, "undeterminable", "", unknown.path)
            return
        except Exception as error:  # noqa: BLE001 — a broken rule is a finding, never the end of the check
            yield _finding(rule, subject, "error", _raised(error), "")
            return
        check = rule.check if rule.scope == "resource" else lambda asked: rule.check(asked, stack)
        yield from _said(rule, part, check)


def _said(rule: Rule, part: Subject, check: Callable[[Subject], Iterable[str]]) -> Iterator[Finding]:
    try:
        for message in check(part):
            yield _finding(rule, part, "violation", message, part.path)
    except Undeterminable as unknown:
        yield _finding(rule, part, "undeterminable", "", unknown.path)
    except Exception as error:  # noqa: BLE001
        yield _finding(rule, part, "error", _raised(error), part.path)


def of_stack(rule: Rule, stack: Stack) -> Iterator[Finding]:
    """What one rule has to say of the stack."""
    nobody = Subject(stack.plan.as_resource(), stack.limits)
    try:
        for subject, message in rule.check(stack):
            yield _finding(rule, subject or nobody, "violation", message, subject.path if subject else "")
    except Undeterminable as unknown:
        yield _finding(rule, nobody, "undeterminable", "", unknown.path)
    except Exception as error:  # noqa: BLE001
        yield _finding(rule, nobody, "error", _raised(error), "")


def _finding(rule: Rule, subject: Subject, kind: Kind, message: str, path: str) -> Finding:
    level = subject.limits.level(rule)
    if kind == "error":
        level, message = Level.MANDATORY, f"cannot be judged: {rule.id} {message}"
    elif kind == "undeterminable":
        level = subject.limits.undeterminable if level is Level.MANDATORY else Level.ADVISORY
        message = f"has {path or 'a value'} that is known only later, so {rule.id} cannot be answered"
    resource = subject.resource
    return Finding(
        rule.id,
        kind,
        rule.severity,
        level,
        f"{resource.name} {_without_secrets(message, resource.inputs)}",
        resource.urn,
        resource.type,
        resource.name,
        resource.source,
        path,
        rule.fix,
    )


def _raised(error: Exception) -> str:
    """The kind of error and the rule's own line. Its text may hold values of the resource, so it is not shown."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"raised {type(error).__name__}{place}"


_SHORTEST_SECRET = 4
"""Shorter ones would be found in every word."""


def _without_secrets(message: str, inputs: Any) -> str:
    for secret in sorted(_secret_texts(inputs), key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            message = message.replace(secret, "a secret")
    return message


def _secret_texts(value: Any, *, inside: bool = False) -> Iterator[str]:
    if isinstance(value, Secret):
        yield from _secret_texts(reveal(value.value), inside=True)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secret_texts(item, inside=inside)
    elif isinstance(value, list):
        for item in value:
            yield from _secret_texts(item, inside=inside)
    elif inside and isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
        yield from _secret_texts(_document(value), inside=True)


def _document(text: Any) -> Any:
    """What a secret JSON document says, for a rule reads its parts; nothing of any other text."""
    if not isinstance(text, str) or not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
