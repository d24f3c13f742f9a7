"""A state machine played: as much of the Amazon States Language (JSONata) as the definition of a run uses.

https://states-language.net. Waits and retries take no time; what a service answers is the test's.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonata import Jsonata

Words = dict[str, Any]
EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:s-scores-run:6a1b_8c2d"


class TaskError(Exception):
    """What a task failed with: an error's name, and a cause or none."""

    def __init__(self, name: str, cause: str | None = None) -> None:
        super().__init__(name)
        self.output = {"Error": name} if cause is None else {"Error": name, "Cause": cause}
        self.name = name


@dataclass
class Played:
    """What came of an execution."""

    states: list[str] = field(default_factory=list)
    calls: list[tuple[str, Words]] = field(default_factory=list)
    output: Any = None
    error: str = ""
    cause: str = ""

    def arguments(self, action: str) -> list[Words]:
        """Of each call of an action."""
        return [arguments for called, arguments in self.calls if called == action]


def play(
    definition: Words,
    services: Mapping[str, Callable[[int], Any]],
    given: Words | None = None,
    execution: str = EXECUTION,
) -> Played:
    """Run it. `services` are told how many calls of theirs went before, and answer or raise `TaskError`."""
    played, variables = Played(), {}
    context = {"Execution": {"Id": execution, "StartTime": "2026-11-22T03:04:05.678Z"}}
    name, given = definition["StartAt"], {} if given is None else given
    while True:
        state, scope = definition["States"][name], {"input": given, "context": context}
        played.states.append(name)
        if state["Type"] == "Task":
            scope, chosen = _task(state, scope, variables, services, played)
        else:
            chosen = state
        if state["Type"] == "Choice":
            met = (one["Next"] for one in state["Choices"] if _value(one["Condition"], scope, variables) is True)
            chosen = {"Next": next(met, state["Default"])}
        if state["Type"] == "Fail":
            played.error, played.cause = (_value(state[word], scope, variables) for word in ("Error", "Cause"))
            return played
        if state["Type"] == "Succeed":
            played.output = _value(state["Output"], scope, variables)
            return played
        variables |= _value(chosen.get("Assign", {}), scope, variables)
        name = chosen["Next"]


def _task(
    state: Words, scope: Words, variables: Words, services: Mapping[str, Callable[[int], Any]], played: Played
) -> tuple[Words, Words]:
    """What of the state holds after the task: the state itself, or what catches the error."""
    action = state["Resource"].rpartition(":")[2]
    left = [retrier["MaxAttempts"] for retrier in state.get("Retry", ())]
    while True:
        before = len(played.arguments(action))
        played.calls.append((action, _value(state["Arguments"], scope, variables)))
        try:
            return {**scope, "result": services[action](before)}, state
        except TaskError as error:
            scope = {**scope, "errorOutput": error.output}
            again = next((i for i, one in enumerate(state.get("Retry", ())) if _matches(one, error)), None)
            if again is not None and left[again]:
                left[again] -= 1
                continue
            return scope, next(one for one in state["Catch"] if _matches(one, error))


def _matches(handler: Words, error: TaskError) -> bool:
    names = handler["ErrorEquals"]
    any_failure = "States.TaskFailed" in names and error.name != "States.Timeout"
    return error.name in names or "States.ALL" in names or any_failure


def _value(template: Any, scope: Words, variables: Words) -> Any:
    if isinstance(template, Mapping):
        return {word: _value(value, scope, variables) for word, value in template.items()}
    if isinstance(template, list):
        return [_value(value, scope, variables) for value in template]
    if not (isinstance(template, str) and template.startswith("{%") and template.endswith("%}")):
        return template
    expression = Jsonata(template[2:-2])
    # The two functions that Step Functions adds and a run uses.
    expression.register_lambda("hash", lambda text, name: hashlib.new(name.replace("-", ""), text.encode()).hexdigest())
    expression.register_lambda("parse", json.loads)
    for name, value in {**variables, "states": scope}.items():
        expression.assign(name, value)
    found = expression.evaluate(None)
    assert found is not None, f"{template} is nothing, which Step Functions takes for States.QueryEvaluationError"
    return found
