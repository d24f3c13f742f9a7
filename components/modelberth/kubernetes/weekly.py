"""Times that come again every week, as cron writes them, and the windows between them.

KEDA's cron scaler takes a window to be open where its end comes sooner than its next start
(github.com/kedacore/keda/v2@v2.18.1:pkg/scalers/cron_scaler.go). That is "from then on" only where the entries of a
schedule come in turn, always in the same order; other schedules are refused.
"""

import re
from collections.abc import Iterator, Sequence

WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIELDS = {"minute": (0, 59), "hour": (0, 23), "day of week": (0, 7)}
DAY_MINUTES = 24 * 60
_PART = re.compile(r"(\*|(?P<first>[A-Z0-9]+)(-(?P<last>[A-Z0-9]+))?)(/(?P<step>[1-9][0-9]?))?")


def parse(cron: str) -> frozenset[int]:
    """The minutes of the week, from Sunday 0:00 on, at which a schedule comes.

    Raises `ValueError` for what is no cron, and for a day of the month or a month: no such time comes every week.
    """
    minutes, hours, days = _fields(cron)
    return frozenset(day * DAY_MINUTES + hour * 60 + minute for day in days for hour in hours for minute in minutes)


def normal(cron: str) -> str:
    """The same times as KEDA's parser takes them: Sunday is 0 there, never 7. Raises as `parse`."""
    minutes, hours, days = _fields(cron)
    whole = days == frozenset(range(7))
    return f"{_listed(minutes, 60)} {_listed(hours, 24)} * * {'*' if whole else _listed(days, 7)}"


def _listed(values: frozenset[int], count: int) -> str:
    return "*" if len(values) == count else ",".join(str(value) for value in sorted(values))


def _fields(cron: str) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    fields = cron.split()
    if len(fields) != 5:
        raise ValueError(f"the schedule {cron!r} has {len(fields)} fields; write five: minute, hour, *, *, day of week")
    minute, hour, day, month, weekday = fields
    if (day, month) != ("*", "*"):
        raise ValueError(f"the schedule {cron!r} names a day of the month or a month; windows come weekly, write *")
    days = frozenset(value % 7 for value in _values(weekday, "day of week"))
    return _values(minute, "minute"), _values(hour, "hour"), days


def _values(text: str, field: str) -> frozenset[int]:
    return frozenset(value for part in text.upper().split(",") for value in _part(part, field, text))


def _part(part: str, field: str, text: str) -> Iterator[int]:
    match, (low, high) = _PART.fullmatch(part), FIELDS[field]
    if match is None:
        raise _wrong(text, field)
    first, last, step = match["first"], match["last"], int(match["step"] or 1)
    if first is None:
        return iter(range(low, high + 1, step)) if high != 7 else iter(range(0, 7, step))
    start = _number(first, field, text)
    end = start if last is None else _number(last, field, text)
    if end < start or (step != 1 and last is None):
        raise _wrong(text, field)
    return iter(range(start, end + 1, step))


def _number(word: str, field: str, text: str) -> int:
    low, high = FIELDS[field]
    if field == "day of week" and word in WEEKDAYS:
        return WEEKDAYS.index(word)
    if not word.isascii() or not word.isdigit() or not low <= int(word) <= high:
        raise _wrong(text, field)
    return int(word)


def _wrong(text: str, field: str) -> ValueError:
    low, high = FIELDS[field]
    named = " or SUN to SAT" if field == "day of week" else ""
    allowed = f"{low} to {high}{named}, *, ranges a-b, steps */n, and lists of these"
    return ValueError(f"{field} is {text!r}; allowed are {allowed}")


def in_turn(crons: Sequence[str]) -> list[int] | None:
    """The order in which entries come, round and round, as their indexes. None where there is no such order.

    There is none without entries, where two come at once, or one comes twice before another. Raises as `parse`.
    """
    times = sorted((minute, index) for index, cron in enumerate(crons) for minute in parse(cron))
    order = [index for _, index in times[: len(crons)]]
    distinct = len({minute for minute, _ in times}) == len(times) and len(set(order)) == len(crons)
    steady = (
        bool(crons)
        and len(times) % len(crons) == 0
        and all(index == order[place % len(crons)] for place, (_, index) in enumerate(times))
    )
    return order if distinct and steady else None
