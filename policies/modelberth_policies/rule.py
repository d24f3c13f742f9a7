"""What a rule is: a function of one resource, of one resource within its stack, or of a stack, and what it is for.

    @resource_rule(
        "kms-rotation", Severity.MEDIUM, Category.SECURITY, "aws:kms/key:Key",
        why="A key that never changes is worth stealing.", fix="Set enable_key_rotation.",
    )
    def kms_rotation(key: Subject) -> Iterator[str]:
        if key.value("enableKeyRotation") is not True:
            yield "does not rotate"

A rule yields half a sentence for each thing that is wrong, to be read after the resource's name (`signer does not
rotate`). What it reads and cannot know ends it: the evaluation then says that it is undeterminable.
Standard library only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any, Literal, Required, TypeAlias, TypedDict, Unpack

from modelberth_policies.subject import Limits, Stack, Subject


class Severity(IntEnum):
    """How much harm it does where the rule is broken."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Category(Enum):
    """What a rule protects. The cost pack runs `COST`, the security pack all others."""

    SECURITY = "SEC"
    SUPPLY_CHAIN = "SUPPLY"
    PRIVACY = "PRIV"
    RELIABILITY = "REL"
    GOVERNANCE = "GOV"
    COST = "COST"


class Level(Enum):
    """What happens where a rule is broken."""

    DISABLED = "disabled"
    ADVISORY = "advisory"
    """It is reported."""
    MANDATORY = "mandatory"
    """It is reported, and the check, or the preview, fails."""


Scope: TypeAlias = Literal["resource", "graph", "stack"]
ANY = "*"
"""In place of a type: every resource that a provider manages."""

ResourceCheck: TypeAlias = Callable[[Subject], Iterable[str]]
GraphCheck: TypeAlias = Callable[[Subject, Stack], Iterable[str]]
StackCheck: TypeAlias = Callable[[Stack], Iterable[tuple[Subject | None, str]]]
Split: TypeAlias = Callable[[Subject], Iterable[Subject]]


class About(TypedDict, total=False):
    """What a rule says of itself, beside its id, severity, category and types."""

    why: Required[str]
    """One line: what goes wrong without it."""
    fix: Required[str]
    """One line: what to write."""
    frameworks: tuple[str, ...]
    """Controls that it serves: `NIST SC-28`, `GDPR 32`."""
    anchors: tuple[str, ...]
    """Checks of other tools that ask the same, by their ids."""
    over: str | Split
    """What the rule asks one by one, so that one unknown hides nothing of the others: a path to a list (`containers`),
    or a function that splits the resource. The rule gets the part in place of the resource."""
    applies: Callable[[Limits], bool]
    """Whether the environment wants the rule at all. Left out: every environment does."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, as the decorators below make it; its fields are those of `About`."""

    id: str
    severity: Severity
    category: Category
    types: tuple[str, ...]
    """Types of the resources that it is asked of, as Pulumi writes them, or `ANY`. None for a rule of the stack."""
    scope: Scope
    check: Callable[..., Any]
    why: str
    fix: str
    frameworks: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    over: str | Split | None = None
    applies: Callable[[Limits], bool] | None = None


def resource_rule(
    id: str,
    severity: Severity,
    category: Category,
    *types: str,
    **about: Unpack[About],
) -> Callable[[ResourceCheck], Rule]:
    """A rule on each resource of `types` by itself: on the engine it runs before the resource is made."""
    return lambda check: Rule(id, severity, category, types, "resource", check, **about)


def graph_rule(
    id: str,
    severity: Severity,
    category: Category,
    *types: str,
    **about: Unpack[About],
) -> Callable[[GraphCheck], Rule]:
    """A rule on each resource of `types` that looks at others too: on the engine it runs once all are known."""
    return lambda check: Rule(id, severity, category, types, "graph", check, **about)


def stack_rule(
    id: str,
    severity: Severity,
    category: Category,
    **about: Unpack[About],
) -> Callable[[StackCheck], Rule]:
    """A rule on the stack as a whole: it yields the resource at fault, or None for the stack, and what is wrong."""
    return lambda check: Rule(id, severity, category, (), "stack", check, **about)


def parts_of(rule: Rule, subject: Subject) -> Iterator[Subject]:
    """What the rule is asked of: the resource itself, or its parts."""
    if rule.over is None:
        yield subject
    elif isinstance(rule.over, str):
        yield from subject.each(rule.over)
    else:
        yield from rule.over(subject)


def by_type(rules: Iterable[Rule]) -> Mapping[str, tuple[Rule, ...]]:
    """Type → the rules that are asked of it. Rules of the stack are not in it."""
    index: dict[str, list[Rule]] = {}
    for rule in rules:
        for type_ in rule.types:
            index.setdefault(type_, []).append(rule)
    return {type_: tuple(found) for type_, found in index.items()}
