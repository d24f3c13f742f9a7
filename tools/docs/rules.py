"""The generated page of rules: what each asks, of what, and why."""

from collections.abc import Iterator

from docs.pages import HEAD, table
from modelberth_policies.rule import Rule
from modelberth_policies.rules import ALL


def rules() -> str:
    """Every rule, under the folder and file that hold it."""
    places: dict[str, list[Rule]] = {}
    for rule in ALL:
        places.setdefault(rule.check.__module__.removeprefix("modelberth_policies.rules."), []).append(rule)
    severities = ", ".join(
        f"{sum(rule.severity is severity for rule in ALL)} {severity.name.lower()}"
        for severity in sorted({rule.severity for rule in ALL}, reverse=True)
    )
    return (
        f"{HEAD}# Rules\n\n{len(ALL)} rules: {severities}. What they hold against a stack, and where they stop it: "
        "[check a pull request](../how-to/check-a-pull-request.md). One of your own: "
        "[write your own rule](../how-to/write-your-own-rule.md). Asked elsewhere: checks of other tools with the same "
        "question, by their ids.\n\n" + "\n".join(_section(place, found) for place, found in sorted(places.items()))
    )


def _section(place: str, found: list[Rule]) -> str:
    path = f"policies/modelberth_policies/rules/{place.replace('.', '/')}.py"
    return f"## [{place}](../../{path})\n\n" + "\n".join("\n".join(_lines(rule)) + "\n" for rule in found)


def _lines(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}\n"
    asked = ", ".join(f"`{type_}`" for type_ in rule.types[:8]) or "the stack"
    more = f" and {len(rule.types) - 8} more" if len(rule.types) > 8 else ""
    yield table(
        ["severity", "protects", "controls", "asked elsewhere"],
        [
            [
                rule.severity.name.lower(),
                rule.category.name.lower().replace("_", " "),
                ", ".join(rule.frameworks) or "none",
                ", ".join(rule.anchors) or "nowhere",
            ]
        ],
    )
    yield f"{rule.why} {rule.fix}\n"
    yield f"Asked of {asked}{more}."
