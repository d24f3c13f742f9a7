"""IAM policy documents, read for rules: statements that allow, and whom and what they allow."""

from collections.abc import Iterator

from modelberth_policies.subject import Subject


def statements_in(document: Subject, effect: str = "Allow") -> Iterator[Subject]:
    """The statements of a policy document with this effect; a document without `Statement` has none."""
    for statement in document.each("Statement"):
        if statement.text("Effect") == effect:
            yield statement


def texts(statement: Subject, key: str) -> list[str]:
    """What a statement says under `Action`, `Resource` or the like, one text or several, as a list.

    An unknown part of a text is a gap (`resources.GAP`), so that `*` can be told from an address that is still unknown.
    """
    single = statement.text(key)
    return [single] if single else [each.text("") for each in statement.each(key)]


def is_everyone(statement: Subject) -> bool:
    """Whether the principal is `*`, alone or as an AWS account."""
    return "*" in texts(statement, "Principal") or "*" in texts(statement.at("Principal"), "AWS")
