"""What a stack was before: a report that was saved, or the check of the project as it stood at a git ref."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from modelberth_policies.bill import NOTHING, UNBOUNDED, Range
from modelberth_policies.configuration import ConfigurationError
from modelberth_policies.report.model import Past, StackReport, key_of

NO_STACK: Final = Past({}, NOTHING, {})
"""A baseline without the stack: all of it is new."""


def past_of(report: StackReport) -> Past:
    """A report as the baseline of a later one."""
    return Past(
        {key_of(finding): finding.message for finding in report.findings},
        report.bill.total,
        report.bill.by_service(),
    )


def load_past(file: Path) -> Mapping[tuple[str, str], Past]:
    """The stacks of a report that `--format json` wrote: (project, stack) → what it says.

    Raises `ConfigurationError` for anything else.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return {(each["project"], each["stack"]): _past(each) for each in document["stacks"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"--baseline {file}: is no report of `modelberth check --format json` ({type(error).__name__}: {error})"
        ) from None


def _past(stack: Mapping[str, Any]) -> Past:
    return Past(
        {(each["rule"], each["kind"], each["urn"], each["path"]): each["message"] for each in stack["findings"]},
        _range(stack["bill"]["total"]),
        {each["name"]: _range(each["usd"]) for each in stack["bill"]["services"]},
    )


def _range(written: Mapping[str, Any]) -> Range:
    worst = UNBOUNDED if written["worst"] == "unbounded" else float(written["worst"])
    return Range(float(written["low"]), float(written["expected"]), worst)
