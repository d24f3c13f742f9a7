"""Amounts as people write them: `200ms`, `10m`, `30d`, `1%`, `100/s`. Each is kept as one number in one unit."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import BeforeValidator, Field

_AMOUNT = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-z%/]*)")

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
PER_SECOND = {"/s": 1.0, "/m": 1 / 60, "/h": 1 / 3600}
SHARE = {"%": 0.01}


def amount(units: dict[str, float], example: str) -> Callable[[object], object]:
    """A reader of `<number><unit>` for a table of units. A bare number passes through: it is in the base unit."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        match = _AMOUNT.fullmatch(value.strip().lower())
        if match is None or match["unit"] not in units:
            raise ValueError(f"not an amount with one of the units {', '.join(units)}; write for example '{example}'")
        return float(match["number"]) * units[match["unit"]]

    return read


Seconds = Annotated[
    float,
    BeforeValidator(amount(SECONDS, "200ms"), json_schema_input_type=str | float),
    Field(ge=0, allow_inf_nan=False),
]
"""A length of time, in seconds: `200ms`, `10m`, `30d`, or a number of seconds."""

PerSecond = Annotated[
    float,
    BeforeValidator(amount(PER_SECOND, "100/s"), json_schema_input_type=str | float),
    Field(gt=0, allow_inf_nan=False),
]
"""A rate, per second: `100/s`, `600/m`, or a number per second."""

Share = Annotated[
    float,
    BeforeValidator(amount(SHARE, "1%"), json_schema_input_type=str | float),
    Field(ge=0, le=1),
]
"""A share between 0 and 1: `1%` is 0.01."""
