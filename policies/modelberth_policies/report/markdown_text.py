"""Any text as Markdown of GitHub's kind that shows just this text, also inside a table."""

import re
from collections.abc import Iterable, Sequence

# An underscore inside a word is none.
_MARKS = re.compile(r"([\\`*\[\]<>|~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_LONGEST_CELL = 1_000


def escaped(text: str) -> str:
    """As plain text: nothing in it is a mark, an element or a new line, and nobody is notified."""
    shown = " ".join(text.split())
    if len(shown) > _LONGEST_CELL:
        shown = shown[: _LONGEST_CELL - 1] + "…"
    # A character without width takes the @ from the name; GitHub knows no other way to not mention.
    return _MENTION.sub("@\u200b", _MARKS.sub(r"\\\1", shown))


def code(text: str) -> str:
    """As code; as plain text where code cannot show it."""
    return escaped(text) if not text or set(text) & set("`|\\\n") else f"`{text}`"


def table(head: Sequence[str], body: Iterable[Sequence[str]], *, right: bool = False) -> str:
    """A table of finished cells; with `right`, all columns but the first are aligned to the right."""
    rules = [":--", *("--:" if right else ":--" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rules, *body))
