"""HTML elements by function: `tag("p", "a < b", class_="note")`. What is no `Html` yet is text, and gets escaped."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias


class Html(str):
    """Markup. Only `tag` and `raw` make it, so that a text of a program never becomes part of the page's own."""

    __slots__ = ()


Child: TypeAlias = "str | Html | Iterable[str | Html | None] | None"
_EMPTY = frozenset({"input", "meta"})


def raw(markup: str) -> Html:
    """Markup of our own, as it stands."""
    return Html(markup)


def tag(name: str, /, *children: Child, **attributes: str | bool | int | None) -> Html:
    """An element. `class_` is `class`, `data_rule` is `data-rule`; True writes a bare name, False and None nothing."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    body = joined(*children)
    return Html(f"<{name}{written}>{body}" + ("" if name in _EMPTY else f"</{name}>"))


def joined(*children: Child) -> Html:
    """Elements and texts, one after the other."""
    return Html("".join(_child(child) for child in children))


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, str):
        return child if isinstance(child, Html) else escape(child)
    return "".join(_child(each) for each in child)


def _attribute(key: str, value: str | bool | int | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
