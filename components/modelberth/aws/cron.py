"""A point in time that comes again: from the five fields of crontab(5) to the six of AWS.

`aws_cron("30 6 * * 1-5")` is `cron(30 6 ? * MON-FRI *)`. AWS counts weekdays from 1 for Sunday, where cron counts from
0; it has a year; and of day of month and day of week one must be `?`. So weekdays are written by name, and what cannot
be said in AWS's words is refused.
Sources: https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month, at most."""
SUNDAY_AGAIN = 7
PART = re.compile(r"(\*|(?P<first>[A-Z0-9]+)(-(?P<last>[A-Z0-9]+))?)(/(?P<step>[1-9][0-9]{0,3}))?")


@dataclass(frozen=True, slots=True)
class Field:
    """One of the five fields."""

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()
    """Names of the values, from the lowest on."""

    @property
    def all(self) -> frozenset[int]:
        """Every value."""
        return frozenset(range(self.low, self.high + 1))


MINUTE, HOUR, DAY = Field("minute", 0, 59), Field("hour", 0, 23), Field("day of month", 1, 31)
MONTH, WEEKDAY = Field("month", 1, 12, MONTHS), Field("day of week", 0, 6, WEEKDAYS)
FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)


def aws_cron(cron: str) -> str:
    """The schedule in AWS's words. Raises `ValueError` for what is no cron, never comes, or AWS cannot say."""
    fields = cron.split()
    if len(fields) != len(FIELDS):
        names = ", ".join(field.name for field in FIELDS)
        raise ValueError(f"the schedule {cron!r} has {len(fields)} fields; write five: {names}")
    minute, hour, day, month, weekday = (_values(text, field) for text, field in zip(fields, FIELDS, strict=True))
    if fields[2] != "*" and fields[4] != "*":
        # crontab(5) means either of the two; AWS has no such word.
        raise ValueError(
            f"the schedule {cron!r} has a day of month and a day of week; AWS takes one, write two entries"
        )
    if not any(LONGEST[one - 1] >= min(day) for one in month):
        raise ValueError(f"the schedule {cron!r} never comes: no such month has a day {min(day)}")
    by_weekday = fields[4] != "*"
    days = "?" if by_weekday else _written(day, DAY)
    weekdays = _written(weekday, WEEKDAY) if by_weekday else "?"
    return f"cron({_written(minute, MINUTE)} {_written(hour, HOUR)} {days} {_written(month, MONTH)} {weekdays} *)"


def _values(text: str, field: Field) -> frozenset[int]:
    return frozenset(value for part in text.split(",") for value in _part(part.upper(), field, text))


def _part(part: str, field: Field, text: str) -> Iterator[int]:
    match = PART.fullmatch(part)
    if match is None:
        raise _wrong(text, field)
    first, last, step = match["first"], match["last"], match["step"]
    if first is None:
        return iter(range(field.low, field.high + 1, int(step or 1)))
    if step is not None and last is None:
        raise _wrong(text, field)
    start = _number(first, field, text)
    end = start if last is None else _number(last, field, text)
    if end < start:
        raise ValueError(f"{field.name} is {text!r}, and {part.lower()} ends before it begins; write two ranges")
    return (_week(value, field) for value in range(start, end + 1, int(step or 1)))


def _number(word: str, field: Field, text: str) -> int:
    if word in field.words:
        return field.words.index(word) + field.low
    if not word.isdigit() or not field.low <= int(word) <= _highest(field):
        raise _wrong(text, field)
    return int(word)


def _highest(field: Field) -> int:
    return SUNDAY_AGAIN if field is WEEKDAY else field.high


def _week(value: int, field: Field) -> int:
    """Cron knows Sunday as 0 and as 7."""
    return value % SUNDAY_AGAIN if field is WEEKDAY else value


def _wrong(text: str, field: Field) -> ValueError:
    names = f" or {field.words[0]} to {field.words[-1]}" if field.words else ""
    allowed = f"{field.low} to {_highest(field)}{names}"
    return ValueError(f"{field.name} is {text!r}; allowed are {allowed}, *, ranges a-b, steps */n, and lists of these")


def _written(values: frozenset[int], field: Field) -> str:
    """`*`, or runs and single values: `0,15,30,45`, `MON-FRI`."""
    return "*" if values == field.all else ",".join(_runs(sorted(values), field))


def _runs(values: list[int], field: Field) -> Iterator[str]:
    start = previous = values[0]
    for value in [*values[1:], None]:
        if value == previous + 1:
            previous = value
            continue
        yield _run(start, previous, field)
        start = previous = value if value is not None else previous


def _run(start: int, end: int, field: Field) -> str:
    # Weekdays by name: the numbers of AWS are others. Months need no names.
    first, last = (WEEKDAYS[value] if field is WEEKDAY else str(value) for value in (start, end))
    return first if start == end else f"{first}-{last}"
