"""When a schedule comes, in the words of EventBridge Scheduler: `cron(30 2 * * ? *)`, `rate(6 hours)`.

Fields, values and wildcards: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. The library's
other schedules are crontabs (`modelberth.aws.cron`); this one is native, because a rate and the last Friday of a month
have no words there.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from modelberth.aws.cron import MONTHS, WEEKDAYS, aws_cron

DAY_SECONDS = 86400
UNITS = {"minute": 60, "hour": 3600, "day": DAY_SECONDS}
MONTHLY_SHORTEST = 26 * DAY_SECONDS
"""What comes once a month comes 27 days after the last time at the earliest, and at another time of the day."""
BEGIN, DAYS = date(2024, 1, 1), 8 * 365 + 2
"""Eight years with two leap days stand for all: every month, every weekday, and 29 February twice."""

_RATE = re.compile(r"rate\((\d{1,6}) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\((.+)\)")
_PART = re.compile(r"(\*|(?P<first>[A-Z0-9]+)(-(?P<last>[A-Z0-9]+))?)(/(?P<step>[1-9]\d{0,2}))?")
_MONTHLY = re.compile(r"L|LW|([1-9]|[12]\d|3[01])W")
"""The last day of a month, its last weekday, the weekday nearest to a day."""
_MONTHLY_WEEKDAY = re.compile(r"([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])")
"""The last such day of a month, the nth such day of it."""


class Gaps(NamedTuple):
    """How far one start is from the next, in seconds."""

    shortest: float
    longest: float
    """Infinite: it ends with a year, or comes on such a day as the last Friday of a month."""


@dataclass(frozen=True, slots=True)
class Field:
    """One of the six fields."""

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()
    """Names of the values, from the lowest on."""
    more: str = ""
    """What else may stand there, for a message."""


MINUTE, HOUR = Field("minute", 0, 59), Field("hour", 0, 23)
DAY = Field("day of month", 1, 31, more=", ?, L, LW, 1W to 31W")
MONTH = Field("month", 1, 12, MONTHS)
WEEKDAY = Field("day of week", 1, 7, WEEKDAYS, more=", ?, L, 1L to 7L, 1#1 to 7#5")
YEAR = Field("year", 1970, 2199)
FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY, YEAR)


def gaps(expression: str) -> Gaps:
    """How far the starts are from one another, by the clock on the wall. Raises `ValueError` for no schedule."""
    if expression.startswith("rate("):
        seconds = _rate(expression)
        return Gaps(seconds, seconds)
    if expression.startswith("at("):
        raise ValueError(f"{expression!r} comes once; write cron(…) or rate(…)")
    match = _CRON.fullmatch(expression)
    if match is None:
        raise ValueError(f"{expression!r} is neither cron(…) nor rate(…); write {_instead(expression)}")
    return _cron(expression, match[1].split())


def _instead(expression: str) -> str:
    """A crontab in AWS's words, or an example."""
    try:
        return aws_cron(expression)
    except ValueError:
        return "for example cron(30 2 * * ? *)"


def _rate(expression: str) -> int:
    match = _RATE.fullmatch(expression)
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{expression!r} is no rate; write for example rate(6 hours): minutes, hours or days")
    number, unit = int(match[1]), match[2]
    if (number == 1) == bool(match[3]):
        raise ValueError(f"{expression!r} is no rate; write rate({number} {unit}{'' if number == 1 else 's'})")
    return number * UNITS[unit]


def _cron(expression: str, fields: list[str]) -> Gaps:
    if len(fields) != len(FIELDS):
        names = ", ".join(field.name for field in FIELDS)
        raise ValueError(f"{expression!r} has {len(fields)} fields; write six: {names}")
    day, weekday = fields[2], fields[4]
    if (day == "?") == (weekday == "?"):
        raise ValueError(f"{expression!r}: of day of month and day of week exactly one is ?; write ? for one of them")
    minutes, hours, months, years = (_values(fields[at], FIELDS[at]) for at in (0, 1, 3, 5))
    times = sorted(3600 * hour + 60 * minute for hour in hours for minute in minutes)
    if _MONTHLY.fullmatch(day) or _MONTHLY_WEEKDAY.fullmatch(weekday):
        return Gaps(min([MONTHLY_SHORTEST, *_steps(times)]), math.inf)
    days = list(_days(_values(day, DAY), months, _values(weekday, WEEKDAY)))
    if len(days) < 2:
        raise ValueError(f"{expression!r} never comes: no such month has such a day")
    overnight = times[0] - times[-1]
    apart = [*_steps(times), *(DAY_SECONDS * days_apart + overnight for days_apart in _steps(days))]
    return Gaps(min(apart), max(apart) if len(years) == YEAR.high - YEAR.low + 1 else math.inf)


def _steps(values: list[int]) -> list[int]:
    return [after - before for before, after in pairwise(values)]


def _days(days: frozenset[int], months: frozenset[int], weekdays: frozenset[int]) -> Iterator[int]:
    """The days on which it comes, counted from the first of all."""
    for offset in range(DAYS):
        day = BEGIN + timedelta(offset)
        # AWS counts weekdays from 1 for Sunday.
        if day.month in months and day.day in days and day.isoweekday() % 7 + 1 in weekdays:
            yield offset


def _values(text: str, field: Field) -> frozenset[int]:
    if text == "?" and field in (DAY, WEEKDAY):
        return frozenset(range(field.low, field.high + 1))
    if text == "L" and field is WEEKDAY:
        return frozenset({WEEKDAY.high})
    return frozenset(value for part in text.split(",") for value in _part(part, text, field))


def _part(part: str, text: str, field: Field) -> range:
    match = _PART.fullmatch(part)
    if match is None:
        raise _wrong(text, field)
    step = int(match["step"] or 1)
    if match["first"] is None:
        return range(field.low, field.high + 1, step)
    first = _number(match["first"], text, field)
    last = first if match["last"] is None else _number(match["last"], text, field)
    if last < first:
        raise ValueError(f"{field.name} is {text!r}, and {part} ends before it begins; write two ranges")
    return range(first, (field.high if match["step"] and match["last"] is None else last) + 1, step)


def _number(word: str, text: str, field: Field) -> int:
    if word in field.words:
        return field.words.index(word) + field.low
    if not word.isdigit() or not field.low <= int(word) <= field.high:
        raise _wrong(text, field)
    return int(word)


def _wrong(text: str, field: Field) -> ValueError:
    names = f" or {field.words[0]} to {field.words[-1]}" if field.words else ""
    allowed = f"{field.low} to {field.high}{names}, *, ranges a-b, steps a/n, and lists of these{field.more}"
    return ValueError(f"{field.name} is {text!r}; allowed are {allowed}")
