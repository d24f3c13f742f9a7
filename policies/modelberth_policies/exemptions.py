"""Who may break which rule, until when, and why: `policies/exemptions.yaml`.

exemptions:
  - rule: sagemaker-endpoint-kms
    resource: "urn:pulumi:staging::acme::*::ranker"
    reason: The key is made by the platform team in January.
    owner: ml-platform@acme.example
    expires: 2027-01-31
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from pydantic import Field, field_validator

from modelberth_policies.configuration import Configuration, ConfigurationError, read_model

MAX_DAYS = 180


class Exemption(Configuration):
    """One rule, broken on purpose by what the pattern fits. All fields must be given."""

    rule: str
    """Id of the rule."""
    resource: str
    """Pattern of URNs; `*` stands for anything."""
    reason: str = Field(min_length=10)
    """Why, in a sentence."""
    owner: str = Field(min_length=3)
    """Who answers for it."""
    expires: date
    """Last day; at most 180 days ahead."""

    @field_validator("resource")
    @classmethod
    def _is_urn(cls, pattern: str) -> str:
        if not pattern.startswith("urn:pulumi:") or pattern.count("::") < 2:
            raise ValueError(
                "must be a pattern of whole URNs: urn:pulumi:STACK::PROJECT::TYPE::NAME, with * for anything"
            )
        return pattern

    def fits(self, rule: str, urn: str) -> bool:
        """Whether it exempts this resource from this rule."""
        return rule == self.rule and fnmatchcase(urn, self.resource)

    def concerns(self, stack: str) -> bool:
        """Whether its pattern can fit anything in the stack."""
        return fnmatchcase(f"urn:pulumi:{stack}", self.resource.split("::")[0])


class ExemptionsFile(Configuration):
    """`policies/exemptions.yaml`."""

    exemptions: tuple[Exemption, ...] = ()
    """The exemptions in force. Left out: none."""


@dataclass(frozen=True, slots=True)
class Exemptions:
    """The exemptions in force."""

    entries: tuple[Exemption, ...] = ()
    file: Path | None = None

    def of(self, rule: str, urn: str) -> Exemption | None:
        """The one that fits, if any does."""
        return next((each for each in self.entries if each.fits(rule, urn)), None)

    def check_used(self, stacks: Collection[str], urns: Iterable[str]) -> None:
        """Raises `ConfigurationError` for patterns that fit nothing in the stacks which they concern."""
        known = list(urns)
        for index, each in enumerate(self.entries):
            concerned = any(each.concerns(stack) for stack in stacks)
            if concerned and not any(fnmatchcase(urn, each.resource) for urn in known):
                raise ConfigurationError(
                    f"{self.file}: exemptions.{index}.resource: {each.resource} fits no resource of "
                    f"{', '.join(sorted(stacks))}; correct the pattern, or remove the exemption"
                )


def load_exemptions(path: Path | None, rules: Collection[str], today: date) -> Exemptions:
    """The file's entries; none where there is no file. Raises `ConfigurationError` with line and field."""
    if path is None:
        return Exemptions()
    entries = read_model(path, ExemptionsFile).exemptions
    faults = [fault for index, each in enumerate(entries) for fault in _faults(each, index, rules, today)]
    if faults:
        raise ConfigurationError(
            "\n".join(f"{path}:{_line(path, int(fault.split('.')[1]))}: {fault}" for fault in faults)
        )
    return Exemptions(entries, path)


def _faults(each: Exemption, index: int, rules: Collection[str], today: date) -> list[str]:
    place = f"exemptions.{index}"
    faults: Sequence[tuple[bool, str]] = (
        (each.rule not in rules, f"{place}.rule: there is no rule {each.rule!r}; `modelberth check --explain all`"),
        (each.expires < today, f"{place}.expires: expired on {each.expires}; fix {each.rule}, or ask {each.owner}"),
        (
            each.expires > today + timedelta(days=MAX_DAYS),
            f"{place}.expires: {each.expires} is more than {MAX_DAYS} days ahead; the last day allowed today is "
            f"{today + timedelta(days=MAX_DAYS)}",
        ),
    )
    return [text for wrong, text in faults if wrong]


def _line(path: Path, index: int) -> int:
    import yaml

    from modelberth_policies.configuration import line_of

    return line_of(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader), ("exemptions", index))
