"""A small, strict reader of Velocity: as much as our mapping templates use, and an error for anything else.

It knows `#set`, `#if` to `#end`, `==`, `!=`, `&&`, `||`, `$name`, `$input.path('$.x')`, `$input.json('$.x')` and
overrides, which may be set once per request, as on API Gateway.
"""

import json
import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"#(?P<word>set|if|elseif|else|end)\b"
    r"|\$input\.(?P<call>path|json)\('\$\.(?P<key>\w+)'\)"
    r"|\$(?P<name>\w+)"
    r"|(?P<bad>[#$])"
)
OVERRIDE = re.compile(r'\$context\.(requestOverride|responseOverride)\.(?P<what>status|header\["(?P<key>[^"]+)"\])')


@dataclass
class Rendered:
    """What a template makes of a body."""

    text: str = ""
    headers: dict = field(default_factory=dict)
    status: int | None = None

    @property
    def body(self):
        return json.loads(self.text)


class Reader:
    def __init__(self, template, body):
        self.template, self.body = template, body
        self.at, self.names, self.out = 0, {}, Rendered()

    def value(self, text):
        text = text.strip()
        if text.startswith('"'):
            assert text.endswith('"') and "$" not in text, text
            return text[1:-1]
        if re.fullmatch(r"\d+", text):
            return int(text)
        match = TOKEN.fullmatch(text)
        assert match is not None and match["bad"] is None and match["word"] is None, f"not known: {text}"
        return self.reference(match)

    def reference(self, match):
        if match["call"] is None:
            return self.names[match["name"]]
        found = self.body.get(match["key"])
        # A missing field is the empty string as JSON, and nothing as an object.
        return found if match["call"] == "path" else json.dumps("" if found is None else found)

    def holds(self, condition):
        return any(all(self.compared(part) for part in side.split("&&")) for side in condition.split("||"))

    def compared(self, part):
        for sign in ("==", "!="):
            if sign in part:
                left, right = part.split(sign)
                return (self.value(left) == self.value(right)) == (sign == "==")
        return bool(self.value(part))

    def render(self):
        self.block(True)
        assert self.at == len(self.template), self.template[self.at :]
        return self.out

    def block(self, active):
        """Up to the end of the text or to `#elseif`, `#else`, `#end`, which is given back."""
        while True:
            match = TOKEN.search(self.template, self.at)
            self.write(self.template[self.at : match.start() if match else len(self.template)], active)
            if match is None:
                self.at = len(self.template)
                return None
            self.at = match.end()
            assert match["bad"] is None, f"not known: {self.template[match.start() : match.start() + 40]}"
            if match["word"] is None:
                self.write(self.shown(match) if active else "", active)
            elif match["word"] == "set":
                self.assign(active)
            elif match["word"] == "if":
                self.branches(active)
            else:
                return match["word"]

    def shown(self, match):
        value = self.reference(match)
        assert isinstance(value, str), f"{match[0]} would be written as Java writes it"
        return value

    def write(self, text, active):
        self.out.text += text if active else ""

    def parenthesis(self):
        end, depth = self.at, 0
        while True:
            depth += {"(": 1, ")": -1}.get(self.template[end], 0)
            end += 1
            if depth == 0:
                break
        text, self.at = self.template[self.at + 1 : end - 1], end
        return text

    def branches(self, active):
        chosen, word = False, "if"
        while word != "end":
            takes = not chosen and (word == "else" or (self.holds(self.parenthesis()) if active else self.skip()))
            if word != "else" and chosen:
                self.parenthesis()
            chosen = chosen or takes
            word = self.block(active and takes)
            assert word is not None, "an #if without #end"

    def skip(self):
        self.parenthesis()
        return False

    def assign(self, active):
        left, right = self.parenthesis().split(" = ", 1)
        if not active:
            return
        match = OVERRIDE.fullmatch(left)
        if match is None:
            assert re.fullmatch(r"\$\w+", left), left
            self.names[left[1:]] = self.value(right)
        elif match["what"] == "status":
            assert self.out.status is None, "an override may be set once"
            self.out.status = self.value(right)
        else:
            assert match["key"] not in self.out.headers, "an override may be set once"
            self.out.headers[match["key"]] = self.value(right)


def render(template, body):
    """What API Gateway makes of a template and a JSON object."""
    return Reader(template, body).render()
