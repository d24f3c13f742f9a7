"""IAM policy documents, read for rules: statements that allow, whom and what they allow, and under which condition."""

from collections.abc import Iterator, Mapping

from modelberth_policies.resources import GAP
from modelberth_policies.subject import Subject, Undeterminable


def statements_in(document: Subject, effect: str = "Allow") -> Iterator[Subject]:
    """The statements of a policy document with this effect; a document without `Statement` has none."""
    for statement in document.each("Statement"):
        if statement.value("Effect") == effect:
            yield statement


def texts(statement: Subject, key: str) -> list[str]:
    """What a statement says under `Action`, `Resource` or the like, one text or several, as a list.

    An unknown part of a text is a gap (`resources.GAP`), so that `*` can be told from an address that is still unknown.
    """
    single = statement.text(key)
    return [single] if single else [each.text("") for each in statement.each(key)]


def actions_of(statement: Subject) -> list[str]:
    """Its actions in lower case, as IAM compares them. Raises `Undeterminable` for one of which nothing is known."""
    found = texts(statement, "Action")
    if GAP in found:
        raise Undeterminable(f"{statement.path}.Action")
    return [action.lower() for action in found]


def is_any(text: str) -> bool:
    """Whether it stands for everything: `*`, `**`, `*:*`."""
    return "*" in text and not text.strip("*?:")


def names_everyone(statement: Subject) -> bool:
    """Whether the principal is `*`, alone or as an AWS account."""
    return "*" in texts(statement, "Principal") or "*" in texts(statement.at("Principal"), "AWS")


def is_everyone(statement: Subject) -> bool:
    """Whether a statement that allows is for everyone: its principal is `*`, or it says only who is left out."""
    return names_everyone(statement) or statement.present("NotPrincipal")


def conditions(statement: Subject) -> Iterator[tuple[str, str, list[str]]]:
    """Its conditions, all of which must hold: operator and key in lower case, and the values as texts."""
    block = statement.at("Condition")
    for operator, keys in _items(block):
        for key, values in _items(keys):
            yield operator.lower(), key.lower(), _values(values)


def narrowed_by(statement: Subject) -> set[str]:
    """The keys by which its conditions let in only what they name.

    A negation, a condition that holds where the key is missing, and a `*` narrow nothing.
    """
    return {
        key
        for operator, key, values in conditions(statement)
        if operator.removeprefix("foranyvalue:").startswith(("stringequals", "stringlike", "arnequals", "arnlike"))
        and not operator.endswith("ifexists")
        and values
        and not any(map(is_any, values))
    }


def _items(part: Subject) -> Iterator[tuple[str, Subject]]:
    if isinstance(part.whole, Mapping):
        for key, value in part.whole.items():
            yield str(key), Subject(part.resource, part.limits, value, part.path, secret=part.secret)


def _values(part: Subject) -> list[str]:
    single = part.text("")
    return [single] if single else [_value(each) for each in part.each("")] or [_value(part)]


def _value(part: Subject) -> str:
    return part.text("") or str(part.value()).lower()  # `false` without quotes


def named(statement: Subject) -> str:
    """A statement by its name, or by its place where it has none."""
    return statement.show("Sid") if statement.text("Sid") else statement.path
