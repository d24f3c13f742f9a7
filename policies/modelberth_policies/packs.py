"""The two packs that run our rules on Pulumi's engine.

    pulumi preview --policy-pack policies/security --policy-pack policies/cost

Each rule is reported and configured by its own id. `--policy-pack-config FILE` sets levels, once for each pack:

    {"all": "advisory", "kms-rotation": "mandatory", "s3-block-public-access": "disabled"}

These win over the levels of the stack's environment. All else is in three files in the folder that the packs lie in:
`limits.yaml`, `exemptions.yaml` and `usage.yaml`. One that is not there means the built-in limits, no exemptions, the
default usage. The environment variables `MODELBERTH_LIMITS`, `MODELBERTH_EXEMPTIONS` and `MODELBERTH_USAGE` name other
files, by paths that are absolute or relative to that folder. A file that cannot be used ends the run before it begins.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelberth_policies.clock import today
from modelberth_policies.exemptions import Exemptions, load_exemptions
from modelberth_policies.limits import Limits, load_limits
from modelberth_policies.resources import Plan
from modelberth_policies.rule import Rule
from modelberth_policies.rules import ALL
from modelberth_policies.rules import COST as COST_RULES
from modelberth_policies.rules import SECURITY as SECURITY_RULES

if TYPE_CHECKING:
    from modelberth_policies.bill import Bill, UsageLike

_REGIONS = ("aws:region", "gcp:region", "azure-native:location")
"""Where a stack's configuration says in which region it is."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a pack's rules are asked with in one stack."""

    limits: Limits
    exemptions: Exemptions
    bill: "Callable[[Plan], Bill] | None" = None


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules that the engine runs together, under one name."""

    name: str
    description: str
    rules: tuple[Rule, ...]
    priced: bool = False
    """Whether its rules ask for the bill."""

    @property
    def known(self) -> frozenset[str]:
        """Ids of all rules, for its own and the other pack read the same files."""
        return frozenset(rule.id for rule in (*ALL, *self.rules))

    def settings(self, folder: Path, stack: str, configuration: Mapping[str, str]) -> Settings:
        """What the files in `folder` say of a stack. Raises `ConfigurationError` with file, line and field."""
        limits = load_limits(_file(folder, "limits"), self.known).of_stack(stack)
        exemptions = load_exemptions(_file(folder, "exemptions"), self.known, today())
        own = {rule.id for rule in self.rules}
        entries = tuple(each for each in exemptions.entries if each.rule in own)
        bill = _bill(_file(folder, "usage"), configuration) if self.priced else None
        return Settings(limits, Exemptions(entries, exemptions.file), bill)

    def serve(self, main: str) -> None:
        """Serves the engine that has started the pack's `main` (its `__file__`), until it ends it."""
        from modelberth_policies.sources.analyzer import serve

        serve(self, Path(main).resolve().parents[1])


SECURITY = Pack(
    "modelberth-security",
    "What serves models is private, encrypted, pinned, watched and governed.",
    SECURITY_RULES,
)
COST = Pack(
    "modelberth-cost",
    "What serves models stays within its budget, and nothing is paid for that nobody uses.",
    COST_RULES,
    priced=True,
)


def _file(folder: Path, name: str) -> Path | None:
    given = os.environ.get(f"MODELBERTH_{name.upper()}")
    if given:
        return folder / given
    beside = folder / f"{name}.yaml"
    return beside if beside.exists() else None


def _bill(usage: Path | None, configuration: Mapping[str, str]) -> "Callable[[Plan], Bill]":
    from modelberth_policies.bill import estimate

    assumed = None if usage is None else _usage(usage)
    region = next((configuration[key] for key in _REGIONS if key in configuration), None)
    return lambda plan: estimate(plan, assumed, region)


def _usage(file: Path) -> "UsageLike":
    from modelberth_policies.usage import load_usage

    return load_usage(file)
