"""CloudWatch's metric math over single values, as far as our expressions go: what a test puts in, and what comes out.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import math


class _Value(float):
    """A measurement; divided by zero it is no data."""

    def __truediv__(self, other):
        return _Value(math.nan if other == 0 else float(self) / other)


def evaluate(expression, measured):
    """The value of an expression; unknown words and functions raise `NameError`."""
    for word in ("AND", "OR"):
        expression = expression.replace(f" {word} ", f" {word.lower()} ")
    functions = {"IF": lambda condition, yes, no: yes if condition else no, "MAX": max}
    words = {word: _Value(value) for word, value in measured.items()}
    return eval(expression, {"__builtins__": {}}, {**functions, **words})
