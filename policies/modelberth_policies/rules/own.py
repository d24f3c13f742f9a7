"""Rules of your own: a Python file with `RULES`, for `modelberth check --rules FILE` and for a pack."""

import runpy
from pathlib import Path

from modelberth_policies.configuration import ConfigurationError
from modelberth_policies.rule import Rule


def load_rules(file: Path) -> tuple[Rule, ...]:
    """The `RULES` of the file. Raises `ConfigurationError` for a file that has none, or that raises itself."""
    try:
        found = runpy.run_path(str(file)).get("RULES")
    except Exception as error:  # noqa: BLE001 — whatever the file raises is its owner's to read
        raise ConfigurationError(f"--rules {file}: {type(error).__name__}: {error}") from None
    if not isinstance(found, tuple | list) or not all(isinstance(rule, Rule) for rule in found):
        raise ConfigurationError(f"--rules {file}: has no RULES = (…), a tuple of rules made with a rule's decorator")
    return tuple(found)
