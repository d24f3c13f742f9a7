"""What looks like a credential is a Pulumi secret, or nowhere."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth_policies.rule import ANY, Category, Severity, resource_rule
from modelberth_policies.rules.credentials import looks_like_credential
from modelberth_policies.subject import Subject


@resource_rule(
    "plain-config-secret",
    Severity.CRITICAL,
    Category.SECURITY,
    ANY,
    frameworks=("NIST IA-5",),
    why="A plain value is readable in the state file, in every preview and in the log of the pipeline.",
    fix="Give it as a secret (config.require_secret, pulumi.Output.secret), or as a reference to a secret store.",
)
def plain_config_secret(subject: Subject) -> Iterator[str]:
    for path, kind in plain_credentials(subject.whole):
        yield f"has {kind} in plain text at {path}"


def plain_credentials(value: Any, path: str = "", name: str = "") -> Iterator[tuple[str, str]]:
    """Paths of plain texts that look like credentials, and what they look like. What is a `Secret` is passed over."""
    if isinstance(value, str):
        kind = looks_like_credential(name, value)
        if kind is not None:
            yield path, kind
    # `dict` first: nearly all are, and asking `Mapping` of everything in the plan takes longer than the rest.
    elif isinstance(value, (dict, Mapping)):
        stated = value.get("name")
        named = stated if isinstance(stated, str) else None
        for key, item in value.items():
            # In a list of {name, value}, as containers have it, the name says what the value is.
            says = named if key == "value" and named else str(key)
            yield from plain_credentials(item, f"{path}.{key}" if path else str(key), says)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from plain_credentials(item, f"{path}[{index}]", name)


RULES = (plain_config_secret,)
